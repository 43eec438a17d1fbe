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
    private static final int IP_FREEBIND = 15;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IP_LOCAL_PORT_RANGE = 51;
    public static final int SOL_IPV6 = 41;
    private static final int IPV6_MULTICAST_LOOP = 19;
    public static final int IPV6_V6ONLY = 26;
    private static final int SO_TYPE = 3;
    public static final int SOL_SOCKET = 1;
    public static final int SO_REUSEADDR = 2;
    public static final int SO_REUSEPORT = 15;
    private static final int SO_DOMAIN = 39;
    private static final int SO_COOKIE = 57;
    private static final int SO_NETNS_COOKIE = 71;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int TCP_INFO = 11;
    private static final int TCP_CLOSE = 7;

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
     * Fixes a socket's local address while its port is still open: whatever binds it later by itself (connect, send,
     * listen) takes this address (IP_BIND_ADDRESS_NO_PORT, ip(7), Linux 4.2). It can be done again as long as there is no port.
     */
    public static long bindWithoutPort(Descriptor socket, SocketName to) {
        boolean before = bindsWithoutPort(socket);
        long result = setBindsWithoutPort(socket, true);
        if (result == 0) {
            result = bind(socket, to);
            long restored = setBindsWithoutPort(socket, before);
            result = result == 0 ? restored : result;
        }
        return result;
    }

    /** Whether bind(2) to port 0 leaves the port open (IP_BIND_ADDRESS_NO_PORT). */
    public static boolean bindsWithoutPort(Descriptor socket) {
        return get(socket, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 4) != 0;
    }

    public static long setBindsWithoutPort(Descriptor socket, boolean on) {
        return set(socket, SOL_IP, IP_BIND_ADDRESS_NO_PORT, on ? 1 : 0);
    }

    /** Whether it may be bound to an address that the host does not have (IP_FREEBIND). */
    public static boolean bindsToAny(Descriptor socket) {
        return get(socket, SOL_IP, IP_FREEBIND, 4) != 0;
    }

    public static long setBindsToAny(Descriptor socket, boolean on) {
        return set(socket, SOL_IP, IP_FREEBIND, on ? 1 : 0);
    }

    /**
     * Has the kernel find a port for a socket of datagrams that has none, as for the first that it sends (inet_autobind,
     * net/ipv4/af_inet.c, Linux 6.1); there is nothing to send. Unlike with bind(2) the address stays when no port is free, which
     * gives EADDRINUSE.
     */
    public static long findPort(Descriptor socket) {
        Native.call(SystemCall.SENDTO, socket.number(), 0, 0, MSG_DONTWAIT, 0, 0);
        return name(socket).port() == 0 ? -Errno.EADDRINUSE.number() : 0;
    }

    /** Whether a socket of IPv6 serves IPv6 alone; the kernel takes no other value once it has a port. */
    public static long setIp6Only(Descriptor socket, boolean only) {
        return set(socket, SOL_IPV6, IPV6_V6ONLY, only ? 1 : 0);
    }

    /** Whether it may have its port together with others of its user (SO_REUSEPORT). */
    public static boolean sharesPort(Descriptor socket) {
        return get(socket, SOL_SOCKET, SO_REUSEPORT, 4) > 0;
    }

    public static long setSharesPort(Descriptor socket, boolean shares) {
        return set(socket, SOL_SOCKET, SO_REUSEPORT, shares ? 1 : 0);
    }

    /** Whether it may have a port that former connections still have (SO_REUSEADDR). */
    public static boolean reusesAddress(Descriptor socket) {
        return get(socket, SOL_SOCKET, SO_REUSEADDR, 4) > 0;
    }

    public static long setReusesAddress(Descriptor socket, boolean reuses) {
        return set(socket, SOL_SOCKET, SO_REUSEADDR, reuses ? 1 : 0);
    }

    /** Where the kernel looks for a port for a socket, or of 0 and 0 as for others (IP_LOCAL_PORT_RANGE; ENOPROTOOPT before Linux 6.3). */
    public static long setPortRange(Descriptor socket, int first, int last) {
        return set(socket, SOL_IP, IP_LOCAL_PORT_RANGE, last << 16 | first);
    }

    /** connect(2) to a struct sockaddr, with its result in the kernel's form. */
    public static long connect(Descriptor socket, byte[] sockaddr) {
        try (var name = Memory.bytes(sockaddr)) {
            return Native.call(SystemCall.CONNECT, socket.number(), name.address(), sockaddr.length);
        }
    }

    /** connect(2) to nobody, which ends listening too. */
    public static long disconnect(Descriptor socket) {
        return connect(socket, new byte[16]);
    }

    /**
     * Takes the port from a socket that is not connected, unless it was bound to it by its number. The kernel
     * takes it when the state changes (tcp_set_state), so that one of TCP listens for a moment.
     */
    public static void giveUpPort(Descriptor socket, Kind kind) {
        if (kind.type() == SOCK_STREAM) {
            listen(socket, 0);
        }
        disconnect(socket);
    }

    /** Whether a socket has no connection and does not wait for any; one of UDP has none that would not go. */
    public static boolean isUnconnected(Descriptor socket, Kind kind) {
        try (var state = new Memory(8); var length = new Memory(4).putInt(0, 1)) {
            return kind.type() != SOCK_STREAM || Native.call(SystemCall.GETSOCKOPT, socket.number(), IPPROTO_TCP, TCP_INFO,
                    state.address(), length.address()) == 0 && state.getByte(0) == TCP_CLOSE;
        }
    }

    /** bind(2) to a struct sockaddr, with its result in the kernel's form. */
    public static long bind(Descriptor socket, byte[] sockaddr) {
        try (var name = Memory.bytes(sockaddr)) {
            return Native.call(SystemCall.BIND, socket.number(), name.address(), sockaddr.length);
        }
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
        /** Whether it serves IPv4, too, by mapped addresses. */
        public boolean isForBoth() {
            return family == AF_INET6 && !ip6Only;
        }
    }

    /** The number of this process's network namespace among all (Linux 5.14). */
    public static long networkCookie() {
        try (var socket = new Descriptor(check(Native.call(SystemCall.SOCKET, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                "socket"))) {
            return get(socket, SOL_SOCKET, SO_NETNS_COOKIE, 8);
        }
    }

    /** Empty if it is no internet socket. */
    public static Optional<Kind> kind(Descriptor socket) {
        long family = tryToGet(socket, SOL_SOCKET, SO_DOMAIN, 4);
        if (!Errno.ENOTSOCK.is(family) && !Errno.EBADF.is(family)) { // EBADF: open only to be named
            check(family, "getsockopt");
        }
        if (family != AF_INET && family != AF_INET6) {
            return Optional.empty();
        }
        return Optional.of(new Kind((int) family, (int) get(socket, SOL_SOCKET, SO_TYPE, 4),
                family == AF_INET6 && get(socket, SOL_IPV6, IPV6_V6ONLY, 4) != 0, get(socket, SOL_SOCKET, SO_COOKIE, 8),
                get(socket, SOL_SOCKET, SO_NETNS_COOKIE, 8)));
    }

    /** What a socket is bound to. */
    public static SocketName name(Descriptor socket) {
        try (var name = new Memory(28); var length = new Memory(4).putInt(0, 28)) {
            check(Native.call(SystemCall.GETSOCKNAME, socket.number(), name.address(), length.address()), "getsockname");
            return SocketName.parse(name.getBytes(0, length.getInt(0))).orElseThrow();
        }
    }

    private static long set(Descriptor socket, int level, int option, int number) {
        try (var value = new Memory(4).putInt(0, number)) {
            return Native.call(SystemCall.SETSOCKOPT, socket.number(), level, option, value.address(), 4);
        }
    }

    private static long get(Descriptor socket, int level, int option, int size) {
        return check(tryToGet(socket, level, option, size), "getsockopt");
    }

    /** An option, or -errno. */
    private static long tryToGet(Descriptor socket, int level, int option, int size) {
        try (var value = new Memory(8); var length = new Memory(4).putInt(0, size)) {
            long result = Native.call(SystemCall.GETSOCKOPT, socket.number(), level, option, value.address(),
                    length.address());
            return result < 0 ? result : value.getLong(0);
        }
    }
}
