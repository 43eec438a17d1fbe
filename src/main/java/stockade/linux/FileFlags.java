package stockade.linux;

import static stockade.linux.KernelException.check;

/**
 * The flags of a file that chattr(1) sets, in the two forms that ioctl(2) has for them: an int, and struct fsxattr
 * (include/uapi/linux/fs.h). Both are little-endian here, with the flags first.
 */
public enum FileFlags {
    PLAIN(0x80086601L, FileFlags.FS_IOC_SETFLAGS, 4, 0x10 | 0x20, 0x20000000),
    EXTENDED(0x801c581fL, FileFlags.FS_IOC_FSSETXATTR, 28, 0x8 | 0x10, 0x200);

    public static final int FS_IOC_SETFLAGS = 0x40086602;
    public static final int FS_IOC_FSSETXATTR = 0x401c5820;

    private static final int PROJECT = 12;

    private final long getRequest;
    private final int setRequest;
    private final int size;
    private final int systemFlags;
    private final int projectInherit;

    FileFlags(long getRequest, int setRequest, int size, int systemFlags, int projectInherit) {
        this.getRequest = getRequest;
        this.setRequest = setRequest;
        this.size = size;
        this.systemFlags = systemFlags;
        this.projectInherit = projectInherit;
    }

    /** The form that an ioctl's request sets. */
    public static FileFlags ofRequest(int request) {
        return request == FS_IOC_SETFLAGS ? PLAIN : EXTENDED;
    }

    /** The bytes that a request of this form has. */
    public int size() {
        return size;
    }

    public byte[] get(Descriptor file) {
        try (var flags = new Memory(size + 4)) {
            check(Native.call(SystemCall.IOCTL, file.number(), getRequest, flags.address()), "get file flags");
            return flags.getBytes(0, size);
        }
    }

    public void set(Descriptor file, byte[] value) {
        try (var flags = new Memory(size + 4)) {
            flags.putBytes(0, value, 0, size);
            check(Native.call(SystemCall.IOCTL, file.number(), setRequest, flags.address()), "set file flags");
        }
    }

    /** Whether two values differ in what takes CAP_LINUX_IMMUTABLE: immutable and append-only. */
    public boolean differInSystemFlags(byte[] a, byte[] b) {
        return ((number(a, 0) ^ number(b, 0)) & systemFlags) != 0;
    }

    /** Whether the second takes away what a securelevel above 0 keeps (security(7)). */
    public boolean clearsSystemFlags(byte[] before, byte[] after) {
        return (number(before, 0) & ~number(after, 0) & systemFlags) != 0;
    }

    /** Whether two values differ in what belongs to the host's quotas: the project, and that it is inherited. */
    public boolean differInProject(byte[] a, byte[] b) {
        return ((number(a, 0) ^ number(b, 0)) & projectInherit) != 0
                || this == EXTENDED && number(a, PROJECT) != number(b, PROJECT);
    }

    private static int number(byte[] b, int at) {
        return b[at] & 0xff | (b[at + 1] & 0xff) << 8 | (b[at + 2] & 0xff) << 16 | b[at + 3] << 24;
    }
}
