package stockade.network;

import java.nio.ByteBuffer;

/** An internet address of one host. */
public sealed interface Inet permits Inet4, Inet6 {
    /** Its bytes in network order, 4 or 16. */
    byte[] bytes();

    /** The 16 bytes that it has as an IPv6 address; an IPv4 address is mapped, ::ffff:a.b.c.d. */
    byte[] mapped();

    /** How many bits it has: 32 or 128, which is also the prefix length of a network of it alone. */
    default int size() {
        return bytes().length * 8;
    }

    /** The address family, AF_INET or AF_INET6. */
    byte family();

    /** @param bytes 4 or 16, in network order */
    static Inet of(byte[] bytes) {
        var buffer = ByteBuffer.wrap(bytes);
        return bytes.length == 4 ? new Inet4(buffer.getInt()) : new Inet6(buffer.getLong(), buffer.getLong());
    }

    /** @throws IllegalArgumentException if it is neither an IPv4 nor an IPv6 address of one host */
    static Inet parse(String text) {
        return text.indexOf(':') >= 0 ? Inet6.parse(text) : Inet4.parse(text);
    }
}
