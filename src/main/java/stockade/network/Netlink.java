package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.KernelException;
import stockade.linux.NetlinkSocket;

/** The host's addresses, asked for and changed by rtnetlink(7). */
public final class Netlink {
    private static final int NLMSG_ERROR = 2;
    private static final int NLM_F_REQUEST = 1;
    private static final int NLM_F_ACK = 4;
    private static final int NLM_F_EXCL_CREATE = 0x200 | 0x400;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_GETROUTE = 26;
    private static final int RTM_F_FIB_MATCH = 0x2000;
    private static final int RTN_LOCAL = 2;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_HOST = 254;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    /** An IPv6 address is usable at once, without a search for another host that has it (IFA_F_NODAD). */
    private static final int NO_DUPLICATE_DETECTION = 2;
    private static final int IFLA_IFNAME = 3;
    private static final int RTA_DST = 1;
    /** Every network namespace has its loopback interface under this index (net/core/dev.c). */
    private static final int LOOPBACK_INDEX = 1;

    private Netlink() {
    }

    /**
     * Whether the host has the address on an interface that is up: whether its local table has a route for
     * just this address. 127.0.0.0/8 is routed as a whole and makes none of its addresses one of the host's.
     */
    public static boolean isLocal(Inet address) {
        var request = request(RTM_GETROUTE, 0)
                .put(address.family()).put((byte) address.size()).put((byte) 0).put((byte) 0).putInt(0)
                .putInt(RTM_F_FIB_MATCH);
        putAttribute(request, RTA_DST, address.bytes());
        var answer = ask(request);
        int error = error(answer);
        if (error != 0) {
            if (Errno.of(error) == Errno.ENETUNREACH || Errno.of(error) == Errno.EHOSTUNREACH) {
                return false;
            }
            throw new KernelException("look up route to " + address, Errno.of(error));
        }
        return answer.getShort(4) == RTM_NEWROUTE && (answer.get(17) & 0xff) == address.size()
                && answer.get(23) == RTN_LOCAL;
    }

    /** Adds an alias to its interface, or to lo. Returns whether it was not there before. */
    public static boolean add(Alias alias) {
        int error = error(ask(alias(RTM_NEWADDR, NLM_F_EXCL_CREATE, alias)));
        if (error != 0 && Errno.of(error) != Errno.EEXIST) {
            throw new KernelException("add " + alias.address() + " to " + device(alias), Errno.of(error));
        }
        return error == 0;
    }

    /** Removes an alias if it is there. */
    public static void remove(Alias alias) {
        int error;
        try {
            error = error(ask(alias(RTM_DELADDR, 0, alias)));
        } catch (KernelException e) {
            if (e.errno() == Errno.ENODEV) {
                return; // with its interface
            }
            throw e;
        }
        if (error != 0 && Errno.of(error) != Errno.EADDRNOTAVAIL) {
            throw new KernelException("remove " + alias.address() + " from " + device(alias), Errno.of(error));
        }
    }

    private static String device(Alias alias) {
        return alias.device().orElse("lo");
    }

    private static ByteBuffer alias(int type, int flags, Alias alias) {
        boolean loopback = alias.device().isEmpty() || alias.device().equals(Optional.of("lo"));
        var request = request(type, flags | NLM_F_ACK)
                .put(alias.address().family()).put((byte) alias.prefix()).put((byte) NO_DUPLICATE_DETECTION)
                .put((byte) (loopback ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE))
                .putInt(loopback ? LOOPBACK_INDEX : index(alias.device().get()));
        putAttribute(request, IFA_LOCAL, alias.address().bytes());
        putAttribute(request, IFA_ADDRESS, alias.address().bytes());
        return request;
    }

    /** The number of an interface. @throws KernelException ENODEV if there is none of that name */
    static int index(String device) {
        var request = request(RTM_GETLINK, 0).put(new byte[16]);
        putAttribute(request, IFLA_IFNAME, Bytes.of(device + "\0"));
        var answer = ask(request);
        int error = error(answer);
        if (error != 0) {
            throw new KernelException("interface " + device, Errno.of(error));
        }
        return answer.getInt(20);
    }

    private static ByteBuffer request(int type, int flags) {
        return ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0).putShort((short) type).putShort((short) (flags | NLM_F_REQUEST)).putInt(1).putInt(0);
    }

    private static void putAttribute(ByteBuffer request, int type, byte[] value) {
        request.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        while (request.position() % 4 != 0) {
            request.put((byte) 0);
        }
    }

    private static ByteBuffer ask(ByteBuffer request) {
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
