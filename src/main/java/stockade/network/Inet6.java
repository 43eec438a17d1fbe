package stockade.network;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;

/**
 * An IPv6 address of one host.
 *
 * @param high its first eight bytes
 * @param low  its last eight bytes
 */
public record Inet6(long high, long low) implements Inet {
    private static final int GROUPS = 8;

    /** @throws IllegalArgumentException if it is not what inet_pton(3) takes, or not one host's address */
    public static Inet6 parse(String text) {
        int gap = text.indexOf("::");
        var head = groups(gap < 0 ? text : text.substring(0, gap), text);
        var tail = gap < 0 ? List.<Integer>of() : groups(text.substring(gap + 2), text);
        int given = head.size() + tail.size();
        if (gap < 0 ? given != GROUPS : given >= GROUPS || text.indexOf("::", gap + 1) >= 0) {
            throw invalid(text);
        }
        var buffer = ByteBuffer.allocate(16);
        head.forEach(group -> buffer.putShort((short) (int) group));
        buffer.position(16 - tail.size() * 2);
        tail.forEach(group -> buffer.putShort((short) (int) group));
        buffer.flip();
        var address = new Inet6(buffer.getLong(), buffer.getLong());
        if (address.high == 0 && (address.low >= 0 && address.low <= 1 || address.low >>> 32 == 0xffff)
                || address.high >>> 56 == 0xff) {
            throw new IllegalArgumentException("not the address of one host: " + text);
        }
        return address;
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException("not an IPv6 address: " + text);
    }

    /** The 16-bit groups of a part without a gap; its last 32 bits may be an IPv4 address. */
    private static List<Integer> groups(String part, String text) {
        var groups = new ArrayList<Integer>();
        if (part.isEmpty()) {
            return groups;
        }
        var words = Bytes.split(part, ':');
        for (int i = 0; i < words.size(); i++) {
            var word = words.get(i);
            if (i == words.size() - 1 && word.indexOf('.') >= 0) {
                int bits = dotted(word, text);
                groups.add(bits >>> 16);
                groups.add(bits & 0xffff);
            } else {
                groups.add(hexadecimal(word, text));
            }
        }
        return groups;
    }

    private static int dotted(String word, String text) {
        try {
            return Inet4.parseBits(word);
        } catch (IllegalArgumentException e) {
            throw invalid(text);
        }
    }

    private static int hexadecimal(String word, String text) {
        int value = 0;
        for (int i = 0; i < word.length(); i++) {
            int digit = "0123456789abcdef".indexOf(Bytes.lowerCase(word).charAt(i));
            value = digit < 0 ? 1 << 20 : value << 4 | digit;
        }
        if (word.isEmpty() || word.length() > 4 || value > 0xffff) {
            throw invalid(text);
        }
        return value;
    }

    @Override
    public byte[] bytes() {
        return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    @Override
    public byte[] mapped() {
        return bytes();
    }

    @Override
    public byte family() {
        return 10;
    }

    /** As RFC 5952 has it: lower case, no leading zeros, the longest run of two or more zero groups left out. */
    @Override
    public String toString() {
        var groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (int) ((i < 4 ? high : low) >>> 48 - i % 4 * 16) & 0xffff;
        }
        int from = GROUPS;
        int length = 1;
        for (int i = 0; i < GROUPS; i++) {
            int n = 0;
            while (i + n < GROUPS && groups[i + n] == 0) {
                n++;
            }
            if (n > length) {
                from = i;
                length = n;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == from) {
                text.append("::");
                i += length - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
