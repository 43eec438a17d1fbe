package stockade.usher;

import java.util.function.BooleanSupplier;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;

/**
 * The bind(2) and listen(2) of a jail that shares the host's stack. Reserved ports are for who has CAP_NET_BIND_SERVICE in
 * the jail: the host's kernel would ask for it in the host, so they are bound here, by a process of the jail's root,
 * whom the programs of the jail's cgroup let. In a jail with several addresses a socket that is bound to the wildcard
 * is bound to the first address that this stands for, and steered to from the others.
 */
final class Bindings {
    private static final int FIRST_UNRESERVED_PORT = 1024;
    /** How many ports are tried that the kernel finds free on the first address. */
    private static final int MAX_ATTEMPTS = 16;

    private final SeveralAddresses addresses;
    /** Those that are bound to the wildcard and do not listen yet; what is forgotten of them is not steered to. */
    private final RecentSockets bound = new RecentSockets();

    Bindings(SeveralAddresses addresses) {
        this.addresses = addresses;
    }

    /** @param mayBindReserved whether the caller may bind reserved ports */
    Answer bind(Call call, BooleanSupplier mayBindReserved) {
        var sockaddr = call.caller().readName(call.argument(1), call.intArgument(2));
        var name = sockaddr.flatMap(SocketName::parse);
        boolean reserved = name.isPresent() && name.get().port() > 0 && name.get().port() < FIRST_UNRESERVED_PORT;
        boolean steered = name.isPresent() && name.get().isWildcard() && addresses.areSteered();
        if (!reserved && !steered) {
            return new Answer.Proceed(); // the programs of the jail's cgroup check it
        }
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var kind = addresses.ofHost(socket);
            if (kind.isEmpty() || !call.isWaiting()) {
                return new Answer.Proceed();
            }
            if (reserved && !mayBindReserved.getAsBoolean()) {
                return Answer.refuse(Errno.EACCES);
            }
            boolean sameFamily = kind.get().family() == InetSocket.AF_INET == (name.get().address().length == 4);
            if (steered && sameFamily && !addresses.all(kind.get()).isEmpty()) {
                return new Answer.Result(bind(socket, kind.get(), name.get().port()));
            }
            return reserved ? new Answer.Result(InetSocket.bind(socket, sockaddr.get())) : new Answer.Proceed();
        }
    }

    private long bind(Descriptor socket, InetSocket.Kind kind, int port) {
        long result = port == 0 ? bindToAnyPort(socket, kind)
                : isTaken(kind, port) ? -Errno.EADDRINUSE.number() : bindToFirst(socket, kind, port);
        if (result < 0) {
            return result;
        }
        if (kind.type() == InetSocket.SOCK_DGRAM) {
            return addresses.steer(socket, kind);
        }
        bound.add(kind.cookie());
        return 0;
    }

    Answer listen(Call call) {
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var found = addresses.ofHost(socket).filter(kind -> kind.type() == InetSocket.SOCK_STREAM);
            if (found.isEmpty() || !call.isWaiting()) {
                return new Answer.Proceed();
            }
            var kind = found.get();
            boolean unbound = InetSocket.name(socket).port() == 0 && !addresses.all(kind).isEmpty();
            if (unbound) {
                long result = bindToAnyPort(socket, kind);
                if (result < 0) {
                    return new Answer.Result(result);
                }
            }
            if (!bound.remove(kind.cookie()) && !unbound) {
                return new Answer.Proceed();
            }
            long result = InetSocket.listen(socket, call.intArgument(1));
            if (result == 0) {
                result = addresses.steer(socket, kind);
                if (result < 0) {
                    InetSocket.disconnect(socket);
                }
            }
            return new Answer.Result(result);
        }
    }

    private long bindToFirst(Descriptor socket, InetSocket.Kind kind, int port) {
        return InetSocket.bind(socket, name(kind, addresses.all(kind).get(0), port));
    }

    private static SocketName name(InetSocket.Kind kind, Inet address, int port) {
        return new SocketName(kind.family() == InetSocket.AF_INET ? address.bytes() : address.mapped(), port);
    }

    /** To a port that is free on all addresses. */
    private long bindToAnyPort(Descriptor socket, InetSocket.Kind kind) {
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            long result = bindToFirst(socket, kind, 0);
            if (result < 0) {
                return result;
            }
            if (!isTaken(kind, InetSocket.name(socket).port())) {
                return 0;
            }
            InetSocket.giveUpPort(socket, kind);
        }
        return -Errno.EADDRINUSE.number();
    }

    /** Whether somebody has the port of one of the other addresses: a service of the host's, say, which keeps it. */
    private boolean isTaken(InetSocket.Kind kind, int port) {
        return addresses.others(kind).stream().anyMatch(address -> isTaken(address, kind.type(), port));
    }

    private static boolean isTaken(Inet address, int type, int port) {
        if (InetSocket.open(address.family(), type, 0) instanceof InetSocket.Made.Open(Descriptor probe)) {
            try (probe) {
                return InetSocket.bind(probe, new SocketName(address.bytes(), port)) == -Errno.EADDRINUSE.number();
            }
        }
        return false;
    }
}
