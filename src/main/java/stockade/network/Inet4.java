package stockade.network;

import java.nio.ByteBuffer;

/**
 * An IPv4 address of one host.
 *
 * @param bits its first byte in the highest bits
 */
public record Inet4(int bits) implements Inet {
    /** @throws IllegalArgumentException if it is not four decimal numbers (inet_pton(3)), or not one host's address */
    public static Inet4 parse(String text) {
        int bits = parseBits(text);
        int first = bits >>> 24;
        if (first == 0 || first >= 224) {
            throw new IllegalArgumentException("not the address of one host: " + text);
        }
        return new Inet4(bits);
    }

    /** Any address, whomever's it is. */
    static int parseBits(String text) {
        int bits = 0;
        int from = 0;
        for (int i = 0; i < 4; i++) {
            int dot = i < 3 ? text.indexOf('.', from) : text.length();
            bits = bits << 8 | parseByte(text, from, dot);
            from = dot + 1;
        }
        return bits;
    }

    private static int parseByte(String text, int from, int to) {
        int value = to <= from || to - from > 3 || to - from > 1 && text.charAt(from) == '0' ? 256 : 0;
        for (int i = from; i < to && value < 256; i++) {
            char c = text.charAt(i);
            value = c >= '0' && c <= '9' ? value * 10 + c - '0' : 256;
        }
        if (value > 255) {
            throw new IllegalArgumentException("not an IPv4 address: " + text);
        }
        return value;
    }

    @Override
    public int size() {
        return 32;
    }

    @Override
    public byte[] bytes() {
        return ByteBuffer.allocate(4).putInt(bits).array();
    }

    @Override
    public byte[] mapped() {
        return ByteBuffer.allocate(16).putLong(0).putInt(0xffff).putInt(bits).array();
    }

    @Override
    public byte family() {
        return 2;
    }

    @Override
    public String toString() {
        return new StringBuilder("255.255.255.255".length()).append(bits >>> 24).append('.').append(bits >>> 16 & 255).append('.')
                .append(bits >>> 8 & 255).append('.').append(bits & 255).toString();
    }
}
