package stockade.usher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.InetSocket;
import stockade.prison.Jail;

/**
 * SO_REUSEPORT and SO_REUSEADDR of a jail's sockets: with whom they share a port. With the first the kernel compares the
 * users of sockets, which all are the usher's: one that is to share has its caller's. With the second it compares nobody
 * where the sockets are of datagrams, not even jails that share an address: there the first stands for it.
 *
 * And IPV6_V6ONLY: whether a port of IPv6 is one of IPv4, too. Where the jail has the host's whole stack of one family and not
 * of the other it is not: bound to :: the socket would have its port of every IPv4 address of the host, or of none.
 */
final class PortSharing {
    private final Jail jail;
    private final Inside inside;
    private final OwnAddresses addresses;

    PortSharing(Jail jail, Inside inside, OwnAddresses addresses) {
        this.jail = jail;
        this.inside = inside;
        this.addresses = addresses;
    }

    /** setsockopt(2). */
    Answer set(Call call) {
        int level = call.intArgument(1);
        int option = call.intArgument(2);
        boolean ip6Only = level == InetSocket.SOL_IPV6 && option == InetSocket.IPV6_V6ONLY;
        if (!ip6Only && !(level == InetSocket.SOL_SOCKET
                && (option == InetSocket.SO_REUSEADDR || option == InetSocket.SO_REUSEPORT))) {
            return new Answer.Proceed();
        }
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var kind = addresses.ofHost(socket);
            if (kind.isEmpty() || ip6Only && kind.get().family() == InetSocket.AF_INET) {
                return new Answer.Proceed();
            }
            if (!addresses.isOwn(socket, kind.get())) {
                return Answer.refuse(Errno.EPERM);
            }
            if (call.intArgument(4) < 4) {
                return Answer.refuse(Errno.EINVAL);
            }
            var value = call.caller().read(call.argument(3), 4);
            if (value.isEmpty()) {
                return Answer.refuse(Errno.EFAULT);
            }
            boolean on = ByteBuffer.wrap(value.get()).order(ByteOrder.LITTLE_ENDIAN).getInt() != 0;
            if (ip6Only) {
                return on || !addresses.areInheritedInPart() ? new Answer.Result(InetSocket.setIp6Only(socket, on))
                        : Answer.refuse(Errno.EPERM);
            }
            if (option == InetSocket.SO_REUSEADDR && kind.get().type() == InetSocket.SOCK_STREAM) {
                return new Answer.Result(InetSocket.setReusesAddress(socket, on));
            }
            int refused = on ? own(socket, call.caller().fileSystemUid()) : 0;
            return new Answer.Result(refused != 0 ? -refused : InetSocket.setSharesPort(socket, on));
        }
    }

    /** Has a socket share a port with whom another does, of the same kind. Returns 0 or minus an errno. */
    long copy(Descriptor from, Descriptor to) {
        InetSocket.setReusesAddress(to, InetSocket.reusesAddress(from));
        if (!InetSocket.sharesPort(from)) {
            return 0;
        }
        int refused = own(to, Files.stat(from).uid());
        return refused != 0 ? -refused : InetSocket.setSharesPort(to, true);
    }

    /** Has a socket belong to a user of the jail. Returns 0 or an errno. */
    private int own(Descriptor socket, int uid) {
        return Files.stat(socket).uid() == uid ? 0 : inside.run(() -> {
            Files.changeOwner(socket, uid - jail.jid().rootUid());
            return 0;
        });
    }
}
