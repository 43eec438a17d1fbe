package stockade.linux;

/** IPv4 sockets, made for others: results are given as the kernel's errno rather than thrown. */
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
    public static final int IPPROTO_UDP = 17;

    private static final int SOL_IP = 0;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;

    private InetSocket() {
    }

    /** A new socket, or why there is none. */
    public sealed interface Made {
        record Open(Descriptor socket) implements Made {
        }

        record Refused(Errno errno) implements Made {
        }
    }

    /**
     * A socket whose local address is fixed while its port is still open: whatever binds it later by itself
     * (connect, send, listen) takes this address (IP_BIND_ADDRESS_NO_PORT, ip(7), Linux 4.2).
     *
     * @param address IPv4, its first byte in the highest bits
     */
    public static Made open(int type, int protocol, int address) {
        long fd = Native.call(SystemCall.SOCKET, AF_INET, type | SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            return new Made.Refused(Errno.of((int) -fd));
        }
        var socket = new Descriptor(fd);
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
