package stockade.usher;

import java.util.function.BooleanSupplier;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;

/**
 * The bind(2) and listen(2) of a jail with several addresses: a socket that is bound to the wildcard is bound to the
 * first address that this stands for, and steered to from the others.
 */
final class Wildcards {
    private static final int FIRST_UNRESERVED_PORT = 1024;
    /** How many ports are tried that the kernel finds free on the first address. */
    private static final int MAX_ATTEMPTS = 16;

    private final SeveralAddresses addresses;
    /** Those that are bound to the wildcard and do not listen yet; what is forgotten of them is not steered to. */
    private final RecentSockets bound = new RecentSockets();

    Wildcards(SeveralAddresses addresses) {
        this.addresses = addresses;
    }

    Answer bind(Call call, BooleanSupplier isRoot) {
        var name = call.caller().readName(call.argument(1), call.intArgument(2)).flatMap(SocketName::parse);
        if (name.isEmpty() || !name.get().isWildcard()) {
            return new Answer.Proceed(); // the programs of the jail's cgroup check it
        }
        int port = name.get().port();
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var found = addresses.ofHost(socket);
            if (found.isEmpty() || addresses.all(found.get()).isEmpty() || !call.isWaiting()
                    || found.get().family() == InetSocket.AF_INET != (name.get().address().length == 4)) {
                return new Answer.Proceed();
            }
            if (port != 0 && port < FIRST_UNRESERVED_PORT && !isRoot.getAsBoolean()) {
                return Answer.refuse(Errno.EACCES); // the usher's own bind would be taken for the root's
            }
            return new Answer.Result(bind(socket, found.get(), port));
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
