package stockade.linux;

import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.c.Include;
import org.teavm.interop.c.Variable;

/** The C symbols that the product uses; there are no others. */
final class Native {
    private Native() {
    }

    @Include("unistd.h")
    @Import(name = "syscall")
    private static native long syscall(long number, long a, long b, long c, long d, long e, long f);

    @Include("errno.h")
    @Import(name = "__errno_location")
    private static native Address errnoLocation();

    @Include("stdlib.h")
    @Import(name = "calloc")
    static native Address calloc(long count, long size);

    @Include("stdlib.h")
    @Import(name = "free")
    static native void free(Address memory);

    /** The memory that {@link Memory} gives out, beside the heap (scripts/link). */
    @Include(value = "memory.h", isSystem = false)
    @Import(name = "stockade_blocks")
    @Variable
    static native Address blocks();

    /** Only in {@link Processes#forkToBecome}: what called it must not return in the child. */
    @Include("unistd.h")
    @Import(name = "vfork")
    static native int vfork();

    @Include("sys/auxv.h")
    @Import(name = "getauxval")
    static native long getauxval(long type);

    /** argv[0] as the kernel laid it out: the first byte of what /proc/PID/cmdline shows. */
    @Include("errno.h")
    @Import(name = "program_invocation_name")
    @Variable
    static native Address programInvocationName();

    /** The environment as it was at exec: addresses of NAME=value, and a null one at the end. */
    @Include("unistd.h")
    @Import(name = "environ")
    @Variable
    static native Address environ();

    /** The C string at an address. */
    static String string(Address start) {
        int length = 0;
        while (start.add(length).getByte() != 0) {
            length++;
        }
        var chars = Bytes.chars(length);
        for (int i = 0; i < length; i++) {
            chars[i] = (char) (start.add(i).getByte() & 0xff);
        }
        return new String(chars, 0, length);
    }

    /** A system call; a failure is the negative errno, as the kernel returns it. */
    static long call(int number, long a, long b, long c, long d, long e, long f) {
        long result = syscall(number, a, b, c, d, e, f);
        return result == -1 ? -errno() : result;
    }

    static int errno() {
        return errnoLocation().getInt();
    }

    static long call(int number, long a, long b, long c, long d, long e) {
        return call(number, a, b, c, d, e, 0);
    }

    static long call(int number, long a, long b, long c, long d) {
        return call(number, a, b, c, d, 0, 0);
    }

    static long call(int number, long a, long b, long c) {
        return call(number, a, b, c, 0, 0, 0);
    }

    static long call(int number, long a, long b) {
        return call(number, a, b, 0, 0, 0, 0);
    }

    static long call(int number, long a) {
        return call(number, a, 0, 0, 0, 0, 0);
    }

    static long call(int number) {
        return call(number, 0, 0, 0, 0, 0, 0);
    }
}
