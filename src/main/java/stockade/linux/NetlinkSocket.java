package stockade.linux;

import static stockade.linux.KernelException.check;

/** A NETLINK_ROUTE socket (rtnetlink(7)) of the network namespace in which it is made: one request, then its answer. */
public final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 02000000;
    private static final int NETLINK_ROUTE = 0;

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

    /** One datagram of the answer, cut after so many bytes. */
    public byte[] receive(int size) {
        try (var memory = Memory.toBeWritten(size)) {
            int n = (int) check(Native.call(SystemCall.RECVFROM, socket.number(), memory.address(), size, 0, 0, 0),
                    "netlink");
            return memory.getBytes(0, n);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
