package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.Optional;

/** Internet sockets, made for others: results are given as the kernel's errno rather than thrown. */
public final class InetSocket {
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_NONBLOCK = 04000;
    public static final int SOCK_CLOEXEC = 02000000;
    public static final int IPPROTO_TCP = 6;
    public static final int IPPROTO_ICMP = 1;
    public static final int IPPROTO_IGMP = 2;
    public static final int IPPROTO_UDP = 17;
    public static final int IPPROTO_PIM = 103;
    public static final int IPPROTO_ICMPV6 = 58;

    private static final int SOL_IP = 0;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_MULTICAST_LOOP = 19;
    private static final int IPV6_V6ONLY = 26;
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_DOMAIN = 39;
    private static final int SO_COOKIE = 57;
    private static final int SO_NETNS_COOKIE = 71;

    private InetSocket() {
    }

    /** A new socket, or why there is none. */
    public sealed interface Made {
        record Open(Descriptor socket) implements Made {
        }

        record Refused(Errno errno) implements Made {
        }
    }

    /** A socket whose local address is open. */
    public static Made open(int family, int type, int protocol) {
        long fd = Native.call(SystemCall.SOCKET, family, type | SOCK_CLOEXEC, protocol);
        return fd < 0 ? new Made.Refused(Errno.of((int) -fd)) : new Made.Open(new Descriptor(fd));
    }

    /** Has no copies of its multicasts delivered to this host's own sockets. */
    public static void keepMulticastsOut(Descriptor socket, int family) {
        check(family == AF_INET ? set(socket, SOL_IP, IP_MULTICAST_LOOP, 0) : set(socket, SOL_IPV6, IPV6_MULTICAST_LOOP, 0),
                "IP_MULTICAST_LOOP");
    }

    /**
     * An IPv4 socket whose local address is fixed while its port is still open: whatever binds it later by itself
     * (connect, send, listen) takes this address (IP_BIND_ADDRESS_NO_PORT, ip(7), Linux 4.2).
     *
     * @param address IPv4, its first byte in the highest bits
     */
    public static Made openBound(int type, int protocol, int address) {
        var made = open(AF_INET, type, protocol);
        return made instanceof Made.Open(Descriptor socket) ? bindWithoutPort(socket, address) : made;
    }

    /** A raw IPv6 socket that is bound to an address. */
    public static Made openRaw6(int type, int protocol, SocketName name) {
        var made = open(AF_INET6, type, protocol);
        if (made instanceof Made.Open(Descriptor socket)) {
            long result = bind(socket, name);
            if (result < 0) {
                socket.close();
                return new Made.Refused(Errno.of((int) -result));
            }
        }
        return made;
    }

    private static Made bindWithoutPort(Descriptor socket, int address) {
        var name = new SocketName(new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8),
            (byte) address}, 0);
        long bound = set(socket, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
        if (bound == 0) {
            bound = bind(socket, name);
        }
        if (bound == 0) {
            bound = set(socket, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 0);
        }
        if (bound < 0) {
            socket.close();
            return new Made.Refused(Errno.of((int) -bound));
        }
        return new Made.Open(socket);
    }

    /** bind(2), with its result in the kernel's form. */
    public static long bind(Descriptor socket, SocketName to) {
        try (var name = to.format()) {
            return Native.call(SystemCall.BIND, socket.number(), name.address(), to.size());
        }
    }

    /** listen(2), with its result in the kernel's form. */
    public static long listen(Descriptor socket, int backlog) {
        return Native.call(SystemCall.LISTEN, socket.number(), backlog);
    }

    /** What a socket is: its family and type, whether it serves IPv6 alone, its number among all, that of its network. */
    public record Kind(int family, int type, boolean ip6Only, long cookie, long networkCookie) {
    }

    /** The number of this process's network namespace among all (Linux 5.14). */
    public static long networkCookie() {
        try (var socket = new Descriptor(check(Native.call(SystemCall.SOCKET, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                "socket"))) {
            return check(get(socket, SOL_SOCKET, SO_NETNS_COOKIE, 8), "SO_NETNS_COOKIE");
        }
    }

    /** Empty if it is no internet socket. */
    public static Optional<Kind> kind(Descriptor socket) {
        long family = get(socket, SOL_SOCKET, SO_DOMAIN, 4);
        if (family != AF_INET && family != AF_INET6) {
            return Optional.empty();
        }
        return Optional.of(new Kind((int) family, (int) get(socket, SOL_SOCKET, SO_TYPE, 4),
                family == AF_INET6 && get(socket, SOL_IPV6, IPV6_V6ONLY, 4) != 0, get(socket, SOL_SOCKET, SO_COOKIE, 8),
                get(socket, SOL_SOCKET, SO_NETNS_COOKIE, 8)));
    }

    /** The port that a socket is bound to. */
    public static int port(Descriptor socket) {
        try (var name = new Memory(28); var length = new Memory(4).putInt(0, 28)) {
            check(Native.call(SystemCall.GETSOCKNAME, socket.number(), name.address(), length.address()), "getsockname");
            return name.getByte(2) << 8 | name.getByte(3);
        }
    }

    private static long set(Descriptor socket, int level, int option, int number) {
        try (var value = new Memory(4).putInt(0, number)) {
            return Native.call(SystemCall.SETSOCKOPT, socket.number(), level, option, value.address(), 4);
        }
    }

    private static long get(Descriptor socket, int level, int option, int size) {
        try (var value = new Memory(8); var length = new Memory(4).putInt(0, size)) {
            long result = Native.call(SystemCall.GETSOCKOPT, socket.number(), level, option, value.address(),
                    length.address());
            return result < 0 ? result : value.getLong(0);
        }
    }
}
