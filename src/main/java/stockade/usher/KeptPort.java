package stockade.usher;

import java.util.function.IntPredicate;
import java.util.function.ToLongFunction;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;

/**
 * Binds the sockets of a jail, which have an address from birth: a bind(2) that fails for the port takes that away
 * (__inet_bind, net/ipv4/af_inet.c), and other threads then have the socket take ports of the host's wildcard, faster than it
 * could be given the address again. So another socket, the keeper, has the port before, and shows what is wrong with it. Should
 * the bind(2) fail all the same, there is one port that the kernel could find for the socket meanwhile, and a third socket, the
 * holder, has that.
 */
final class KeptPort {
    private final OwnAddresses addresses;
    private final PortSharing sharing;

    KeptPort(OwnAddresses addresses, PortSharing sharing) {
        this.addresses = addresses;
        this.sharing = sharing;
    }

    /**
     * bind(2), with its result in the kernel's form. A port that the kernel is to find is had as if it had been named.
     *
     * @param isFree whether a port that the keeper has will do, else EADDRINUSE
     */
    long bind(Descriptor socket, InetSocket.Kind kind, byte[] sockaddr, IntPredicate isFree) {
        if (!addresses.areBorn(kind)) {
            return InetSocket.bind(socket, sockaddr);
        }
        if (SocketName.parse(sockaddr).isEmpty()) { // the kernel is not asked, lest it do something else than refuse
            return -(SocketName.isLongEnough(sockaddr, kind.family()) ? Errno.EAFNOSUPPORT : Errno.EINVAL).number();
        }
        if (InetSocket.name(socket).port() != 0) {
            return -Errno.EINVAL.number(); // not for the kernel to see: another thread may give the port up meanwhile
        }
        return withAnother(kind, keeper -> bindBeside(keeper, socket, kind, sockaddr, isFree));
    }

    private static long withAnother(InetSocket.Kind kind, ToLongFunction<Descriptor> use) {
        return switch (InetSocket.open(kind.family(), kind.type(), 0)) {
            case InetSocket.Made.Refused(Errno errno) -> -errno.number();
            case InetSocket.Made.Open(Descriptor another) -> {
                try (another) {
                    yield use.applyAsLong(another);
                }
            }
        };
    }

    /** The two may have the port together while both may reuse their address. */
    private long bindBeside(Descriptor keeper, Descriptor socket, InetSocket.Kind kind, byte[] sockaddr, IntPredicate isFree) {
        long result = sharing.copy(socket, keeper);
        if (result == 0) {
            if (kind.family() == InetSocket.AF_INET6) {
                InetSocket.setIp6Only(keeper, kind.ip6Only());
            }
            result = InetSocket.bind(keeper, sockaddr);
        }
        if (result < 0) {
            return result;
        }
        int port = InetSocket.name(keeper).port();
        if (!isFree.test(port)) {
            return -Errno.EADDRINUSE.number();
        }
        boolean reuses = InetSocket.reusesAddress(socket);
        InetSocket.setReusesAddress(keeper, true);
        InetSocket.setReusesAddress(socket, true);
        try {
            return withAnother(kind, holder -> bindWithoutChoice(holder, socket, kind, SocketName.withPort(sockaddr, port)));
        } finally {
            InetSocket.setReusesAddress(socket, reuses);
        }
    }

    private long bindWithoutChoice(Descriptor holder, Descriptor socket, InetSocket.Kind kind, byte[] sockaddr) {
        long result = InetSocket.bind(holder, new SocketName(addresses.own(kind.family()).bytes(), 0));
        if (result < 0) {
            return result;
        }
        int taken = InetSocket.name(holder).port();
        result = InetSocket.setPortRange(socket, taken, taken);
        if (result < 0 && !Errno.ENOPROTOOPT.is(result)) { // a Linux before 6.3 finds what it likes
            return result;
        }
        try {
            result = InetSocket.bind(socket, sockaddr);
            if (result < 0) {
                if (kind.type() == InetSocket.SOCK_DGRAM) {
                    InetSocket.disconnect(socket); // another thread may have had it take a port that others may reuse
                }
                addresses.restore(socket, kind);
            }
            return result;
        } finally {
            InetSocket.setPortRange(socket, 0, 0);
        }
    }
}
