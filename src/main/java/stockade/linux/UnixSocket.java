package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.ArrayList;
import java.util.List;

/**
 * A local socket of type SOCK_SEQPACKET: whole messages, in order, each of which may carry descriptors.
 * Everything received is close-on-exec.
 */
public final class UnixSocket {
    /** The most bytes that one message of this program has. */
    public static final int MAX_MESSAGE = 4096;

    /** The most descriptors that one message of this program carries. */
    public static final int MAX_DESCRIPTORS = 253;

    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 02000000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_PEERCRED = 17;
    private static final int SO_DOMAIN = 39;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_CTRUNC = 0x8;
    private static final int CMSG_HEADER = 16;

    private UnixSocket() {
    }

    /** Two connected sockets. */
    public record Pair(Descriptor ours, Descriptor theirs) {
    }

    /** A message with its descriptors, which now belong to the receiver. */
    public record Received(byte[] content, List<Descriptor> descriptors) {
        public void closeDescriptors() {
            descriptors.forEach(Descriptor::close);
        }
    }

    public static Pair pair() {
        try (var fds = new Memory(8)) {
            check(Native.call(SystemCall.SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, fds.address()), "socketpair");
            return new Pair(new Descriptor(fds.getInt(0)), new Descriptor(fds.getInt(4)));
        }
    }

    /** A socket that listens at a path, of at most 107 bytes. */
    public static Descriptor listen(String path) {
        var socket = create(0);
        try (var address = address(path)) {
            check(Native.call(SystemCall.BIND, socket.number(), address.address(), 2 + path.length() + 1), "bind", path);
            check(Native.call(SystemCall.LISTEN, socket.number(), 64), "listen", path);
        }
        return socket;
    }

    /** A socket that waits for nothing. @throws KernelException EAGAIN if as many as may wait to be accepted */
    public static Descriptor connect(String path) {
        int nonblock = 04000;
        var socket = create(nonblock);
        try (var address = address(path)) {
            check(Native.call(SystemCall.CONNECT, socket.number(), address.address(), 2 + path.length() + 1), path);
            return socket;
        } catch (KernelException e) {
            socket.close();
            throw e;
        }
    }

    public static Descriptor accept(Descriptor listener) {
        int cloexec = 02000000;
        return new Descriptor(check(Native.call(SystemCall.ACCEPT4, listener.number(), 0, 0, cloexec), "accept"));
    }

    private static Descriptor create(int flags) {
        return new Descriptor(check(Native.call(SystemCall.SOCKET, AF_UNIX, SOCK_SEQPACKET_CLOEXEC | flags, 0), "socket"));
    }

    private static Memory address(String path) {
        if (path.length() > 107) {
            throw new KernelException(path, Errno.ENAMETOOLONG);
        }
        var address = new Memory(110).putShort(0, AF_UNIX);
        address.putString(2, path);
        return address;
    }

    /** Whether a descriptor is a socket, of whatever family. */
    public static boolean isSocket(Descriptor descriptor) {
        return option(descriptor, SO_TYPE) >= 0;
    }

    /** Whether a socket is a local one that is connected for good: a stream, or messages in order. */
    public static boolean isTied(Descriptor socket) {
        int type = option(socket, SO_TYPE);
        try (var name = new Memory(110); var length = new Memory(4).putInt(0, 110)) {
            return option(socket, SO_DOMAIN) == AF_UNIX && (type == SOCK_STREAM || type == SOCK_SEQPACKET)
                    && Native.call(SystemCall.GETPEERNAME, socket.number(), name.address(), length.address()) == 0;
        }
    }

    /**
     * Gives a local socket that has no name one that the kernel finds (unix(7), autobind): whoever gets it can give it no other. Names without a file
     * are of the network namespace in which the socket was made, be it another's than the caller's (net/unix/af_unix.c, unix_bind, 6.18).
     */
    public static void nameIfNone(Descriptor socket) {
        try (var family = new Memory(2).putShort(0, AF_UNIX)) {
            long result = Native.call(SystemCall.BIND, socket.number(), family.address(), 2);
            if (!Errno.EINVAL.is(result)) { // else it has one
                check(result, "bind");
            }
        }
    }

