package stockade.usher;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;
import stockade.network.SourceSelection;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.Jid;
import stockade.prison.Permission;
import stockade.prison.Permissions;

/** A jail's addresses, of one family or both, several or not, as its sockets of the host's network have them. */
final class OwnAddresses {
    /** More often than other threads can come between. */
    private static final int MAX_ATTEMPTS = 10_000;

    private final Jail jail;
    private final Permissions permissions;
    private final SourceSelection selection4;
    private final SourceSelection selection6;
    private final long network = InetSocket.networkCookie();
    private final Supplier<Jail> newer;

    /** @param newer what the kernel knows of the jail when that is not this any more; waits until it is told */
    OwnAddresses(Jail jail, Permissions permissions, Supplier<Jail> newer) {
        this.jail = jail;
        this.permissions = permissions;
        this.newer = newer;
        this.selection4 = new SourceSelection(jail.ip4().addresses());
        this.selection6 = new SourceSelection(jail.ip6().addresses());
    }

    /** What a socket with ports of the host's network is; one that another jail has passed may be of its own. */
    Optional<InetSocket.Kind> ofHost(Descriptor socket) {
        return InetSocket.kind(socket)
                .filter(kind -> kind.networkCookie() == network && kind.type() != InetSocket.SOCK_RAW);
    }

    /**
     * Whether a socket was made for this jail, and is bound to what the jail has: any other is left alone. Another jail may
     * have passed it, whose usher does things to it at the same time, or the jail may have had other addresses when it was
     * made. Sockets belong to the user who makes them, who is the jail's, and no jail can have one belong to another's.
     */
    boolean isOwn(Descriptor socket, InetSocket.Kind kind) {
        if (Integer.compareUnsigned(Files.stat(socket).uid() - jail.jid().rootUid(), Jid.IDS) >= 0
                || Sockets.of(jail, kind.family()) instanceof Ip.Disabled) {
            return false;
        }
        return !(kind.isForBoth() && areInheritedInPart()) && has(jail, InetSocket.name(socket));
    }

    /** Whether the jail has the host's whole stack of one family and not of the other. */
    boolean areInheritedInPart() {
        return jail.ip4() instanceof Ip.Inherited != jail.ip6() instanceof Ip.Inherited;
    }

    private static boolean has(Jail jail, SocketName name) {
        var ip = name.isIp4() ? jail.ip4() : jail.ip6();
        return ip instanceof Ip.Inherited
                || ip.addresses().stream().anyMatch(own -> Arrays.equals(own.bytes(), name.plainAddress()));
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

    List<Inet> all() {
        return jail.addresses();
    }

    /** The address that a socket is bound to by a name, in its plain form: 0.0.0.0, 127.0.0.1 and their kin are the first of their family. */
    byte[] bound(SocketName name) {
        var ip = name.isIp4() ? jail.ip4() : jail.ip6();
        return name.isWildcardOrLoopback() && ip instanceof Ip.Own own ? own.addresses().get(0).bytes() : name.plainAddress();
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
        giveFirst(socket, kind, jail);
    }

    private static long giveFirst(Descriptor socket, InetSocket.Kind kind, Jail jail) {
        return kind.ip6Only() && jail.ip6() instanceof Ip.Own own
                ? InetSocket.bindWithoutPort(socket, new SocketName(own.addresses().get(0).bytes(), 0))
                : Sockets.giveAddress(socket, kind.family(), kind.type(), jail);
    }

    /**
     * Sees to it that a socket has an address of the jail's after a bind(2) that has failed. Another thread may meanwhile
     * have had the kernel choose it a port. The jail may just be given other addresses, which the kernel knows of before this
     * process is told; an address that has gone from the host is given all the same.
     */
    void restore(Descriptor socket, InetSocket.Kind kind) {
        if (!areBorn(kind)) {
            return;
        }
        var now = jail;
        long refused = -Errno.EADDRNOTAVAIL.number();
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            var name = InetSocket.name(socket);
            if (has(now, name)) {
                return;
            }
            if (name.port() != 0 || kind.type() == InetSocket.SOCK_DGRAM) { // which may have been connected without one
                InetSocket.giveUpPort(socket, kind);
            }
            boolean free = InetSocket.bindsToAny(socket);
            InetSocket.setBindsToAny(socket, true);
            if (giveFirst(socket, kind, now) == refused) {
                now = newer.get();
            }
            InetSocket.setBindsToAny(socket, free);
        }
        throw new IllegalStateException("a socket without an address"); // which ends the usher, and the jail
    }

    /** Those of {@link #all} where the socket is not bound. */
    List<Inet> others(InetSocket.Kind kind) {
        return all(kind).stream().skip(1).toList();
    }
}
