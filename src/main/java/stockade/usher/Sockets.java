package stockade.usher;

import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet4;
import stockade.network.Inet6;
import stockade.prison.Ip;
import stockade.prison.Permission;
import stockade.prison.Permissions;

/**
 * A jail's socket(2) of an internet family: sockets of the host's own network stack, made in the jail's
 * cgroup, whose programs hold them to the jail's addresses.
 */
final class Sockets {
    private static final int TYPE_MASK = 0xf; // include/linux/net.h
    private static final int SOCK_PACKET = 10;

    private Sockets() {
    }

    static Answer answer(Call call, Ip ip, Permissions permissions) {
        if (ip instanceof Ip.Disabled) {
            return Answer.refuse(Errno.EAFNOSUPPORT);
        }
        int type = call.intArgument(1);
        int protocol = call.intArgument(2);
        var objection = objection(type, protocol);
        if (objection.isPresent()) {
            return Answer.refuse(objection.get());
        }
        if ((type & TYPE_MASK) == InetSocket.SOCK_RAW
                && !(permissions.allow(Permission.RAW_SOCKETS) && call.caller().has(Caller.CAP_NET_RAW))) {
            return Answer.refuse(Errno.EPERM);
        }
        return switch (make(call.intArgument(0), type, protocol, ip)) {
            case InetSocket.Made.Refused(Errno errno) -> Answer.refuse(errno);
            case InetSocket.Made.Open(Descriptor socket) -> {
                if ((type & TYPE_MASK) == InetSocket.SOCK_RAW) {
                    InetSocket.keepMulticastsOut(socket, call.intArgument(0)); // they would pass by the packet filters
                }
                yield new Answer.HandIn(socket, (type & InetSocket.SOCK_CLOEXEC) != 0);
            }
        };
    }

    /**
     * An IPv4 socket is bound to the jail's first address from birth, a raw one of IPv6 too. Another of IPv6 might be
     * for IPv4 as well: it is bound when it connects or listens.
     */
    private static InetSocket.Made make(int family, int type, int protocol, Ip ip) {
        if (ip.addresses().isEmpty()) {
            return InetSocket.open(family, type, protocol); // inherited
        }
        return switch (ip.addresses().get(0)) {
            case Inet4(int bits) -> InetSocket.openBound(type, protocol, bits);
            case Inet6 first when (type & TYPE_MASK) == InetSocket.SOCK_RAW ->
                InetSocket.openRaw6(type, protocol, new SocketName(first.bytes(), 0));
            case Inet6 first -> InetSocket.open(family, type, protocol);
        };
    }

    /** Why no jail can have such a socket, if none can. */
    static Optional<Errno> objection(int type, int protocol) {
        if ((type & ~(TYPE_MASK | InetSocket.SOCK_NONBLOCK | InetSocket.SOCK_CLOEXEC)) != 0) {
            return Optional.of(Errno.EINVAL);
        }
        return switch (type & TYPE_MASK) {
            case InetSocket.SOCK_STREAM -> unless(protocol == 0 || protocol == InetSocket.IPPROTO_TCP);
            case InetSocket.SOCK_DGRAM -> protocol == InetSocket.IPPROTO_ICMP || protocol == InetSocket.IPPROTO_ICMPV6
                    ? Optional.of(Errno.EACCES) // as where net.ipv4.ping_group_range has nobody in it
                    : unless(protocol == 0 || protocol == InetSocket.IPPROTO_UDP);
            // with these it would be the host's router of multicasts
            case InetSocket.SOCK_RAW -> protocol == InetSocket.IPPROTO_IGMP || protocol == InetSocket.IPPROTO_PIM
                    ? Optional.of(Errno.EPERM) : Optional.empty();
            case SOCK_PACKET -> Optional.of(Errno.EPERM);
            default -> Optional.of(Errno.ESOCKTNOSUPPORT);
        };
    }

    private static Optional<Errno> unless(boolean supported) {
        return supported ? Optional.empty() : Optional.of(Errno.EPROTONOSUPPORT);
    }
}
