package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.Arrays;

/** Terminals and pseudo-terminals (termios(3), ioctl_tty(2)). */
public final class Terminal {
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TIOCSCTTY = 0x540e;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int TERMIOS_SIZE = 60;

    private static final int OPOST = 1;
    private static final int ICANON = 2;
    private static final int ECHO = 010;
    private static final int RAW_INPUT_OFF = 0xfff; // IGNBRK to IXANY: every input conversion
    private static final int RAW_LOCAL_OFF = 0100000 | 0200 | 0100 | 040 | 020 | ECHO | ICANON | 1;
    private static final int VTIME = 17 + 5;
    private static final int VMIN = 17 + 6;

    private Terminal() {
    }

    public static boolean isTerminal(Descriptor descriptor) {
        try (var termios = new Memory(TERMIOS_SIZE)) {
            return Native.call(SystemCall.IOCTL, descriptor.number(), TCGETS, termios.address()) == 0;
        }
    }

    /** A terminal's settings, to be put back. */
    public record Settings(byte[] termios) {
    }

    public static Settings settings(Descriptor terminal) {
        try (var termios = new Memory(TERMIOS_SIZE)) {
            check(Native.call(SystemCall.IOCTL, terminal.number(), TCGETS, termios.address()), "read terminal settings");
            return new Settings(termios.getBytes(0, TERMIOS_SIZE));
        }
    }

    /** Puts settings back, if they are others now: to set any in the background can stop this process. */
    public static void apply(Descriptor terminal, Settings settings) {
        try (var now = new Memory(TERMIOS_SIZE); var termios = Memory.bytes(settings.termios)) {
            Native.call(SystemCall.IOCTL, terminal.number(), TCGETS, now.address());
            if (!Arrays.equals(now.getBytes(0, TERMIOS_SIZE), settings.termios)) {
                Native.call(SystemCall.IOCTL, terminal.number(), TCSETS, termios.address());
            }
        }
    }

    /** Whether it gives whole lines to those who read it, rather than single keys. */
    public static boolean givesLines(Descriptor terminal) {
        return hasLocal(terminal, ICANON);
    }

    /** Whether it shows what is typed. */
    public static boolean echoes(Descriptor terminal) {
        return hasLocal(terminal, ECHO);
    }

    private static boolean hasLocal(Descriptor terminal, int flag) {
        try (var termios = Memory.bytes(settings(terminal).termios)) {
            return (termios.getInt(12) & flag) != 0;
        }
    }

    /** Passes every byte through as it is, in both directions, as cfmakeraw(3) does. */
    public static void makeRaw(Descriptor terminal) {
        try (var termios = Memory.bytes(settings(terminal).termios)) {
            termios.putInt(0, termios.getInt(0) & ~RAW_INPUT_OFF);
            termios.putInt(4, termios.getInt(4) & ~OPOST);
            termios.putInt(12, termios.getInt(12) & ~RAW_LOCAL_OFF);
            termios.putByte(VTIME, 0).putByte(VMIN, 1);
            Native.call(SystemCall.IOCTL, terminal.number(), TCSETS, termios.address());
        }
    }

    /** Lets output through unchanged and echoes nothing: for a pseudo-terminal that only shows output. */
    public static void makeTransparent(Descriptor terminal) {
        try (var termios = Memory.bytes(settings(terminal).termios)) {
            termios.putInt(4, termios.getInt(4) & ~OPOST);
            termios.putInt(12, termios.getInt(12) & ~ECHO);
            Native.call(SystemCall.IOCTL, terminal.number(), TCSETS, termios.address());
        }
    }

    public static void copyWindowSize(Descriptor from, Descriptor to) {
        try (var size = new Memory(8)) {
            if (Native.call(SystemCall.IOCTL, from.number(), TIOCGWINSZ, size.address()) == 0) {
                Native.call(SystemCall.IOCTL, to.number(), TIOCSWINSZ, size.address());
            }
        }
    }

    /**
     * A new pseudo-terminal of the devpts mounted at /dev/pts: what is written to one end is read at the
     * other. The master does not block.
     */
    public record Pair(Descriptor master, Descriptor slave) {
    }

    public static Pair open() {
        var master = Files.open("/dev/pts/ptmx", Files.O_RDWR | Files.O_NOCTTY | Files.O_NONBLOCK);
        try (var unlocked = new Memory(4)) {
            check(Native.call(SystemCall.IOCTL, master.number(), TIOCSPTLCK, unlocked.address()), "unlock terminal");
            // by the master rather than by name, so that nothing mounted or linked there can be opened instead
            return new Pair(master, new Descriptor(check(Native.call(SystemCall.IOCTL, master.number(), TIOCGPTPEER,
                    Files.O_RDWR | Files.O_NOCTTY | 02000000), "open terminal")));
        } catch (KernelException e) {
            master.close();
            throw e;
        }
    }

    /** Makes the terminal control this process's session, which has none yet. */
    public static void makeControlling(Descriptor terminal) {
        check(Native.call(SystemCall.IOCTL, terminal.number(), TIOCSCTTY, 0), "set controlling terminal");
    }
}
