package stockade.usher;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;
import stockade.network.Steering;

/**
 * The sockets of a jail with several addresses that are found under others than the one where they are bound. The kernel does not
 * compare these with anything, so that is done here.
 */
final class FoundSockets {
    /** Of how many ports is noted what was found, those of closed sockets included: twice what the kernel has room for. */
    private static final int MAX_NOTED = 1 << 14;

    private final OwnAddresses addresses;
    private final Optional<Steering> steering;
    private final Map<Port, List<Steered>> steered;

    /** @param steered the sockets that are, or were, found under other addresses */
    FoundSockets(OwnAddresses addresses, Optional<Steering> steering, Map<Port, List<Steered>> steered) {
        this.addresses = addresses;
        this.steering = steering;
        this.steered = steered;
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

    /** Whether there can be any. */
    boolean arePossible() {
        return steering.isPresent();
    }

    /**
     * Whether another socket is found where one is that is bound to a name, though not bound there itself: 127.0.0.1 and ::1 are the
     * first address of their family, as for the program of bind(2).
     */
    boolean isFound(InetSocket.Kind kind, SocketName name) {
        var port = new Port(protocol(kind), name.port());
        return name.port() != 0 && noted(port).stream().filter(one -> one.cookie() != kind.cookie())
                .anyMatch(one -> addresses.all().stream()
                        .anyMatch(own -> Arrays.equals(own.bytes(), addresses.bound(name)) && isFound(one, own, port)));
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
                .filter(one -> one.cookie() != kind.cookie() && !(shares && one.bound().equals(addresses.all(kind).get(0))))
                .anyMatch(one -> addresses.all(kind).stream().anyMatch(address -> isFound(one, address, port)));
    }

    /** Whether a socket is found under the other addresses already. */
    boolean isSteered(InetSocket.Kind kind, int number) {
        var port = new Port(protocol(kind), number);
        return !addresses.others(kind).isEmpty() && noted(port).stream().anyMatch(one -> one.cookie() == kind.cookie()
                && addresses.others(kind).stream().allMatch(address -> isFound(one, address, port)));
    }

    private List<Steered> noted(Port port) {
        return steered.getOrDefault(port, List.of());
    }

    private boolean isFound(Steered one, Inet address, Port port) {
        return steering.orElseThrow().found(address, port.number(), port.protocol(), one.place())
                .equals(Optional.of(one.cookie()));
    }

    private boolean isFound(Steered one, Port port) {
        return addresses.all().stream().anyMatch(address -> isFound(one, address, port));
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
        all.add(new Steered(addresses.all(kind).get(0), kind.cookie(), place));
        note(port, all);
        for (var address : addresses.others(kind)) {
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
                && addresses.others(kind).stream().anyMatch(address -> isFound(one, address, port)));
    }

    private void note(Port port, List<Steered> all) {
        if (steered.size() >= MAX_NOTED) {
            steered.entrySet().removeIf(noted -> noted.getValue().stream().noneMatch(one -> isFound(one, noted.getKey())));
        }
        steered.put(port, all);
    }

    void unsteer(InetSocket.Kind kind, int number) {
        var port = new Port(protocol(kind), number);
        noted(port).stream().filter(one -> one.cookie() == kind.cookie()).forEach(one -> addresses.others(kind)
                .forEach(address -> steering.orElseThrow().unsteer(address, number, port.protocol(), one.place(), one.cookie())));
    }

    private static int protocol(InetSocket.Kind kind) {
        return kind.type() == InetSocket.SOCK_STREAM ? InetSocket.IPPROTO_TCP : InetSocket.IPPROTO_UDP;
    }
}
