package stockade.linux;

import static stockade.linux.KernelException.check;

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
        try (var off = new Memory(4)) {
            check(family == AF_INET
                    ? Native.call(SystemCall.SETSOCKOPT, socket.number(), SOL_IP, IP_MULTICAST_LOOP, off.address(), 4)
                    : Native.call(SystemCall.SETSOCKOPT, socket.number(), SOL_IPV6, IPV6_MULTICAST_LOOP, off.address(), 4),
                    "IP_MULTICAST_LOOP");
        }
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

    private static Made bindWithoutPort(Descriptor socket, int address) {
        long bound = setNoPort(socket, 1);
        if (bound == 0) {
            bound = bind(socket, address);
        }
        if (bound == 0) {
            bound = setNoPort(socket, 0);
        }
        if (bound < 0) {
            socket.close();
            return new Made.Refused(Errno.of((int) -bound));
        }
        return new Made.Open(socket);
    }

    private static long setNoPort(Descriptor socket, int on) {
        try (var value = new Memory(4).putInt(0, on)) {
            return Native.call(SystemCall.SETSOCKOPT, socket.number(), SOL_IP, IP_BIND_ADDRESS_NO_PORT, value.address(),
                    4);
        }
    }

    private static long bind(Descriptor socket, int address) {
        try (var name = new Memory(16).putShort(0, AF_INET).putInt(4, Integer.reverseBytes(address))) {
            return Native.call(SystemCall.BIND, socket.number(), name.address(), 16);
        }
    }
}
