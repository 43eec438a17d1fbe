package stockade.linux;

import static stockade.linux.KernelException.check;
import static stockade.linux.KernelException.checkFeature;

import java.util.Arrays;

/** An open file descriptor of this process. Closing it twice is an error of the program, and does nothing. */
public final class Descriptor implements AutoCloseable {
    /** As the directory of an *at() call: the working directory. */
    static final int AT_FDCWD = -100;

    public static final Descriptor STDIN = new Descriptor(0);
    public static final Descriptor STDOUT = new Descriptor(1);
    public static final Descriptor STDERR = new Descriptor(2);

    private int number;

    Descriptor(int number) {
        this.number = number;
    }

    Descriptor(long number) {
        this((int) number);
    }

    /** A pipe: what is written to one end is read at the other. */
    public record Pipe(Descriptor readEnd, Descriptor writeEnd) {
    }

    public static Pipe pipe() {
        int cloexec = 02000000;
        try (var fds = new Memory(8)) {
            check(Native.call(SystemCall.PIPE2, fds.address(), cloexec), "pipe");
            return new Pipe(new Descriptor(fds.getInt(0)), new Descriptor(fds.getInt(4)));
        }
    }

    public int number() {
        return number;
    }

    /** A duplicate with close-on-exec set, numbered 3 or above. */
    public Descriptor duplicate() {
        int cloexecFrom = 1030; // F_DUPFD_CLOEXEC
        return new Descriptor(check(Native.call(SystemCall.FCNTL, number, cloexecFrom, 3), "duplicate descriptor"));
    }

    /** Makes {@code target} refer to what this descriptor refers to, and stay open over exec. */
    public void duplicateTo(int target) {
        check(Native.call(SystemCall.DUP3, number, target, 0), "duplicate descriptor");
    }

    /** Reads up to {@code length} bytes; 0 at the end of the file. */
    public int read(byte[] b, int offset, int length) {
        try (var memory = Memory.toBeWritten(length)) {
            int n = (int) check(retry(SystemCall.READ, memory.address(), length), "read");
            memory.getBytes(0, b, offset, n);
            return n;
        }
    }

    /** Reads at a position of the file, leaving the descriptor's own position alone. */
    public int readAt(long position, byte[] b, int offset, int length) {
        try (var memory = Memory.toBeWritten(length)) {
            int n = (int) check(Native.call(SystemCall.PREAD64, number, memory.address(), length, position), "read");
            memory.getBytes(0, b, offset, n);
            return n;
        }
    }

    /** The whole content of a file. Its position, which others may share, stays. */
    public byte[] content() {
        var all = new byte[2048];
        int length = 0;
        for (int n; (n = readAt(length, all, length, all.length - length)) > 0;) {
            length += n;
            if (length == all.length) {
                all = Arrays.copyOf(all, 2 * length);
            }
        }
        return Arrays.copyOf(all, length);
    }

    /** Writes at a position of the file, all of it. */
    public void writeAt(long position, byte[] b) {
        try (var memory = Memory.bytes(b)) {
            check(Native.call(SystemCall.PWRITE64, number, memory.address(), b.length, position), "write");
        }
    }

    /** Reads to the end of the file, or so many bytes. */
    public byte[] readUpTo(int most) {
        var all = new byte[most];
        int length = 0;
        for (int n; (n = read(all, length, most - length)) > 0;) {
            length += n;
        }
        return Arrays.copyOf(all, length);
    }

    /**
     * Reads a regular file to its end, which is where a read(2) comes back with less than was asked for. Other files, as
     * those of procfs, may give less at any time.
     */
    byte[] readRegular() {
        int most = 2048;
        try (var memory = Memory.toBeWritten(most)) {
            int n = (int) check(retry(SystemCall.READ, memory.address(), most), "read");
            var start = memory.getBytes(0, n);
            return n < most ? start : Bytes.join(start, readAll());
        }
    }

    /** Reads to the end of the file. */
    public byte[] readAll() {
        return readAll(2048);
    }

    /** As {@link #readAll()}, in one go if the file is shorter than expected. */
    public byte[] readAll(int expected) {
        var all = new byte[expected];
        int length = 0;
        for (int n; (n = read(all, length, all.length - length)) > 0;) {
            length += n;
            if (length == all.length) {
                all = Arrays.copyOf(all, 2 * length);
            }
        }
        return Arrays.copyOf(all, length);
    }

    /** Writes all of it. */
    public void write(byte[] b, int offset, int length) {
        try (var memory = Memory.toBeWritten(length)) {
            memory.putBytes(0, b, offset, length);
            write(memory, length);
        }
    }

    private void write(Memory memory, int length) {
        for (int done = 0; done < length;) {
            done += (int) check(retry(SystemCall.WRITE, memory.address() + done, length - done), "write");
        }
    }

    /** Writes as much of it as a non-blocking descriptor takes now; how much is returned. */
    public int writeSome(byte[] b, int offset, int length) {
        try (var memory = Memory.toBeWritten(length)) {
            memory.putBytes(0, b, offset, length);
            long n = retry(SystemCall.WRITE, memory.address(), length);
            return Errno.EAGAIN.is(n) ? 0 : (int) check(n, "write");
        }
    }

    public void write(String s) {
        try (var memory = Memory.string(s)) {
            write(memory, s.length());
        }
    }

    private long retry(int call, long address, int length) {
        long n;
        do {
            n = Native.call(call, number, address, length);
        } while (Errno.EINTR.is(n));
        return n;
    }

    /** Moves to the start of the file. */
    public void rewind() {
        check(Native.call(SystemCall.LSEEK, number, 0, 0), "seek");
    }

    @Override
    public void close() {
        if (number >= 0) {
            Native.call(SystemCall.CLOSE, number);
            number = -1;
        }
    }

    /** Opens what is closed of stdin, stdout and stderr, so that no other file takes its number. */
    public static void ensureStandard() {
        int getFlags = 1; // F_GETFD
        for (int i = 0; i < 3; i++) {
            if (Errno.EBADF.is(Native.call(SystemCall.FCNTL, i, getFlags, 0))) {
                Files.open("/dev/null", Files.O_RDWR); // it gets that number, the lowest that is free
            }
        }
    }

    /** Lets go of stdin, stdout and stderr: whoever waits for their end is not kept waiting by this process. */
    public static void standardToNull() {
        try (var nothing = Files.open("/dev/null", Files.O_RDWR)) {
            for (int i = 0; i < 3; i++) {
                nothing.duplicateTo(i);
            }
        }
    }

    /** Closes every descriptor of this process from {@code first} on (close_range(2), Linux 5.9). */
    public static void closeFrom(int first) {
        checkFeature(Native.call(SystemCall.CLOSE_RANGE, first, 0xffffffffL, 0), "close_range", "5.9");
    }

    /** Closes every descriptor from 3 on except those given. */
    public static void closeAllBut(Descriptor... kept) {
        var numbers = new int[kept.length];
        for (int i = 0; i < kept.length; i++) {
            numbers[i] = kept[i].number;
        }
        Arrays.sort(numbers);
        long from = 3;
        for (int number : numbers) {
            if (number > from) {
                checkFeature(Native.call(SystemCall.CLOSE_RANGE, from, number - 1, 0), "close_range", "5.9");
            }
            from = Math.max(from, number + 1L);
        }
        closeFrom((int) from);
    }
}
