package stockade.network;

import java.nio.ByteBuffer;
import stockade.linux.Bytes;

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
        var parts = Bytes.split(text, '.');
        if (parts.size() != 4) {
            throw new IllegalArgumentException("not an IPv4 address: " + text);
        }
        int bits = 0;
        for (var part : parts) {
            bits = bits << 8 | parseByte(part, text);
        }
        return bits;
    }

    private static int parseByte(String part, String text) {
        int value = 0;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            value = c >= '0' && c <= '9' ? value * 10 + c - '0' : 256;
        }
        if (part.isEmpty() || part.length() > 3 || value > 255 || part.length() > 1 && part.charAt(0) == '0') {
            throw new IllegalArgumentException("not an IPv4 address: " + text);
        }
        return value;
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
        return (bits >>> 24) + "." + (bits >>> 16 & 255) + "." + (bits >>> 8 & 255) + "." + (bits & 255);
    }
}
