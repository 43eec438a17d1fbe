package stockade.linux;

import static stockade.linux.KernelException.check;

/** Signals, received through a descriptor rather than by handlers. */
public final class Signals {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGQUIT = 3;
    public static final int SIGKILL = 9;
    public static final int SIGUSR1 = 10;
    public static final int SIGUSR2 = 12;
    public static final int SIGTERM = 15;
    public static final int SIGCHLD = 17;
    public static final int SIGCONT = 18;
    public static final int SIGSTOP = 19;
    public static final int SIGTSTP = 20;
    public static final int SIGWINCH = 28;
    /** The last of them all. */
    public static final int SIGRTMAX = 64;

    private static final int SIG_BLOCK = 0;
    private static final int SIG_SETMASK = 2;
    private static final int SIGINFO_SIZE = 128;

    private Signals() {
    }

    /** Blocks the signals and returns a descriptor (non-blocking) from which {@link #next} takes them. */
    public static Descriptor receive(int... signals) {
        int nonblockCloexec = 02004000;
        try (var set = set(signals)) {
            check(Native.call(SystemCall.RT_SIGPROCMASK, SIG_BLOCK, set.address(), 0, 8), "block signals");
            return new Descriptor(check(Native.call(SystemCall.SIGNALFD4, -1, set.address(), 8, nonblockCloexec),
                    "signalfd"));
        }
    }

    /** The next signal received, or 0 if there is none now. */
    public static int next(Descriptor signals) {
        try (var info = new Memory(SIGINFO_SIZE)) {
            long n = Native.call(SystemCall.READ, signals.number(), info.address(), SIGINFO_SIZE);
            return n == SIGINFO_SIZE ? info.getInt(0) : 0;
        }
    }

    /** Whether this process ignores a signal, as whoever started it may have had it do. */
    public static boolean isIgnored(int signal) {
        long ignore = 1; // SIG_IGN
        try (var action = new Memory(32)) {
            check(Native.call(SystemCall.RT_SIGACTION, signal, 0, action.address(), 8), "sigaction");
            return action.getLong(0) == ignore;
        }
    }

    /** Which signals are blocked, a bit each. */
    public static long mask() {
        try (var set = new Memory(8)) {
            check(Native.call(SystemCall.RT_SIGPROCMASK, SIG_BLOCK, 0, set.address(), 8), "get signal mask");
            return set.getLong(0);
        }
    }

    /** Blocks every signal that can be blocked. */
    public static void blockAll() {
        setMask(~0L);
    }

    /** Blocks none: what a program expects after exec. TeaVM's runtime blocks SIGRTMIN at start. */
    public static void unblockAll() {
        setMask(0);
    }

    public static void setMask(long mask) {
        try (var set = new Memory(8)) {
            set.putLong(0, mask);
            check(Native.call(SystemCall.RT_SIGPROCMASK, SIG_SETMASK, set.address(), 0, 8), "set signal mask");
        }
    }

    /** Gives every signal its default action. */
    public static void resetActions() {
        for (int signal = 1; signal <= 64; signal++) {
            resetAction(signal);
        }
    }

    /** Gives a signal its default action. While SIGCHLD is ignored, as it may be from birth on, nothing is heard of children (wait(2)). */
    public static void resetAction(int signal) {
        try (var action = new Memory(32)) {
            Native.call(SystemCall.RT_SIGACTION, signal, action.address(), 0, 8);
        }
    }

    /** kill(2). Returns whether there was a process to take the signal. */
    public static boolean send(int pid, int signal) {
        long result = Native.call(SystemCall.KILL, pid, signal);
        if (Errno.ESRCH.is(result)) {
            return false;
        }
        check(result, "kill");
        return true;
    }

    /** Sends a signal to the very process that a pidfd names. Returns whether it still lived. */
    public static boolean send(Descriptor pidfd, int signal) {
        long result = Native.call(SystemCall.PIDFD_SEND_SIGNAL, pidfd.number(), signal, 0, 0);
        return !Errno.ESRCH.is(result) && check(result, "pidfd_send_signal") == 0;
    }

    private static Memory set(int... signals) {
        long mask = 0;
        for (int signal : signals) {
            mask |= 1L << (signal - 1);
        }
        return new Memory(8).putLong(0, mask);
    }
}
