package stockade.linux;

import static stockade.linux.KernelException.check;

/**
 * Locks by which processes say something for as long as they live, each of one byte of a file that is there for this alone. They are for
 * reading, so that none is in the way of another, and belong to the open file and whoever inherits it (fcntl(2), F_OFD_SETLK).
 *
 * The kernel goes through all locks of a file for each that is made, given back or asked for (fs/locks.c, posix_lock_inode and
 * posix_test_lock, 6.18).
 */
public final class FileLocks {
    /** The size of a struct flock. */
    static final int LOCK = 32;
    private static final int GET_LOCK = 36; // F_OFD_GETLK
    private static final int SET_LOCK = 37;
    private static final int FOR_READING = 0; // F_RDLCK
    static final int FOR_WRITING = 1;
    static final int NONE = 2;

    private FileLocks() {
    }

    /**
     * Locks a place in a file that is open for reading, for as long as it is open here or wherever it has been inherited.
     *
     * @throws KernelException ENOLCK if the kernel has no memory for another lock
     */
    public static void lock(Descriptor file, int place) {
        try (var lock = new Memory(LOCK)) {
            put(lock, FOR_READING, place, place + 1);
            check(Native.call(SystemCall.FCNTL, file.number(), SET_LOCK, lock.address()), "fcntl");
        }
    }

    /** Which of the first places, so many as {@code found} has, are locked by other open files: a question for each, and for each gap. */
    public static void find(Descriptor file, boolean[] found) {
        try (var lock = new Memory(LOCK)) {
            find(file, lock, 0, found.length, found);
        }
    }

    /** The kernel tells any of those that it finds, mostly the one that was made first. */
    private static void find(Descriptor file, Memory lock, int from, int to, boolean[] found) {
        for (int first = from; first < to;) {
            int place = ask(file, lock, first, to);
            if (place == to) {
                return;
            }
            found[place] = true;
            find(file, lock, first, place, found);
            first = place + 1;
        }
    }

    /** Whether a place is locked by another open file. */
    public static boolean isLocked(Descriptor file, int place) {
        try (var lock = new Memory(LOCK)) {
            return ask(file, lock, place, place + 1) == place;
        }
    }

    /** A place that is locked by another open file, or {@code to}. */
    private static int ask(Descriptor file, Memory lock, int from, int to) {
        put(lock, FOR_WRITING, from, to);
        check(Native.call(SystemCall.FCNTL, file.number(), GET_LOCK, lock.address()), "fcntl");
        return lock.getShort(0) == NONE ? to : Math.max(from, (int) lock.getLong(8));
    }

    /** Writes a struct flock. */
    static void put(Memory lock, int type, int from, int to) {
        lock.putShort(0, type).putLong(8, from).putLong(16, to - from).putInt(24, 0);
    }
}
