package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.Arrays;

/**
 * The locks of a file system's files, as /proc/locks tells in one go of all: else each file would have to be opened and tried.
 *
 * There are two of interest: the exclusive flock(2), where one that is not told of may be held all the same, as by a process that is
 * not of /proc's pid namespace; and a mark, which is a lock of an open file for reading (fcntl(2), F_OFD_SETLK), and of no namespace.
 */
public final class FileLocks {
    private static final int TMPFS = 0x01021994;
    private static final int BLOCK = 8192; // more than the page that the kernel gives at once

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

    /** Of "1: FLOCK  ADVISORY  WRITE 4711 00:18:1234 0 EOF"; who waits for a lock has "->" before FLOCK. */
    private void takeLine(byte[] block, int line) {
        int kind = nextWord(block, line);
        int mode = nextWord(block, nextWord(block, kind));
        int file = nextWord(block, nextWord(block, mode));
        boolean holds = starts(block, kind, FLOCK) && starts(block, mode, WRITE);
        boolean marks = starts(block, kind, OFDLCK) && starts(block, mode, READ);
        if ((holds || marks) && starts(block, file, device)) {
            long inode = 0;
            for (int i = file + device.length; block[i] >= '0' && block[i] <= '9'; i++) {
                inode = inode * 10 + block[i] - '0';
            }
            (holds ? held : marked).add(inode);
        }
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

    /** Whether somebody holds the exclusive flock(2) of a file. If not, somebody may hold it all the same. */
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
     * Marks a file that is open for reading, for as long as it is open here or wherever it has been inherited.
     *
     * @throws KernelException ENOLCK if the kernel has no memory for another lock
     */
    public static void mark(Descriptor file) {
        int setLock = 37; // F_OFD_SETLK; the lock that zeros describe is F_RDLCK, of the whole file
        try (var lock = new Memory(32)) {
            check(Native.call(SystemCall.FCNTL, file.number(), setLock, lock.address()), "fcntl");
        }
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
