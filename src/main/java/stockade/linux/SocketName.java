package stockade.linux;

import java.util.Arrays;
import java.util.Optional;

/**
 * An address and port of the internet, as struct sockaddr_in and sockaddr_in6 have them.
 *
 * @param address 4 or 16 bytes, in network order
 */
public record SocketName(byte[] address, int port) {
    private static final int IP4_SIZE = 16;
    private static final int IP6_SIZE = 28;

    /** Reads a sockaddr; empty if it is of another family, or too short. */
    public static Optional<SocketName> parse(byte[] sockaddr) {
        int family = sockaddr.length < 2 ? 0 : sockaddr[0] & 0xff | (sockaddr[1] & 0xff) << 8;
        boolean ip4 = family == InetSocket.AF_INET && sockaddr.length >= IP4_SIZE;
        boolean ip6 = family == InetSocket.AF_INET6 && sockaddr.length >= 24; // SIN6_LEN_RFC2133
        if (!ip4 && !ip6) {
            return Optional.empty();
        }
        return Optional.of(new SocketName(ip4 ? Arrays.copyOfRange(sockaddr, 4, 8) : Arrays.copyOfRange(sockaddr, 8, 24),
                (sockaddr[2] & 0xff) << 8 | sockaddr[3] & 0xff));
    }

    public boolean isWildcard() {
        for (byte b : address) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    Memory format() {
        boolean ip4 = address.length == 4;
        var memory = new Memory(ip4 ? IP4_SIZE : IP6_SIZE).putShort(0, ip4 ? InetSocket.AF_INET : InetSocket.AF_INET6)
                .putByte(2, port >> 8).putByte(3, port);
        memory.putBytes(ip4 ? 4 : 8, address, 0, address.length);
        return memory;
    }

    int size() {
        return address.length == 4 ? IP4_SIZE : IP6_SIZE;
    }
}
