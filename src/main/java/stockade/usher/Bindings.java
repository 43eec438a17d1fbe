package stockade.usher;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.SocketName;
import stockade.network.Inet;

/**
 * The bind(2) and listen(2) of a jail that shares the host's stack. All of its sockets are bound here ({@link KeptPort}), and
 * the programs of its cgroup let nobody else. Reserved ports are for who has CAP_NET_BIND_SERVICE in the jail, where the kernel
 * would ask for it in the host. In a jail with several addresses a socket that is bound to the wildcard is bound to the first
 * address that this stands for, and steered to from the others: one of streams once it listens, until when it has a mark that
 * its jail can't make, that it binds without a port.
 */
final class Bindings {
    private static final int FIRST_UNRESERVED_PORT = 1024;
    /** How many ports are tried that the kernel finds free on the first address. */
    private static final int MAX_ATTEMPTS = 16;

    private final OwnAddresses addresses;
    private final FoundSockets found;
    private final KeptPort kept;

    Bindings(OwnAddresses addresses, FoundSockets found, PortSharing sharing) {
        this.addresses = addresses;
        this.found = found;
        this.kept = new KeptPort(addresses, sharing);
    }

    /** @param mayBindReserved whether the caller may bind reserved ports */
    Answer bind(Call call, BooleanSupplier mayBindReserved) {
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var kind = addresses.ofHost(socket);
            if (kind.isEmpty()) {
                return new Answer.Proceed();
            }
            if (!addresses.isOwn(socket, kind.get())) {
                return Answer.refuse(Errno.EPERM);
            }
            var sockaddr = call.caller().readName(call.argument(1), call.intArgument(2))
                    .map(read -> kind.get().family() == InetSocket.AF_INET ? SocketName.asIp4(read) : read);
            if (sockaddr.isEmpty()) {
                return Answer.refuse(Caller.isNameSize(call.intArgument(2)) ? Errno.EFAULT : Errno.EINVAL);
            }
            var name = SocketName.parse(sockaddr.get());
            int port = SocketName.port(sockaddr.get());
            if (port > 0 && port < FIRST_UNRESERVED_PORT && !mayBindReserved.getAsBoolean()) {
                return Answer.refuse(Errno.EACCES);
            }
            boolean forAll = name.isPresent() && isSteered(kind.get(), name.get());
            long result = forAll ? bind(socket, kind.get(), port)
                    : name.isPresent() && found.arePossible() ? bindToOne(socket, kind.get(), sockaddr.get(), name.get())
                            : kept.bind(socket, kind.get(), sockaddr.get(), any -> true);
            if (result == 0 && found.arePossible() && kind.get().type() == InetSocket.SOCK_STREAM) {
                InetSocket.setBindsWithoutPort(socket, forAll);
            }
            if (result < 0) {
                addresses.restore(socket, kind.get());
            }
            return new Answer.Result(result);
        }
    }

    private boolean isSteered(InetSocket.Kind kind, SocketName name) {
        return name.isWildcard() && found.arePossible() && !addresses.all(kind).isEmpty()
                && kind.family() == InetSocket.AF_INET == (name.address().length == 4);
    }

    /** To an address, of which it may have a port that is not found there for another socket. */
    private long bindToOne(Descriptor socket, InetSocket.Kind kind, byte[] sockaddr, SocketName name) {
        long taken = -Errno.EADDRINUSE.number();
        if (found.isFound(kind, name)) {
            return taken;
        }
        long result = taken;
        for (int i = 0; i < (name.port() == 0 ? MAX_ATTEMPTS : 1) && result == taken; i++) {
            result = kept.bind(socket, kind, sockaddr, port -> !found.isFound(kind, new SocketName(name.address(), port)));
        }
        return result;
    }

    private long bind(Descriptor socket, InetSocket.Kind kind, int port) {
        long result = port == 0 ? bindToAnyPort(socket, kind)
                : isTaken(socket, kind, port) ? -Errno.EADDRINUSE.number() : bindToFirst(socket, kind, port);
        if (result < 0 || kind.type() == InetSocket.SOCK_STREAM) {
            return result;
        }
        result = found.steer(socket, kind);
        if (result < 0) {
            InetSocket.giveUpPort(socket, kind);
        }
        return result;
    }

    Answer listen(Call call) {
        try (var socket = call.caller().descriptor(call.intArgument(0))) {
            var kind = addresses.ofHost(socket).filter(any -> any.type() == InetSocket.SOCK_STREAM);
            if (kind.isEmpty() || !addresses.isOwn(socket, kind.get()) || addresses.all(kind.get()).isEmpty()) {
                return new Answer.Proceed();
            }
            return new Answer.Result(listen(socket, kind.get(), call.intArgument(1)));
        }
    }

    /**
     * Others may have taken its port since it was bound, of addresses where it is not bound. What getsockname(2) tells is a port
     * that the socket has given up, if it was disconnected (tcp_disconnect, net/ipv4/tcp.c): the kernel then finds one now.
     */
    private long listen(Descriptor socket, InetSocket.Kind kind, int backlog) {
        var before = InetSocket.name(socket);
        if (before.port() == 0) {
            long result = bindToAnyPort(socket, kind);
            if (result < 0) {
                addresses.restore(socket, kind);
                return result;
            }
            InetSocket.setBindsWithoutPort(socket, true);
            before = InetSocket.name(socket);
        }
        boolean forAll = isForAll(socket, kind, before);
        if (isTaken(socket, kind, before, forAll)) {
            return -Errno.EADDRINUSE.number();
        }
        long result = InetSocket.listen(socket, backlog);
        if (result < 0) {
            return result;
        }
        var now = InetSocket.name(socket);
        result = now.port() != before.port() && isTaken(socket, kind, now, forAll) ? -Errno.EADDRINUSE.number()
                : forAll && !found.isSteered(kind, now.port()) ? found.steer(socket, kind) : 0;
        if (result < 0) {
            InetSocket.disconnect(socket);
        }
        return result;
    }

    /** Whether a socket of streams was bound to the wildcard. What it has accepted has its mark, too, at another address. */
    private boolean isForAll(Descriptor socket, InetSocket.Kind kind, SocketName name) {
        return InetSocket.bindsWithoutPort(socket) && Arrays.equals(addresses.all(kind).get(0).bytes(), name.plainAddress());
    }

    private boolean isTaken(Descriptor socket, InetSocket.Kind kind, SocketName name, boolean forAll) {
        return forAll ? !found.isSteered(kind, name.port()) && isTaken(socket, kind, name.port())
                : found.isFound(kind, name);
    }

    private byte[] first(InetSocket.Kind kind, int port) {
        return name(kind, addresses.all(kind).get(0), port).bytes();
    }

    private long bindToFirst(Descriptor socket, InetSocket.Kind kind, int port) {
        return kept.bind(socket, kind, first(kind, port), any -> true);
    }

    private static SocketName name(InetSocket.Kind kind, Inet address, int port) {
        return new SocketName(kind.family() == InetSocket.AF_INET ? address.bytes() : address.mapped(), port);
    }

    /** To a port that is free on all addresses. */
    private long bindToAnyPort(Descriptor socket, InetSocket.Kind kind) {
        if (kind.isForBoth()) {
            return bindForBoth(socket, kind);
        }
        long taken = -Errno.EADDRINUSE.number();
        long result = taken;
        for (int i = 0; i < MAX_ATTEMPTS && result == taken; i++) {
            result = kept.bind(socket, kind, first(kind, 0), port -> !isTaken(socket, kind, port));
        }
        return result;
    }

    /**
     * One that may become one of the other family when it is connected ({@link Sources}) has to be able to give up its port, which
     * it never does when the port was named. One of datagrams has the kernel find its port without bind(2), which takes the
     * address away when there is none; one of streams has it again before the jail's next call is answered.
     */
    private long bindForBoth(Descriptor socket, InetSocket.Kind kind) {
        if (kind.type() == InetSocket.SOCK_STREAM) {
            InetSocket.setBindsWithoutPort(socket, false); // as it may have been marked
        }
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            long result = kind.type() == InetSocket.SOCK_STREAM ? InetSocket.bind(socket, first(kind, 0))
                    : Sockets.bindForBoth(socket, addresses.all(kind).get(0));
            if (result == 0 && kind.type() == InetSocket.SOCK_DGRAM) {
                result = InetSocket.findPort(socket);
            }
            if (result < 0 || !isTaken(socket, kind, InetSocket.name(socket).port())) {
                return result;
            }
            InetSocket.giveUpPort(socket, kind);
        }
        return -Errno.EADDRINUSE.number();
    }

    /** Whether somebody has the port of one of the addresses where it is not bound: a service of the host's, say, which keeps it. */
    private boolean isTaken(Descriptor socket, InetSocket.Kind kind, int port) {
        boolean reuses = InetSocket.reusesAddress(socket);
        return found.areFound(socket, kind, port)
                || addresses.others(kind).stream().anyMatch(address -> isTaken(address, kind.type(), port, reuses));
    }

    private static boolean isTaken(Inet address, int type, int port, boolean reuses) {
        if (InetSocket.open(address.family(), type, 0) instanceof InetSocket.Made.Open(Descriptor probe)) {
            try (probe) {
                InetSocket.setReusesAddress(probe, reuses);
                return InetSocket.bind(probe, new SocketName(address.bytes(), port)) == -Errno.EADDRINUSE.number();
            }
        }
        return true; // as far as anybody knows
    }
}
