package stockade.linux;

import java.util.Arrays;

/**
 * The files of a file system that somebody holds the exclusive flock(2) of, as /proc/locks tells in one go: else each would have to
 * be opened and tried. One that is not among them may be held all the same, as by a process that is not of /proc's pid namespace.
 */
public final class FileLocks {
    private static final int TMPFS = 0x01021994;
    private static final int BLOCK = 8192; // more than the page that the kernel gives at once

    private final String device;
    private long[] inodes = new long[64];
    private int count;

    /** @param device as in stat(2) */
    FileLocks(long device) {
        long major = device >>> 8 & 0xfff | device >>> 32 & ~0xfffL;
        long minor = device & 0xff | device >>> 12 & 0xffffff00L;
        this.device = hexadecimal(major) + ":" + hexadecimal(minor) + ":";
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
        if (starts(block, kind, "FLOCK ") && starts(block, mode, "WRITE ") && starts(block, file, device)) {
            long inode = 0;
            for (int i = file + device.length(); block[i] >= '0' && block[i] <= '9'; i++) {
                inode = inode * 10 + block[i] - '0';
            }
            add(inode);
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

    private static boolean starts(byte[] block, int from, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (block[from + i] != text.charAt(i)) { // a newline is in none, and no line ends without
                return false;
            }
        }
        return true;
    }

    private void add(long inode) {
        if (count == inodes.length) {
            inodes = Arrays.copyOf(inodes, 2 * count);
        }
        inodes[count++] = inode;
    }

    /** To be called before {@link #has}. */
    void sort() {
        Arrays.sort(inodes, 0, count);
    }

    public boolean has(long inode) {
        return Arrays.binarySearch(inodes, 0, count, inode) >= 0;
    }
}
