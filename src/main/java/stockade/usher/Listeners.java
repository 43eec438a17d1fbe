package stockade.usher;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;
import stockade.network.Steering;
import stockade.prison.Jail;

/**
 * The bind(2) and listen(2) of a jail with several addresses: a socket that is bound to the wildcard is bound to the
 * first address that this stands for, and steered to from the others. For an IPv6 socket that serves both families
 * the first is the IPv4 one in its mapped form: bound to an IPv6 address the kernel takes it for one of IPv6 alone.
 */
final class Listeners {
    private static final int MAX_NAME = 128; // struct sockaddr_storage
    private static final int FIRST_UNRESERVED_PORT = 1024;
    /** How many sockets may be bound to the wildcard and not listen yet; the oldest are then not steered to. */
    private static final int MAX_BOUND = 1024;

    private final Jail jail;
    private final Steering steering;
    /** Their numbers among all sockets (SO_COOKIE). */
    private final Deque<Long> bound = new ArrayDeque<>();

    Listeners(Jail jail, Steering steering) {
        this.jail = jail;
        this.steering = steering;
    }

    Answer bind(Call call, boolean isRoot) {
        int length = call.intArgument(2);
        var name = length < 0 || length > MAX_NAME ? Optional.<SocketName>empty()
                : call.caller().read(call.argument(1), length).flatMap(SocketName::parse);
        if (name.isEmpty() || !name.get().isWildcard()) {
            return new Answer.Proceed(); // the programs of the jail's cgroup check it
        }
        int port = name.get().port();
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var kind = InetSocket.kind(socket).filter(k -> k.type() != InetSocket.SOCK_RAW);
            var all = kind.map(this::addresses).orElse(List.of());
            boolean sameFamily = kind.isPresent()
                    && (kind.get().family() == InetSocket.AF_INET) == (name.get().address().length == 4);
            if (all.isEmpty() || !sameFamily || !call.isWaiting()) {
                return new Answer.Proceed();
            }
            if (port != 0 && port < FIRST_UNRESERVED_PORT && !isRoot) {
                return Answer.refuse(Errno.EACCES); // the usher's own bind would be taken for the root's
            }
            var first = all.get(0);
            long result = InetSocket.bind(socket, new SocketName(kind.get().family() == InetSocket.AF_INET ? first.bytes()
                    : first.mapped(), port));
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
            var kind = InetSocket.kind(socket);
            if (kind.isEmpty() || !bound.remove(kind.get().cookie()) || !call.isWaiting()) {
                return new Answer.Proceed();
            }
            long result = InetSocket.listen(socket, call.intArgument(1));
            if (result == 0) {
                steer(socket, kind.get());
            }
            return new Answer.Result(result);
        }
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
        addresses(kind).stream().skip(1).forEach(address -> steering.steer(address, port, protocol, socket));
    }
}
