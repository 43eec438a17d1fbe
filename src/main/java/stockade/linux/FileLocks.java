package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.Arrays;

/**
 * Locks by which a process says something of a file for as long as it lives, and /proc/locks tells of all files at once what else each
 * would have to be opened for. They are for reading, of one byte each, so that none is in the way of another, and belong to the open
 * file and whoever inherits it (fcntl(2), F_OFD_SETLK): so they are of no pid namespace, in which /proc/locks does not show what a
 * process that has ended locked with flock(2).
 */
public final class FileLocks {
    private static final int TMPFS = 0x01021994;
    private static final int BLOCK = 8192; // more than the page that the kernel gives at once

    private static final int GET_LOCK = 36; // F_OFD_GETLK
    private static final int SET_LOCK = 37;
    private static final int FOR_READING = 0; // F_RDLCK
    private static final int FOR_WRITING = 1;
    private static final int NONE = 2;
    private static final int HELD = 0;
    private static final int MARKED = 1;

    private static final byte[] FLOCK = Bytes.of("FLOCK ");
    private static final byte[] OFDLCK = Bytes.of("OFDLCK ");
    private static final byte[] WRITE = Bytes.of("WRITE ");
    private static final byte[] READ = Bytes.of("READ ");

    private final byte[] device;
    private final Inodes held = new Inodes();
    private final Inodes marked = new Inodes();
    private boolean tellsMarks;

    /** @param device as in stat(2) */
    FileLocks(long device) {
        long major = device >>> 8 & 0xfff | device >>> 32 & ~0xfffL;
        long minor = device & 0xff | device >>> 12 & 0xffffff00L;
        this.device = Bytes.of(hexadecimal(major) + ":" + hexadecimal(minor) + ":");
    }

    private static String hexadecimal(long number) {
        return (number < 16 ? "0" : "") + Long.toHexString(number);
    }

    /** Those of the file system that a path is on. None of any but a tmpfs: others have files of other numbers in /proc/locks. */
    public static FileLocks besides(String path) {
        var locks = new FileLocks(Files.stat(path).device());
        if (Files.isOn(path, TMPFS)) {
            locks.read();
            locks.sort();
        }
        return locks;
    }

    private void read() {
        var block = new byte[BLOCK];
        int length = 0;
        try (var file = Files.open("/proc/locks", Files.O_RDONLY)) {
            for (int n; (n = file.read(block, length, BLOCK - length)) > 0;) {
                length += n;
                int taken = take(block, length);
                length -= taken;
                System.arraycopy(block, taken, block, 0, length);
            }
            tellsMarks = true;
        } catch (KernelException e) {
            return; // there is no /proc; what has been taken is as true
        }
    }

    /** Takes whole lines. Returns how many bytes they are. */
    int take(byte[] block, int length) {
        int line = 0;
        for (int i = 0; i < length; i++) {
            if (block[i] == '\n') {
                takeLine(block, line);
                line = i + 1;
            }
        }
        return line;
    }

    /** Of "1: OFDLCK ADVISORY  READ  -1 00:18:1234 0 0"; who waits for a lock has "->" before its kind. */
    private void takeLine(byte[] block, int line) {
        int kind = nextWord(block, line);
        int mode = nextWord(block, nextWord(block, kind));
        int file = nextWord(block, nextWord(block, mode));
        boolean whole = starts(block, kind, FLOCK) && starts(block, mode, WRITE); // as the version before had it
        if (!whole && !(starts(block, kind, OFDLCK) && starts(block, mode, READ)) || !starts(block, file, device)) {
            return;
        }
        long inode = 0;
        int at = file + device.length;
        for (; block[at] >= '0' && block[at] <= '9'; at++) {
            inode = inode * 10 + block[at] - '0';
        }
        (whole || block[at + 1] == '0' + HELD ? held : marked).add(inode);
    }

    /** The next word's start, or the end of the line. */
    private static int nextWord(byte[] block, int from) {
        int at = from;
        while (block[at] != ' ' && block[at] != '\n') {
            at++;
        }
        while (block[at] == ' ') {
            at++;
        }
        return at;
    }

    private static boolean starts(byte[] block, int from, byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if (block[from + i] != text[i]) { // a newline is in none, and no line ends without
                return false;
            }
        }
        return true;
    }

    /** To be called before the questions. */
    void sort() {
        held.sort();
        marked.sort();
    }

    /** Whether somebody holds a file, as far as can be told: if not, {@link #isHeld} says. */
    public boolean has(long inode) {
        return held.has(inode);
    }

    /** Whether somebody has marked a file, as far as can be told: else it counts as marked. */
    public boolean mayBeMarked(long inode) {
        return !tellsMarks || isMarked(inode);
    }

    boolean isMarked(long inode) {
        return marked.has(inode);
    }

    /**
     * Holds a file that is open for reading, for as long as it is open here or wherever it has been inherited.
     *
     * @throws KernelException ENOLCK if the kernel has no memory for another lock
     */
    public static void hold(Descriptor file) {
        lock(file, HELD);
    }

    /** As {@link #hold}, to say something else. */
    public static void mark(Descriptor file) {
        lock(file, MARKED);
    }

    private static void lock(Descriptor file, int place) {
        try (var lock = lock(FOR_READING, place)) {
            check(Native.call(SystemCall.FCNTL, file.number(), SET_LOCK, lock.address()), "fcntl");
        }
    }

    /** Whether somebody else holds a file, by another open file; with flock(2), too, as the version before did. */
    public static boolean isHeld(Descriptor file) {
        try (var lock = lock(FOR_WRITING, HELD)) {
            check(Native.call(SystemCall.FCNTL, file.number(), GET_LOCK, lock.address()), "fcntl");
            return lock.getShort(0) != NONE || Files.isLocked(file);
        }
    }

    /** A struct flock. */
    private static Memory lock(int type, int place) {
        return new Memory(32).putShort(0, type).putLong(8, place).putLong(16, 1);
    }

    private static final class Inodes {
        private long[] numbers = new long[64];
        private int count;

        void add(long inode) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = inode;
        }

        void sort() {
            Arrays.sort(numbers, 0, count);
        }

        boolean has(long inode) {
            return Arrays.binarySearch(numbers, 0, count, inode) >= 0;
        }
    }
}
