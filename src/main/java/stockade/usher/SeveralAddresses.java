package stockade.usher;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;
import stockade.network.SourceSelection;
import stockade.network.Steering;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.Jid;
import stockade.prison.Permission;
import stockade.prison.Permissions;

/** A jail's addresses, of one family or both, as its sockets of the host's network have them. */
final class SeveralAddresses {
    /** More often than other threads can come between. */
    private static final int MAX_ATTEMPTS = 10_000;
    /** Of how many ports is noted what was found, those of closed sockets included: twice what the kernel has room for. */
    private static final int MAX_NOTED = 1 << 14;

    private final Jail jail;
    private final Optional<Steering> steering;
    private final Permissions permissions;
    private final SourceSelection selection4;
    private final SourceSelection selection6;
    private final long network = InetSocket.networkCookie();
    private final Map<Port, List<Steered>> steered;
    private final Supplier<Jail> newer;

    /**
     * @param steered the sockets that are, or were, found under other addresses
     * @param newer   what the kernel knows of the jail when that is not this any more; waits until it is told
     */
    SeveralAddresses(Jail jail, Optional<Steering> steering, Permissions permissions, Map<Port, List<Steered>> steered,
            Supplier<Jail> newer) {
        this.jail = jail;
        this.steering = steering;
        this.permissions = permissions;
        this.steered = steered;
        this.newer = newer;
        this.selection4 = new SourceSelection(jail.ip4().addresses());
        this.selection6 = new SourceSelection(jail.ip6().addresses());
    }

    record Port(int protocol, int number) {
    }

    /**
     * A socket that was found under other addresses than the one where it is really bound.
     *
     * @param place which of those of the port it is
     */
    record Steered(Inet bound, long cookie, int place) {
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

    /**
     * Whether another socket is found under an address and port, though not bound there. 127.0.0.1 and ::1 are the first address of
     * their family, as for the program of bind(2).
     */
    boolean isFound(InetSocket.Kind kind, SocketName name) {
        var port = new Port(protocol(kind), name.port());
        return name.port() != 0 && noted(port).stream().filter(one -> one.cookie() != kind.cookie())
                .anyMatch(one -> jail.addresses().stream()
                        .anyMatch(own -> Arrays.equals(own.bytes(), bound(name)) && isFound(one, own, port)));
    }

    /** The address that a socket is bound to by a name, in its plain form. */
    private byte[] bound(SocketName name) {
        var ip = name.isIp4() ? jail.ip4() : jail.ip6();
        return name.isWildcardOrLoopback() && ip instanceof Ip.Own own ? own.addresses().get(0).bytes() : name.plainAddress();
    }

    /**
     * Whether another socket is found under an address and port that a wildcard stands for: one for both families is where one for
     * IPv6 alone is bound, or is found, too. Those that share their port (SO_REUSEPORT) with this one are no others: they
     * are bound to the same address, where the kernel has seen to it that their users are the same.
     */
    boolean areFound(Descriptor socket, InetSocket.Kind kind, int number) {
        var port = new Port(protocol(kind), number);
        boolean shares = InetSocket.sharesPort(socket);
        return noted(port).stream()
                .filter(one -> one.cookie() != kind.cookie() && !(shares && one.bound().equals(all(kind).get(0))))
                .anyMatch(one -> all(kind).stream().anyMatch(address -> isFound(one, address, port)));
    }

    /** Whether a socket is found under the other addresses already. */
    boolean isSteered(InetSocket.Kind kind, int number) {
        var port = new Port(protocol(kind), number);
        return !others(kind).isEmpty() && noted(port).stream().anyMatch(one -> one.cookie() == kind.cookie()
                && others(kind).stream().allMatch(address -> isFound(one, address, port)));
    }

    private List<Steered> noted(Port port) {
        return steered.getOrDefault(port, List.of());
    }

    private boolean isFound(Steered one, Inet address, Port port) {
        return steering.orElseThrow().found(address, port.number(), port.protocol(), one.place())
                .equals(Optional.of(one.cookie()));
    }

    private boolean isFound(Steered one, Port port) {
        return jail.addresses().stream().anyMatch(address -> isFound(one, address, port));
    }

    /**
     * Has a socket that has a port of the first address found under the others, beside those that share the port with it
     * (SO_REUSEPORT): the kernel finds all of them by one. When there are so many that it has no place, they have to do for
     * it. Returns 0 or minus an errno.
     */
    long steer(Descriptor socket, InetSocket.Kind kind) {
        var port = new Port(protocol(kind), InetSocket.name(socket).port());
        unsteer(kind, port.number());
        var all = new ArrayList<>(noted(port).stream().filter(one -> isFound(one, port)).toList());
        int place = 0;
        while (place < Steering.PLACES && isTaken(place, all, kind, port)) {
            place++;
        }
        if (place == Steering.PLACES) {
            return 0;
        }
        all.add(new Steered(all(kind).get(0), kind.cookie(), place));
        note(port, all);
        for (var address : others(kind)) {
            long result = steering.orElseThrow().steer(address, port.number(), port.protocol(), place, socket);
            if (result < 0) {
                unsteer(kind, port.number());
                return result;
            }
        }
        return 0;
    }

    private boolean isTaken(int place, List<Steered> all, InetSocket.Kind kind, Port port) {
        return all.stream().anyMatch(one -> one.place() == place
                && others(kind).stream().anyMatch(address -> isFound(one, address, port)));
    }

    private void note(Port port, List<Steered> all) {
        if (steered.size() >= MAX_NOTED) {
            steered.entrySet().removeIf(noted -> noted.getValue().stream().noneMatch(one -> isFound(one, noted.getKey())));
        }
        steered.put(port, all);
    }

    void unsteer(InetSocket.Kind kind, int number) {
        var port = new Port(protocol(kind), number);
        noted(port).stream().filter(one -> one.cookie() == kind.cookie()).forEach(one -> others(kind)
                .forEach(address -> steering.orElseThrow().unsteer(address, number, port.protocol(), one.place(), one.cookie())));
    }

    List<Inet> others(InetSocket.Kind kind) {
        return all(kind).stream().skip(1).toList();
    }

    private static int protocol(InetSocket.Kind kind) {
        return kind.type() == InetSocket.SOCK_STREAM ? InetSocket.IPPROTO_TCP : InetSocket.IPPROTO_UDP;
    }
}
