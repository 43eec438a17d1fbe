package stockade.linux;

import static stockade.linux.KernelException.check;

/**
 * Locks of a file's bytes, each of which one process at a time has: a child has none of its parent's, though it has the file, and
 * they end with the process (fcntl(2), F_SETLK). They also end when it closes any descriptor of the file.
 */
public final class ProcessLocks {
    private static final int SET_LOCK = 6; // F_SETLK
    private static final int SET_LOCK_WAITING = 7;

    private ProcessLocks() {
    }

    /** Waits for a place of a file that is open for writing. */
    public static void lock(Descriptor file, int place) {
        long result;
        do {
            result = set(file, SET_LOCK_WAITING, FileLocks.FOR_WRITING, place);
        } while (Errno.EINTR.is(result));
        check(result, "fcntl");
    }

    /** Locks a place unless another process has it. Returns whether it did. */
    public static boolean tryLock(Descriptor file, int place) {
        long result = set(file, SET_LOCK, FileLocks.FOR_WRITING, place);
        if (Errno.EAGAIN.is(result)) {
            return false;
        }
        check(result, "fcntl");
        return true;
    }

    public static void unlock(Descriptor file, int place) {
        check(set(file, SET_LOCK, FileLocks.NONE, place), "fcntl");
    }

    private static long set(Descriptor file, int command, int type, int place) {
        try (var lock = new Memory(FileLocks.LOCK)) {
            FileLocks.put(lock, type, place, place + 1);
            return Native.call(SystemCall.FCNTL, file.number(), command, lock.address());
        }
    }
}
