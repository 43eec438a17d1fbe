package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.OptionalInt;

/** seccomp(2) filters and the system calls that they hand to a supervisor (ADDFD_SEND needs Linux 5.14). */
public final class Seccomp {
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int FLAG_NEW_LISTENER = 8;
    /** Once the supervisor has the call, only a fatal signal interrupts it (Linux 5.19). */
    private static final int FLAG_WAIT_KILLABLE_RECV = 32;
    private static final long NOTIF_RECV = 0xc0502100L;
    private static final long NOTIF_SEND = 0xc0182101L;
    private static final long NOTIF_ID_VALID = 0x40082102L;
    private static final long NOTIF_ADDFD = 0x40182103L;
    private static final long NOTIF_SET_FLAGS = 0x40082104L;
    private static final int NOTIF_SIZE = 80;
    private static final int ADDFD_FLAG_SEND = 2;
    private static final int FLAG_CONTINUE = 1;
    private static final int FLAG_SYNC_WAKE_UP = 1;
    private static final int O_CLOEXEC = 02000000;

    private Seccomp() {
    }

    /** Installs a filter for this process and its children to come; returns the supervisor's descriptor. */
    public static Descriptor install(byte[] program) {
        try (var code = Memory.bytes(program); var fprog = new Memory(16)) {
            fprog.putShort(0, program.length / 8).putLong(8, code.address());
            long listener = Native.call(SystemCall.SECCOMP, SECCOMP_SET_MODE_FILTER,
                    FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE_RECV, fprog.address());
            return new Descriptor(check(listener, Errno.EINVAL.is(listener)
                    ? "seccomp WAIT_KILLABLE_RECV (needs Linux 5.19)"
                    : Errno.EBUSY.is(listener) ? "seccomp (not possible where somebody supervises already, as in a chroot)"
                            : "seccomp"));
        }
    }

    /** A system call that waits for its answer. Arguments that are ints are to be cut to ints by the reader. */
    public record Notification(long id, int pid, int number, long[] arguments) {
    }

    /** The next call that waits; null if its caller has died in the meantime. */
    public static Notification receive(Descriptor listener) {
        try (var notification = new Memory(NOTIF_SIZE)) {
            long result = Native.call(SystemCall.IOCTL, listener.number(), NOTIF_RECV, notification.address());
            if (Errno.ENOENT.is(result) || Errno.EINTR.is(result)) {
                return null;
            }
            check(result, "SECCOMP_IOCTL_NOTIF_RECV");
            var arguments = new long[6];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = notification.getLong(32 + i * 8);
            }
            return new Notification(notification.getLong(0), notification.getInt(8), notification.getInt(16), arguments);
        }
    }

    /** The question that a filter of this program answers by itself, with {@link #SUPERVISED}. */
    public static final int IS_SUPERVISED = -1;
    public static final Errno SUPERVISED = Errno.EUSERS;

    /**
     * Asks the supervisor of this process by _sysctl(2), which Linux itself has no more (since 5.5): a number for a
     * number. Empty if this process has none.
     *
     * @throws KernelException if the supervisor has died
     */
    public static OptionalInt askSupervisor(int question) {
        return SUPERVISED.is(Native.call(SystemCall.SYSCTL, IS_SUPERVISED))
                ? OptionalInt.of((int) check(Native.call(SystemCall.SYSCTL, question), "_sysctl")) : OptionalInt.empty();
    }

    /** Lets caller and supervisor take turns on one processor, where the kernel can (Linux 6.6). */
    public static void wakeSynchronously(Descriptor listener) {
        Native.call(SystemCall.IOCTL, listener.number(), NOTIF_SET_FLAGS, FLAG_SYNC_WAKE_UP);
    }

    /** Whether the caller still waits, so that what was learnt of its pid was learnt of it and of no later process. */
    public static boolean isWaiting(Descriptor listener, Notification call) {
        try (var id = new Memory(8).putLong(0, call.id)) {
            return Native.call(SystemCall.IOCTL, listener.number(), NOTIF_ID_VALID, id.address()) == 0;
        }
    }

    /** Answers a call as the kernel would: a value, or minus an error number. A caller that has died needs no answer. */
    public static void answer(Descriptor listener, Notification call, long result) {
        try (var response = new Memory(24)) {
            response.putLong(0, call.id);
            if (result < 0) {
                response.putInt(16, (int) result);
            } else {
                response.putLong(8, result);
            }
            send(listener, response);
        }
    }

    /** A caller that has died needs no answer; one that gets none for another reason would wait for ever. */
    private static void send(Descriptor listener, Memory response) {
        long result = Native.call(SystemCall.IOCTL, listener.number(), NOTIF_SEND, response.address());
        if (!Errno.ENOENT.is(result)) {
            check(result, "SECCOMP_IOCTL_NOTIF_SEND");
        }
    }

    /** Has the kernel carry out a call as if nobody had been asked, its own checks included. */
    public static void proceed(Descriptor listener, Notification call) {
        try (var response = new Memory(24)) {
            response.putLong(0, call.id).putInt(20, FLAG_CONTINUE);
            send(listener, response);
        }
    }

    /** Answers a call with a descriptor, which the caller gets under its lowest free number. */
    public static void handIn(Descriptor listener, Notification call, Descriptor descriptor, boolean closeOnExec) {
        try (var addfd = new Memory(24)) {
            addfd.putLong(0, call.id).putInt(8, ADDFD_FLAG_SEND).putInt(12, descriptor.number());
            addfd.putInt(20, closeOnExec ? O_CLOEXEC : 0);
            long result = Native.call(SystemCall.IOCTL, listener.number(), NOTIF_ADDFD, addfd.address());
            if (result < 0 && !Errno.ENOENT.is(result)) {
                answer(listener, call, result); // EMFILE: the caller's table is full
            }
        }
    }
}
