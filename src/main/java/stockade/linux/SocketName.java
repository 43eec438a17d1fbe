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
        int family = family(sockaddr);
        boolean ip4 = family == InetSocket.AF_INET && isLongEnough(sockaddr, family);
        boolean ip6 = family == InetSocket.AF_INET6 && isLongEnough(sockaddr, family);
        if (!ip4 && !ip6) {
            return Optional.empty();
        }
        return Optional.of(new SocketName(ip4 ? Arrays.copyOfRange(sockaddr, 4, 8) : Arrays.copyOfRange(sockaddr, 8, 24),
                port(sockaddr)));
    }

    /** Whether a sockaddr is long enough for a socket of a family. */
    public static boolean isLongEnough(byte[] sockaddr, int family) {
        return sockaddr.length >= (family == InetSocket.AF_INET ? IP4_SIZE : 24); // SIN6_LEN_RFC2133
    }

    /** As bind(2) of an AF_INET socket reads a sockaddr: AF_UNSPEC with the wildcard is AF_INET (__inet_bind, net/ipv4/af_inet.c). */
    public static byte[] asIp4(byte[] sockaddr) {
        if (family(sockaddr) != 0 || sockaddr.length < IP4_SIZE || (sockaddr[4] | sockaddr[5] | sockaddr[6] | sockaddr[7]) != 0) {
            return sockaddr;
        }
        var read = Arrays.copyOf(sockaddr, sockaddr.length);
        read[0] = InetSocket.AF_INET;
        return read;
    }

    /** The port of a sockaddr of the internet, whatever its family says; 0 if it has no place for one. */
    public static int port(byte[] sockaddr) {
        return sockaddr.length < 4 ? 0 : (sockaddr[2] & 0xff) << 8 | sockaddr[3] & 0xff;
    }

    /** The family of a sockaddr, or -1 if it has none. */
    public static int family(byte[] sockaddr) {
        return sockaddr.length < 2 ? -1 : sockaddr[0] & 0xff | (sockaddr[1] & 0xff) << 8;
    }

    /** A sockaddr of the internet with another port. */
    public static byte[] withPort(byte[] sockaddr, int port) {
        var other = Arrays.copyOf(sockaddr, sockaddr.length);
        other[2] = (byte) (port >> 8);
        other[3] = (byte) port;
        return other;
    }

    /** Whether it is of IPv4, be it in the mapped form, ::ffff:a.b.c.d. */
    public boolean isIp4() {
        return address.length == 4 || isZero(0, 10) && address[10] == -1 && address[11] == -1;
    }

    /** The address by itself: its 4 bytes if it is of IPv4, in whatever form. */
    public byte[] plainAddress() {
        return isIp4() ? Arrays.copyOfRange(address, address.length - 4, address.length) : address;
    }

    public boolean isWildcard() {
        return isZero(0, address.length);
    }

    /** Whether it is 0.0.0.0 or 127.0.0.1, in whatever form, or :: or ::1. */
    public boolean isWildcardOrLoopback() {
        int last = address.length - 1;
        return isIp4() ? isZero(last - 3, last + 1) || address[last - 3] == 127 && isZero(last - 2, last) && address[last] == 1
                : isZero(0, last) && (address[last] == 0 || address[last] == 1);
    }

    private boolean isZero(int from, int to) {
        for (int i = from; i < to; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The struct sockaddr. */
    public byte[] bytes() {
        try (var formatted = format()) {
            return formatted.getBytes(0, size());
        }
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
