package stockade.usher;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;
import stockade.network.Steering;
import stockade.prison.Jail;

/**
 * The bind(2) and listen(2) of a jail with several addresses, or with IPv6: a socket that is bound to the wildcard is
 * bound to the first address that this stands for, and steered to from the others. For an IPv6 socket that serves
 * both families the first is the IPv4 one in its mapped form: bound to an IPv6 address the kernel takes it for one of
 * IPv6 alone. A socket that listens without being bound would have its port of every address of the host: it is bound
 * first.
 */
final class Listeners {
    private static final int MAX_NAME = 128; // struct sockaddr_storage
    private static final int FIRST_UNRESERVED_PORT = 1024;
    /** How many sockets may be bound to the wildcard and not listen yet; the oldest are then not steered to. */
    private static final int MAX_BOUND = 1024;
    /** How often a port may be taken by another in the moment between. */
    private static final int MAX_ATTEMPTS = 16;

    private final Jail jail;
    private final Optional<Steering> steering;
    private final long network = InetSocket.networkCookie();
    /** Their numbers among all sockets (SO_COOKIE). */
    private final Deque<Long> bound = new ArrayDeque<>();

    Listeners(Jail jail, Optional<Steering> steering) {
        this.jail = jail;
        this.steering = steering;
    }

    Answer bind(Call call, BooleanSupplier isRoot) {
        int length = call.intArgument(2);
        var name = length < 0 || length > MAX_NAME ? Optional.<SocketName>empty()
                : call.caller().read(call.argument(1), length).flatMap(SocketName::parse);
        if (name.isEmpty() || !name.get().isWildcard()) {
            return new Answer.Proceed(); // the programs of the jail's cgroup check it
        }
        int port = name.get().port();
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var kind = ofHost(socket).filter(k -> k.type() != InetSocket.SOCK_RAW);
            var all = kind.map(this::addresses).orElse(List.of());
            boolean sameFamily = kind.isPresent()
                    && (kind.get().family() == InetSocket.AF_INET) == (name.get().address().length == 4);
            if (all.isEmpty() || !sameFamily || !call.isWaiting()) {
                return new Answer.Proceed();
            }
            if (port != 0 && port < FIRST_UNRESERVED_PORT && !isRoot.getAsBoolean()) {
                return Answer.refuse(Errno.EACCES); // the usher's own bind would be taken for the root's
            }
            if (port != 0 && all.stream().skip(1).anyMatch(address -> isTaken(address, kind.get().type(), port))) {
                return Answer.refuse(Errno.EADDRINUSE);
            }
            long result = port == 0 && kind.get().type() == InetSocket.SOCK_DGRAM
                    ? bindToAnyPort(socket, kind.get(), all.get(0))
                    : bind(socket, kind.get(), all.get(0), port);
            if (result == 0 && kind.get().type() == InetSocket.SOCK_DGRAM) {
                steer(socket, kind.get());
            } else if (result == 0) {
                remember(kind.get().cookie());
            }
            return new Answer.Result(result);
        }
    }

    Answer listen(Call call) {
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var kind = ofHost(socket);
            if (kind.isEmpty() || !call.isWaiting()) {
                return new Answer.Proceed();
            }
            boolean steered = bound.remove(kind.get().cookie());
            if (!steered && kind.get().family() == InetSocket.AF_INET6 && kind.get().type() == InetSocket.SOCK_STREAM
                    && InetSocket.port(socket) == 0 && !addresses(kind.get()).isEmpty()) {
                long result = bind(socket, kind.get(), addresses(kind.get()).get(0), 0);
                if (result < 0) {
                    return new Answer.Result(result);
                }
                steered = true;
            }
            if (!steered) {
                return new Answer.Proceed();
            }
            long result = InetSocket.listen(socket, call.intArgument(1));
            if (result == 0) {
                steer(socket, kind.get());
            }
            return new Answer.Result(result);
        }
    }

    /** What a socket of the host's network is; one that another jail has passed may be of its own. */
    private Optional<InetSocket.Kind> ofHost(Descriptor socket) {
        return InetSocket.kind(socket).filter(kind -> kind.networkCookie() == network);
    }

    private static long bind(Descriptor socket, InetSocket.Kind kind, Inet address, int port) {
        return InetSocket.bind(socket,
                new SocketName(kind.family() == InetSocket.AF_INET ? address.bytes() : address.mapped(), port));
    }

    /**
     * To a port that is free, by its number: one that the kernel has chosen for this socket it could give up again
     * without being closed, and be steered to by the old and a new one.
     */
    private static long bindToAnyPort(Descriptor socket, InetSocket.Kind kind, Inet address) {
        long result = -Errno.EADDRINUSE.number();
        for (int i = 0; i < MAX_ATTEMPTS && result == -Errno.EADDRINUSE.number(); i++) {
            result = freePort(address).map(port -> bind(socket, kind, address, port))
                    .orElse(-(long) Errno.EADDRINUSE.number());
        }
        return result;
    }

    private static Optional<Integer> freePort(Inet address) {
        var made = InetSocket.open(address.family(), InetSocket.SOCK_DGRAM, 0);
        if (made instanceof InetSocket.Made.Open(Descriptor probe)) {
            try (probe) {
                return InetSocket.bind(probe, new SocketName(address.bytes(), 0)) == 0 ? Optional.of(InetSocket.port(probe))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Whether somebody has the port of an address: a service of the host's, say, which keeps it. */
    private static boolean isTaken(Inet address, int type, int port) {
        var made = InetSocket.open(address.family(), type & ~InetSocket.SOCK_NONBLOCK, 0);
        if (made instanceof InetSocket.Made.Open(Descriptor probe)) {
            try (probe) {
                return InetSocket.bind(probe, new SocketName(address.bytes(), port)) == -Errno.EADDRINUSE.number();
            }
        }
        return false;
    }

    private void remember(long cookie) {
        bound.addLast(cookie);
        if (bound.size() > MAX_BOUND) {
            bound.removeFirst();
        }
    }

    /** The addresses that a wildcard stands for, the one to bind to first. */
    private List<Inet> addresses(InetSocket.Kind kind) {
        if (kind.family() == InetSocket.AF_INET) {
            return jail.ip4().addresses();
        }
        return kind.ip6Only() ? jail.ip6().addresses() : jail.addresses();
    }

    private void steer(Descriptor socket, InetSocket.Kind kind) {
        int protocol = kind.type() == InetSocket.SOCK_STREAM ? InetSocket.IPPROTO_TCP : InetSocket.IPPROTO_UDP;
        int port = InetSocket.port(socket);
        steering.ifPresent(s -> addresses(kind).stream().skip(1)
                .forEach(address -> s.steer(address, port, protocol, socket)));
    }
}
