package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import stockade.linux.Errno;
import stockade.linux.KernelException;
import stockade.linux.NetlinkSocket;

/** The host's addresses, asked for and changed by rtnetlink(7). */
public final class Netlink {
    private static final int NLMSG_ERROR = 2;
    private static final int NLM_F_REQUEST = 1;
    private static final int NLM_F_ACK = 4;
    private static final int NLM_F_EXCL_CREATE = 0x200 | 0x400;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_GETROUTE = 26;
    private static final int RTM_F_FIB_MATCH = 0x2000;
    private static final int RTN_LOCAL = 2;
    private static final int RT_SCOPE_HOST = 254;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int RTA_DST = 1;
    private static final byte AF_INET = 2;
    private static final byte HOST_PREFIX = 32;
    /** Every network namespace has its loopback interface under this index (net/core/dev.c). */
    private static final int LOOPBACK_INDEX = 1;

    private Netlink() {
    }

    /**
     * Whether the host has the address on an interface that is up: whether its local table has a route for
     * just this address. 127.0.0.0/8 is routed as a whole and makes none of its addresses one of the host's.
     */
    public static boolean isLocal(Inet4 address) {
        var answer = ask(request(RTM_GETROUTE, 0)
                .put(AF_INET).put(HOST_PREFIX).put((byte) 0).put((byte) 0).putInt(0).putInt(RTM_F_FIB_MATCH),
                RTA_DST, address);
        int error = error(answer);
        if (error != 0) {
            if (Errno.of(error) == Errno.ENETUNREACH || Errno.of(error) == Errno.EHOSTUNREACH) {
                return false;
            }
            throw new KernelException("look up route to " + address, Errno.of(error));
        }
        return answer.getShort(4) == RTM_NEWROUTE && answer.get(17) == HOST_PREFIX && answer.get(23) == RTN_LOCAL;
    }

    /** Adds an alias to the loopback interface. */
    public static void addAlias(Inet4 address) {
        int error = error(alias(RTM_NEWADDR, NLM_F_EXCL_CREATE, address));
        if (error != 0) {
            throw new KernelException("add " + address + " to lo", Errno.of(error));
        }
    }

    /** Removes the alias if it is there. */
    public static void removeAlias(Inet4 address) {
        int error = error(alias(RTM_DELADDR, 0, address));
        if (error != 0 && Errno.of(error) != Errno.EADDRNOTAVAIL) {
            throw new KernelException("remove " + address + " from lo", Errno.of(error));
        }
    }

    private static ByteBuffer alias(int type, int flags, Inet4 address) {
        var request = request(type, flags | NLM_F_ACK)
                .put(AF_INET).put(HOST_PREFIX).put((byte) 0).put((byte) RT_SCOPE_HOST).putInt(LOOPBACK_INDEX);
        putAttribute(request, IFA_LOCAL, address);
        return ask(request, IFA_ADDRESS, address);
    }

    private static ByteBuffer request(int type, int flags) {
        return ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0).putShort((short) type).putShort((short) (flags | NLM_F_REQUEST)).putInt(1).putInt(0);
    }

    private static void putAttribute(ByteBuffer request, int type, Inet4 address) {
        request.putShort((short) 8).putShort((short) type).putInt(Integer.reverseBytes(address.bits()));
    }

    private static ByteBuffer ask(ByteBuffer request, int attribute, Inet4 address) {
        putAttribute(request, attribute, address);
        var bytes = new byte[request.position()];
        request.putInt(0, bytes.length).flip();
        request.get(bytes);
        try (var socket = new NetlinkSocket()) {
            socket.send(bytes);
            return ByteBuffer.wrap(socket.receive()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** The errno in an answer; 0 for an acknowledgement and for data. */
    private static int error(ByteBuffer answer) {
        return answer.getShort(4) == NLMSG_ERROR ? -answer.getInt(16) : 0;
    }
}
