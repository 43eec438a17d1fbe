package stockade.role;

import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.InetSocket;
import stockade.linux.Seccomp;
import stockade.linux.Seccomp.Notification;
import stockade.linux.SystemCall;
import stockade.network.Inet4;

/**
 * The usher's answers to a jail's socket(2): sockets of the host's own network stack, made in the jail's
 * cgroup, whose programs hold them to the jail's address, and bound to that address from birth.
 */
final class SocketCalls {
    private static final int TYPE_MASK = 0xf; // include/linux/net.h
    private static final int SOCK_PACKET = 10;

    private final Descriptor listener;
    private final Optional<Inet4> address;

    SocketCalls(Descriptor listener, Optional<Inet4> address) {
        this.listener = listener;
        this.address = address;
    }

    /** Answers the next call that waits. */
    void answer() {
        var call = Seccomp.receive(listener);
        if (call == null) {
            return;
        }
        int domain = (int) call.arguments()[0];
        int type = (int) call.arguments()[1];
        int protocol = (int) call.arguments()[2];
        if (call.number() != SystemCall.SOCKET || domain != InetSocket.AF_INET) {
            Seccomp.refuse(listener, call, Errno.ENOSYS);
        } else if (address.isEmpty()) {
            Seccomp.refuse(listener, call, Errno.EAFNOSUPPORT);
        } else {
            objection(type, protocol).ifPresentOrElse(errno -> Seccomp.refuse(listener, call, errno),
                    () -> make(call, type, protocol, address.get()));
        }
    }

    /** Why a jail can't have such a socket, if it can't. */
    static Optional<Errno> objection(int type, int protocol) {
        if ((type & ~(TYPE_MASK | InetSocket.SOCK_NONBLOCK | InetSocket.SOCK_CLOEXEC)) != 0) {
            return Optional.of(Errno.EINVAL);
        }
        return switch (type & TYPE_MASK) {
            case InetSocket.SOCK_STREAM -> unless(protocol == 0 || protocol == InetSocket.IPPROTO_TCP);
            case InetSocket.SOCK_DGRAM -> unless(protocol == 0 || protocol == InetSocket.IPPROTO_UDP);
            case InetSocket.SOCK_RAW, SOCK_PACKET -> Optional.of(Errno.EPERM);
            default -> Optional.of(Errno.ESOCKTNOSUPPORT);
        };
    }

    private static Optional<Errno> unless(boolean supported) {
        return supported ? Optional.empty() : Optional.of(Errno.EPROTONOSUPPORT);
    }

    private void make(Notification call, int type, int protocol, Inet4 address) {
        switch (InetSocket.open(type, protocol, address.bits())) {
            case InetSocket.Made.Refused(Errno errno) -> Seccomp.refuse(listener, call, errno);
            case InetSocket.Made.Open(Descriptor socket) -> {
                Seccomp.handIn(listener, call, socket, (type & InetSocket.SOCK_CLOEXEC) != 0);
                socket.close();
            }
        }
    }
}
