package stockade.usher;

import stockade.linux.Descriptor;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;

/**
 * The connect(2) of a jail with several addresses: before the kernel carries it out, the socket is bound to an address
 * of the family that the destination really has. One of IPv6 may be for IPv4 as well, by mapped addresses, and can be bound
 * only to an address of one of them. Should the destination change after it was looked at, the two families do not
 * match, and nothing is sent.
 */
final class Sources {
    private static final int AF_UNSPEC = 0;

    private final SeveralAddresses addresses;

    Sources(SeveralAddresses addresses) {
        this.addresses = addresses;
    }

    Answer connect(Call call) {
        var name = call.caller().readName(call.argument(1), call.intArgument(2));
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var found = addresses.ofHost(socket);
            if (found.isEmpty() || name.isEmpty() || !call.isWaiting()) {
                return new Answer.Proceed();
            }
            var kind = found.get();
            if (SocketName.family(name.get()) == AF_UNSPEC && kind.type() == InetSocket.SOCK_DGRAM) {
                return new Answer.Result(disconnect(socket, kind));
            }
            SocketName.parse(name.get()).ifPresent(destination -> prepare(socket, kind, destination));
            return new Answer.Proceed();
        }
    }

    private void prepare(Descriptor socket, InetSocket.Kind kind, SocketName destination) {
        var wanted = destination.isIp4() ? addresses.ip4() : addresses.ip6();
        if (kind.family() == InetSocket.AF_INET6 && !kind.ip6Only() && !wanted.isEmpty()
                && InetSocket.name(socket).isIp4() != destination.isIp4() && InetSocket.isUnconnected(socket, kind)) {
            rebind(socket, kind, wanted.get(0));
        }
    }

    /** A socket that its user has bound to a port by its number keeps it, and the kernel says what it thinks of it. */
    private void rebind(Descriptor socket, InetSocket.Kind kind, Inet address) {
        int port = InetSocket.name(socket).port();
        if (port != 0) {
            InetSocket.giveUpPort(socket, kind);
        }
        if (Sockets.bindForBoth(socket, address) == 0 && port != 0) {
            addresses.unsteer(kind, port);
        }
    }

    /** Of a datagram socket: as at birth, unless its user has chosen the port. */
    private long disconnect(Descriptor socket, InetSocket.Kind kind) {
        int port = InetSocket.name(socket).port();
        long result = InetSocket.disconnect(socket);
        if (result == 0 && port != 0 && InetSocket.name(socket).port() == 0) {
            addresses.unsteer(kind, port);
            if (kind.family() == InetSocket.AF_INET6 && !kind.ip6Only() && !addresses.ip6().isEmpty()) {
                Sockets.bindForBoth(socket, addresses.ip6().get(0));
            }
        }
        return result;
    }
}
