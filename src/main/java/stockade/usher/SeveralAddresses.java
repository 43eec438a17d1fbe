package stockade.usher;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;
import stockade.network.SourceSelection;
import stockade.network.Steering;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.Permission;
import stockade.prison.Permissions;

/** A jail's addresses, of one family or both, as its sockets of the host's network have them. */
final class SeveralAddresses {
    /** More often than other threads can come between. */
    private static final int MAX_ATTEMPTS = 10_000;
    /** More often than the kernel finds the same port again. */
    private static final int MAX_KEPT = 100;

    private final Jail jail;
    private final Optional<Steering> steering;
    private final Permissions permissions;
    private final SourceSelection selection4;
    private final SourceSelection selection6;
    private final long network = InetSocket.networkCookie();
    private final RecentSockets steered = new RecentSockets();

    SeveralAddresses(Jail jail, Optional<Steering> steering, Permissions permissions) {
        this.jail = jail;
        this.steering = steering;
        this.permissions = permissions;
        this.selection4 = new SourceSelection(jail.ip4().addresses());
        this.selection6 = new SourceSelection(jail.ip6().addresses());
    }

    /** Whether a wildcard may stand for more than one of them. */
    boolean areSteered() {
        return steering.isPresent();
    }

    /** What a socket with ports of the host's network is; one that another jail has passed may be of its own. */
    Optional<InetSocket.Kind> ofHost(Descriptor socket) {
        return InetSocket.kind(socket)
                .filter(kind -> kind.networkCookie() == network && kind.type() != InetSocket.SOCK_RAW);
    }

    /**
     * The addresses that a wildcard stands for, the one to bind to first: for a socket that serves both families the IPv4
     * one in its mapped form, because the kernel takes one that is bound to an IPv6 address for one of IPv6 alone.
     */
    List<Inet> all(InetSocket.Kind kind) {
        if (kind.family() == InetSocket.AF_INET) {
            return jail.ip4().addresses();
        }
        return kind.ip6Only() ? jail.ip6().addresses() : jail.addresses();
    }

    /** The first of a family of which the jail has some. */
    Inet own(int family) {
        return (family == InetSocket.AF_INET ? jail.ip4() : jail.ip6()).addresses().get(0);
    }

    /** Those that a destination may have as its source: of the family that it really is of. */
    List<Inet> of(SocketName destination) {
        return (destination.isIp4() ? jail.ip4() : jail.ip6()).addresses();
    }

    /** The one of them that it gets where its user does not choose. */
    Inet source(SocketName destination) {
        boolean ip4 = destination.isIp4();
        var own = of(destination);
        return own.size() > 1 && permissions.allow(ip4 ? Permission.IP4_SADDRSEL : Permission.IP6_SADDRSEL)
                ? (ip4 ? selection4 : selection6).select(destination.plainAddress()) : own.get(0);
    }

    /** Whether sockets are bound to an address from birth. */
    boolean areBorn(InetSocket.Kind kind) {
        return Sockets.of(jail, kind.family()) instanceof Ip.Own;
    }

    /** Binds a socket that has no port as it was at birth, but for the families that it serves. */
    void giveFirst(Descriptor socket, InetSocket.Kind kind) {
        if (kind.ip6Only()) {
            InetSocket.bindWithoutPort(socket, new SocketName(jail.ip6().addresses().get(0).bytes(), 0));
        } else {
            Sockets.giveAddress(socket, kind.family(), kind.type(), jail);
        }
    }

    /**
     * Sees to it that a socket has an address of the jail's after a bind(2) that has failed. Another thread may meanwhile
     * have had the kernel choose it a port. One that has been bound to a port by its number keeps that with the address: of
     * another jail, which has passed it, or one that this jail had before. Nothing gets through it.
     */
    void restore(Descriptor socket, InetSocket.Kind kind) {
        if (!areBorn(kind)) {
            return;
        }
        int kept = 0;
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            var name = InetSocket.name(socket);
            if (jail.addresses().stream().anyMatch(own -> Arrays.equals(own.bytes(), name.plainAddress()))) {
                return;
            }
            if (name.port() != 0 || kind.type() == InetSocket.SOCK_DGRAM) { // which may have been connected without one
                InetSocket.giveUpPort(socket, kind);
            }
            if (name.port() != 0) {
                kept = InetSocket.name(socket).port() == name.port() ? kept + 1 : 0;
                if (kept == MAX_KEPT) {
                    return;
                }
            }
            giveFirst(socket, kind);
        }
        throw new IllegalStateException("a socket without an address"); // which ends the usher, and the jail
    }

    /** Whether another socket is found under an address and port, though not bound there. */
    boolean isFound(InetSocket.Kind kind, SocketName name) {
        return name.port() != 0 && jail.addresses().stream()
                .anyMatch(own -> Arrays.equals(own.bytes(), name.plainAddress())
                        && steering.orElseThrow().found(own, name.port(), protocol(kind)).isPresent());
    }

    /**
     * Has a socket that has a port of the first address found under the others. One that shares its port (SO_REUSEPORT)
     * takes the place of another that does: the kernel finds the rest of the group by it. Returns 0 or minus an errno.
     */
    long steer(Descriptor socket, InetSocket.Kind kind) {
        int port = InetSocket.name(socket).port();
        for (var address : others(kind)) {
            if (InetSocket.sharesPort(socket)) {
                steering.orElseThrow().found(address, port, protocol(kind)).filter(steered::contains)
                        .ifPresent(cookie -> steering.get().unsteer(address, port, protocol(kind), cookie));
            }
            long result = steering.orElseThrow().steer(address, port, protocol(kind), socket);
            if (result < 0) {
                unsteer(kind, port);
                return result;
            }
        }
        steered.add(kind.cookie());
        return 0;
    }

    void unsteer(InetSocket.Kind kind, int port) {
        others(kind).forEach(address -> steering.orElseThrow().unsteer(address, port, protocol(kind), kind.cookie()));
    }

    List<Inet> others(InetSocket.Kind kind) {
        return all(kind).stream().skip(1).toList();
    }

    private static int protocol(InetSocket.Kind kind) {
        return kind.type() == InetSocket.SOCK_STREAM ? InetSocket.IPPROTO_TCP : InetSocket.IPPROTO_UDP;
    }
}
