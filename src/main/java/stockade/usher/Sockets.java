package stockade.usher;

import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;
import stockade.prison.Ip;
import stockade.prison.Jail;
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

    static Answer answer(Call call, Jail jail, Permissions permissions) {
        int family = call.intArgument(0);
        if (jail.vnet() || of(jail, family) instanceof Ip.Disabled) { // the filter leaves those of vnet to the kernel
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
        return switch (make(family, type, protocol, jail)) {
            case InetSocket.Made.Refused(Errno errno) -> Answer.refuse(errno);
            case InetSocket.Made.Open(Descriptor socket) -> {
                if ((type & TYPE_MASK) == InetSocket.SOCK_RAW) {
                    InetSocket.keepMulticastsOut(socket, family); // they would pass by the packet filters
                }
                yield new Answer.HandIn(socket, (type & InetSocket.SOCK_CLOEXEC) != 0);
            }
        };
    }

    /** What a jail has of a family. */
    static Ip of(Jail jail, int family) {
        return family == InetSocket.AF_INET ? jail.ip4() : jail.ip6();
    }

    private static InetSocket.Made make(int family, int type, int protocol, Jail jail) {
        var made = InetSocket.open(family, type, protocol);
        if (made instanceof InetSocket.Made.Open(Descriptor socket)) {
            long result = giveAddress(socket, family, type & TYPE_MASK, jail);
            if (result < 0) {
                socket.close();
                return new InetSocket.Made.Refused(Errno.of((int) -result));
            }
        }
        return made;
    }

    /**
     * A socket is bound to the jail's first address of its family from birth, without a port: whatever binds it later by
     * itself (connect, send, listen) takes this address.
     */
    static long giveAddress(Descriptor socket, int family, int type, Jail jail) {
        return switch (of(jail, family)) {
            case Ip.Own own when type == InetSocket.SOCK_RAW ->
                InetSocket.bind(socket, new SocketName(own.addresses().get(0).bytes(), 0));
            case Ip.Own own when family == InetSocket.AF_INET6 && jail.ip4() instanceof Ip.Own ->
                bindForBoth(socket, own.addresses().get(0));
            case Ip.Own own -> InetSocket.bindWithoutPort(socket, new SocketName(own.addresses().get(0).bytes(), 0));
            case Ip.Inherited inherited when family == InetSocket.AF_INET6 && !(jail.ip4() instanceof Ip.Inherited) ->
                InetSocket.setIp6Only(socket, true); // bound to :: it would have its port of the host's IPv4 too
            default -> 0;
        };
    }

    /** Binds a socket of IPv6 to an address of either family, without a port, so that it serves both nevertheless. */
    static long bindForBoth(Descriptor socket, Inet address) {
        long result = InetSocket.bindWithoutPort(socket, new SocketName(address.mapped(), 0));
        return result < 0 ? result : InetSocket.setIp6Only(socket, false);
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
