package stockade.linux;

import static stockade.linux.KernelException.check;

/** The flags of a file that chattr(1) sets (ioctl_iflags(2)). */
public final class FileFlags {
    public static final int FS_IOC_SETFLAGS = 0x40086602;
    public static final int FS_IOC_FSSETXATTR = 0x401c5820;
    private static final long FS_IOC_GETFLAGS = 0x80086601L;

    public static final int IMMUTABLE = 0x10;
    public static final int APPEND = 0x20;

    /** The same two in the words of FS_IOC_FSSETXATTR. */
    public static final int XFLAG_IMMUTABLE = 0x8;
    public static final int XFLAG_APPEND = 0x10;

    private FileFlags() {
    }

    public static int get(Descriptor file) {
        try (var flags = new Memory(8)) {
            check(Native.call(SystemCall.IOCTL, file.number(), FS_IOC_GETFLAGS, flags.address()), "get file flags");
            return flags.getInt(0);
        }
    }

    public static void set(Descriptor file, int value) {
        try (var flags = new Memory(8).putInt(0, value)) {
            check(Native.call(SystemCall.IOCTL, file.number(), FS_IOC_SETFLAGS, flags.address()), "set file flags");
        }
    }
}
