package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.Arrays;

/**
 * Locks by which processes say something for as long as they live, each of one byte of a file that is there for this alone. /proc/locks
 * tells of all at once what would have to be asked of each otherwise. They are for reading, so that none is in the way of another, and
 * belong to the open file and whoever inherits it (fcntl(2), F_OFD_SETLK): so they are of no pid namespace, in which /proc/locks does not
 * show what a process that has ended has locked by itself.
 */
public final class FileLocks {
    private static final int TMPFS = 0x01021994;
    private static final int BLOCK = 4096 + 256; // the page that the kernel gives at once, and the part of a line that was left

    private static final int GET_LOCK = 36; // F_OFD_GETLK
    private static final int SET_LOCK = 37;
    private static final int FOR_READING = 0; // F_RDLCK
    private static final int FOR_WRITING = 1;
    private static final int NONE = 2;

    private static final byte[] KIND = Bytes.of("OFDLCK ");
    private static final byte[] MODE = Bytes.of("READ ");

    private final byte[] file;
    private int[] places = new int[64];
    private int count;

    /**
     * @param device as in stat(2)
     * @param inode  as in stat(2)
     */
    FileLocks(long device, long inode) {
        long major = device >>> 8 & 0xfff | device >>> 32 & ~0xfffL;
        long minor = device & 0xff | device >>> 12 & 0xffffff00L;
        file = Bytes.of(hexadecimal(major) + ":" + hexadecimal(minor) + ":" + inode + " ");
    }

    private static String hexadecimal(long number) {
        return (number < 16 ? "0" : "") + Long.toHexString(number);
    }

    /**
     * Those of a file, as far as can be told: one that goes meanwhile may hide another, and file systems other than tmpfs have
     * files of other numbers in /proc/locks.
     */
    public static FileLocks of(String path) {
        var stat = Files.stat(path);
        var locks = new FileLocks(stat.device(), stat.inode());
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
        } catch (KernelException e) {
            return; // there is no /proc; what has been taken is as true
        }
    }

    /** Takes whole lines. Returns how many bytes they are. */
    int take(byte[] block, int length) {
        int end = length;
        while (end > 0 && block[end - 1] != '\n') {
            end--;
        }
        for (int line = 0; line < end;) {
            int at = takeLine(block, line);
            while (block[at] != '\n') {
                at++;
            }
            line = at + 1;
        }
        return end;
    }

    /** Of "1: OFDLCK ADVISORY  READ  -1 00:18:1234 7 7"; who waits for a lock has "->" before its kind. Returns where it has stopped. */
    private int takeLine(byte[] block, int line) {
        int kind = nextWord(block, line);
        int mode = nextWord(block, nextWord(block, kind));
        int of = nextWord(block, nextWord(block, mode));
        if (!starts(block, kind, KIND) || !starts(block, mode, MODE) || !starts(block, of, file)) {
            return of;
        }
        int place = 0;
        int at = of + file.length;
        for (; block[at] >= '0' && block[at] <= '9'; at++) {
            place = place * 10 + block[at] - '0';
        }
        if (count == places.length) {
            places = Arrays.copyOf(places, 2 * count);
        }
        places[count++] = place;
        return at;
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

    /** To be called before the questions. A lock that comes between two pages of /proc/locks has the one before it told twice. */
    void sort() {
        Arrays.sort(places, 0, count);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (distinct == 0 || places[i] != places[distinct - 1]) {
                places[distinct++] = places[i];
            }
        }
        count = distinct;
    }

    /** The places below a limit that are locked, ascending, as far as can be told. */
    public int[] below(int limit) {
        int found = Arrays.binarySearch(places, 0, count, limit);
        return Arrays.copyOf(places, found < 0 ? -found - 1 : found);
    }

    /** Whether a place is locked, as far as can be told. */
    public boolean isLocked(int place) {
        return Arrays.binarySearch(places, 0, count, place) >= 0;
    }

    /**
     * Locks a place in a file that is open for reading, for as long as it is open here or wherever it has been inherited.
     *
     * @throws KernelException ENOLCK if the kernel has no memory for another lock
     */
    public static void lock(Descriptor file, int place) {
        try (var lock = lock(FOR_READING, place)) {
            check(Native.call(SystemCall.FCNTL, file.number(), SET_LOCK, lock.address()), "fcntl");
        }
    }

    /** Whether a place is locked by another open file. */
    public static boolean isLocked(Descriptor file, int place) {
        try (var lock = lock(FOR_WRITING, place)) {
            check(Native.call(SystemCall.FCNTL, file.number(), GET_LOCK, lock.address()), "fcntl");
            return lock.getShort(0) != NONE;
        }
    }

    /** A struct flock. */
    private static Memory lock(int type, int place) {
        return new Memory(32).putShort(0, type).putLong(8, place).putLong(16, 1);
    }
}