    /** An option that is an int; negative if this is no socket, or is open only to be named (O_PATH). */
    private static int option(Descriptor socket, int option) {
        try (var value = new Memory(4); var length = new Memory(4).putInt(0, 4)) {
            long result = Native.call(SystemCall.GETSOCKOPT, socket.number(), SOL_SOCKET, option, value.address(),
                    length.address());
            if (Errno.ENOTSOCK.is(result) || Errno.EBADF.is(result)) {
                return -1;
            }
            check(result, "getsockopt");
            return value.getInt(0);
        }
    }

    /** The process at the other end and its user, as they were when it connected. */
    public record Peer(int pid, int uid) {
    }

    public static Peer peer(Descriptor socket) {
        try (var credentials = new Memory(12); var length = new Memory(4).putInt(0, 12)) {
            check(Native.call(SystemCall.GETSOCKOPT, socket.number(), SOL_SOCKET, SO_PEERCRED, credentials.address(),
                    length.address()), "SO_PEERCRED");
            return new Peer(credentials.getInt(0), credentials.getInt(4));
        }
    }

    /** Sends one message. Waits while the other end's queue is full. */
    public static void send(Descriptor socket, byte[] content, Descriptor... descriptors) {
        long n;
        do {
            n = send(socket, 0, content, descriptors);
        } while (Errno.EINTR.is(n));
        check(n, "send");
    }

    /** Sends one message unless that would wait. Returns whether it was sent. */
    public static boolean offer(Descriptor socket, byte[] content, Descriptor... descriptors) {
        return send(socket, MSG_DONTWAIT, content, descriptors) >= 0;
    }

    private static long send(Descriptor socket, int flags, byte[] content, Descriptor... descriptors) {
        try (var data = Memory.bytes(content); var header = new Memory(56 + 16 + CMSG_HEADER + descriptors.length * 8)) {
            header.putLong(56, data.address()).putLong(64, content.length);
            header.putLong(16, header.address() + 56).putLong(24, 1);
            if (descriptors.length > 0) {
                int control = 72;
                header.putLong(32, header.address() + control);
                header.putLong(40, align(CMSG_HEADER + descriptors.length * 4));
                header.putLong(control, CMSG_HEADER + descriptors.length * 4L);
                header.putInt(control + 8, SOL_SOCKET).putInt(control + 12, SCM_RIGHTS);
                for (int i = 0; i < descriptors.length; i++) {
                    header.putInt(control + CMSG_HEADER + i * 4, descriptors[i].number());
                }
            }
            return Native.call(SystemCall.SENDMSG, socket.number(), header.address(), MSG_NOSIGNAL | flags);
        }
    }

    /**
     * Receives one message; null when the other end has closed. A message longer than {@link #MAX_MESSAGE} is an error, never cut. One with
     * more descriptors than {@link #MAX_DESCRIPTORS}, or than this process may have, comes without any.
     */
    public static Received receive(Descriptor socket) {
        int controlSize = CMSG_HEADER + MAX_DESCRIPTORS * 4;
        try (var header = new Memory(72 + controlSize); var data = Memory.toBeWritten(MAX_MESSAGE)) {
            header.putLong(56, data.address()).putLong(64, MAX_MESSAGE);
            header.putLong(16, header.address() + 56).putLong(24, 1);
            header.putLong(32, header.address() + 72).putLong(40, controlSize);
            long n;
            do {
                n = Native.call(SystemCall.RECVMSG, socket.number(), header.address(), MSG_CMSG_CLOEXEC);
            } while (Errno.EINTR.is(n) || Errno.ECONNRESET.is(n)); // reset: it left our words unread, but may have spoken
            if (n == 0) {
                return null;
            }
            check(n, "receive");
            var descriptors = new ArrayList<Descriptor>();
            if (header.getLong(40) >= CMSG_HEADER && header.getInt(72 + 12) == SCM_RIGHTS) {
                int count = (int) (header.getLong(72) - CMSG_HEADER) / 4;
                for (int i = 0; i < count; i++) {
                    descriptors.add(new Descriptor(header.getInt(72 + CMSG_HEADER + i * 4)));
                }
            }
            var received = new Received(data.getBytes(0, (int) n), descriptors);
            int flags = header.getInt(48);
            if ((flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
                received.closeDescriptors();
            }
            if ((flags & MSG_TRUNC) != 0) {
                throw new KernelException("receive", Errno.EMSGSIZE);
            }
            return (flags & MSG_CTRUNC) == 0 ? received : new Received(received.content(), List.of());
        }
    }

    private static int align(int length) {
        return (length + 7) & ~7;
    }
}
