package stockade.usher;

import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.network.Inet4;
import stockade.prison.Permission;
import stockade.prison.Permissions;

/**
 * A jail's socket(2) of an internet family: sockets of the host's own network stack, made in the jail's
 * cgroup, whose programs hold them to the jail's address, and bound to that address from birth.
 */
final class Sockets {
    private static final int TYPE_MASK = 0xf; // include/linux/net.h
    private static final int SOCK_PACKET = 10;

    private Sockets() {
    }

    static Answer answer(Call call, Optional<Inet4> address, Permissions permissions) {
        if (address.isEmpty()) {
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
        return switch (InetSocket.open(type, protocol, address.get().bits())) {
            case InetSocket.Made.Refused(Errno errno) -> Answer.refuse(errno);
            case InetSocket.Made.Open(Descriptor socket) ->
                new Answer.HandIn(socket, (type & InetSocket.SOCK_CLOEXEC) != 0);
        };
    }

    /** Why no jail can have such a socket, if none can. */
    static Optional<Errno> objection(int type, int protocol) {
        if ((type & ~(TYPE_MASK | InetSocket.SOCK_NONBLOCK | InetSocket.SOCK_CLOEXEC)) != 0) {
            return Optional.of(Errno.EINVAL);
        }
        return switch (type & TYPE_MASK) {
            case InetSocket.SOCK_STREAM -> unless(protocol == 0 || protocol == InetSocket.IPPROTO_TCP);
            case InetSocket.SOCK_DGRAM -> protocol == InetSocket.IPPROTO_ICMP
                    ? Optional.of(Errno.EACCES) // as where net.ipv4.ping_group_range has nobody in it
                    : unless(protocol == 0 || protocol == InetSocket.IPPROTO_UDP);
            case InetSocket.SOCK_RAW -> Optional.empty();
            case SOCK_PACKET -> Optional.of(Errno.EPERM);
            default -> Optional.of(Errno.ESOCKTNOSUPPORT);
        };
    }

    private static Optional<Errno> unless(boolean supported) {
        return supported ? Optional.empty() : Optional.of(Errno.EPROTONOSUPPORT);
    }
}
