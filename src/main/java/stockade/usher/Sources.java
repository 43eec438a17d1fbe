package stockade.usher;

import java.util.Arrays;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;

/**
 * The connect(2) of a jail with several addresses: before the kernel carries it out, a socket that its user has bound to no
 * address is bound to the one that the destination gets as its source. One of IPv6 may be for IPv4 as well, by mapped
 * addresses, and can be bound only to an address of one of them. Should the destination change after it was looked
 * at, the two families do not match, and nothing is sent.
 *
 * One of datagrams is connected here, and the programs of the jail's cgroup let nobody else: the kernel looks for what is connected
 * before it looks for what is steered to, so that its port must be nobody's who is found there.
 */
final class Sources {
    private static final int AF_UNSPEC = 0;
    private static final int MAX_ATTEMPTS = 16;

    private final OwnAddresses addresses;
    private final FoundSockets found;
    /** Those that were bound here. */
    private final RecentSockets bound = new RecentSockets();

    Sources(OwnAddresses addresses, FoundSockets found) {
        this.addresses = addresses;
        this.found = found;
    }

    Answer connect(Call call) {
        var name = call.caller().readName(call.argument(1), call.intArgument(2));
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var host = addresses.ofHost(socket);
            if (host.isEmpty() || name.isEmpty() || !addresses.isOwn(socket, host.get())) {
                return new Answer.Proceed();
            }
            var kind = host.get();
            if (SocketName.family(name.get()) == AF_UNSPEC) {
                return new Answer.Result(disconnect(socket, kind));
            }
            SocketName.parse(name.get()).filter(destination -> !addresses.of(destination).isEmpty())
                    .ifPresent(destination -> prepare(socket, kind, destination));
            return kind.type() == InetSocket.SOCK_DGRAM ? new Answer.Result(connect(socket, kind, name.get())) : new Answer.Proceed();
        }
    }

    private long connect(Descriptor socket, InetSocket.Kind kind, byte[] sockaddr) {
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            if (InetSocket.name(socket).port() == 0 && InetSocket.findPort(socket) < 0) {
                break;
            }
            if (!found.isFound(kind, InetSocket.name(socket))) {
                return InetSocket.connect(socket, sockaddr);
            }
            InetSocket.disconnect(socket);
        }
        return -Errno.EAGAIN.number();
    }

    private void prepare(Descriptor socket, InetSocket.Kind kind, SocketName destination) {
        var own = InetSocket.name(socket);
        if (own.isIp4() != destination.isIp4()) {
            if (kind.isForBoth() && InetSocket.isUnconnected(socket, kind)) {
                changeFamily(socket, kind, own.port(), addresses.source(destination));
            }
        } else if (own.port() == 0 && addresses.of(destination).size() > 1
                && (bound.contains(kind.cookie()) || isAsBorn(own, destination))) {
            bind(socket, kind, addresses.source(destination));
        }
    }

    private boolean isAsBorn(SocketName own, SocketName destination) {
        return Arrays.equals(own.plainAddress(), addresses.of(destination).get(0).bytes());
    }

    /** A socket that its user has bound to a port by its number keeps it, and the kernel says what it thinks of it. */
    private void changeFamily(Descriptor socket, InetSocket.Kind kind, int port, Inet address) {
        if (port != 0) {
            InetSocket.giveUpPort(socket, kind);
        }
        if (bind(socket, kind, address) == 0 && port != 0) {
            found.unsteer(kind, port);
        }
    }

    private long bind(Descriptor socket, InetSocket.Kind kind, Inet address) {
        long result = kind.isForBoth() ? Sockets.bindForBoth(socket, address) : InetSocket.bindWithoutPort(socket,
                new SocketName(address.bytes(), 0));
        if (result == 0) {
            bound.add(kind.cookie());
        }
        return result;
    }

    /** One of datagrams is then as at birth, unless its user has chosen the port; one of streams listens no more. */
    private long disconnect(Descriptor socket, InetSocket.Kind kind) {
        int port = InetSocket.name(socket).port();
        long result = InetSocket.disconnect(socket);
        if (kind.type() == InetSocket.SOCK_STREAM) {
            if (result == 0 && found.arePossible()) {
                found.unsteer(kind, port);
            }
            return result;
        }
        if (result == 0 && port != 0 && InetSocket.name(socket).port() == 0) {
            found.unsteer(kind, port);
            if (bound.remove(kind.cookie()) || kind.isForBoth()) {
                addresses.giveFirst(socket, kind);
            }
        }
        return result;
    }
}
