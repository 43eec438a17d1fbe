package stockade.linux;

import static stockade.linux.KernelException.check;

/** A NETLINK_ROUTE socket (rtnetlink(7)): one request, then its answer. */
public final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 02000000;
    private static final int NETLINK_ROUTE = 0;
    private static final int RECEIVE_SIZE = 4096;

    private final Descriptor socket;

    public NetlinkSocket() {
        socket = new Descriptor(check(Native.call(SystemCall.SOCKET, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE),
                "netlink"));
    }

    public void send(byte[] request) {
        try (var memory = Memory.bytes(request)) {
            check(Native.call(SystemCall.SENDTO, socket.number(), memory.address(), request.length, 0, 0, 0), "netlink");
        }
    }

    /** One datagram of the answer. */
    public byte[] receive() {
        try (var memory = new Memory(RECEIVE_SIZE)) {
            int n = (int) check(Native.call(SystemCall.RECVFROM, socket.number(), memory.address(), RECEIVE_SIZE, 0, 0,
                    0), "netlink");
            return memory.getBytes(0, n);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
