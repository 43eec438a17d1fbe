package stockade.linux;

/** A system call that failed: what was attempted, on what, and the kernel's reason. */
public final class KernelException extends RuntimeException {
    private final Errno errno;

    /** @param attempt what was tried and on what, such as {@code "mount /proc"} or a path alone */
    public KernelException(String attempt, Errno errno) {
        super(attempt + ": " + errno.text());
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }

    /** The result of a call, or its failure thrown. */
    static long check(long result, String attempt) {
        if (result < 0) {
            throw new KernelException(attempt, Errno.of((int) -result));
        }
        return result;
    }

    /** As {@link #check(long, String)}, the words joined only when they are needed. */
    static long check(long result, String verb, String object) {
        return result < 0 ? check(result, verb + " " + object) : result;
    }

    /** As {@link #check(long, String, String)}, for a number. */
    static long check(long result, String verb, int object) {
        return result < 0 ? check(result, verb + " " + Integer.toUnsignedString(object)) : result;
    }

    /** As {@link #check(long, String)} for a call that older kernels lack: the error says which has it. */
    static long checkFeature(long result, String call, String since) {
        return Errno.ENOSYS.is(result) ? check(result, call + " (needs Linux " + since + ")") : check(result, call);
    }
}
