package stockade.linux;

import static stockade.linux.KernelException.check;

/** The kernel's message buffer (syslog(2)). Needs CAP_SYSLOG where kernel.dmesg_restrict is set. */
public final class KernelLog {
    public static final int CLOSE = 0;
    public static final int OPEN = 1;
    public static final int READ_ALL = 3;
    public static final int SIZE_BUFFER = 10;

    private KernelLog() {
    }

    /** The size of the buffer in bytes. */
    public static int size() {
        return (int) check(Native.call(SystemCall.SYSLOG, SIZE_BUFFER, 0, 0), "syslog");
    }

    /** The last messages, whole ones, at most so many bytes of them. */
    public static byte[] tail(int length) {
        try (var memory = Memory.toBeWritten(length)) {
            int n = (int) check(Native.call(SystemCall.SYSLOG, READ_ALL, memory.address(), length), "syslog");
            return memory.getBytes(0, n);
        }
    }
}
