package stockade.linux;

/**
 * A short text in the file system that is always read and replaced as a whole. It is what a symbolic link says, which one system call
 * writes and one reads where a file takes three (FreeBSD's malloc.conf(5) is such a link, too); or a file, if a link can't say it.
 */
public final class Note {
    private static final int USUAL = 512;
    private static final int MOST = 4096; // PATH_MAX, with the NUL

    private Note() {
    }

    /** @throws KernelException if there is a note of that name */
    public static void create(String path, String text) {
        if (!link(text, path)) {
            Files.replace(path, 0600, text);
        }
    }

    /** Others see it as it was or as it is to be. */
    public static void replace(String path, String text) {
        var part = path + ".new";
        Files.unlinkIfPresent(part);
        if (!link(text, part)) {
            Files.replace(path, 0600, text);
            return;
        }
        try {
            Files.rename(part, path);
        } catch (KernelException e) {
            Files.unlinkIfPresent(part);
            throw e;
        }
    }

    /** Returns whether a link can say it. */
    private static boolean link(String text, String path) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            return false;
        }
        try (var target = Memory.string(text); var name = Memory.string(path)) {
            long result = Native.call(SystemCall.SYMLINK, target.address(), name.address());
            return !Errno.ENAMETOOLONG.is(result) && KernelException.check(result, path) == 0;
        }
    }

    public static byte[] read(String path) {
        return read(Descriptor.AT_FDCWD, path, "", USUAL);
    }

    /** The one with a name in a directory that is in an open directory. */
    public static byte[] read(Descriptor above, String directory, String name) {
        return read(above.number(), directory, name, USUAL);
    }

    /** @param name of something in the directory; empty: it is not a directory but the note itself */
    private static byte[] read(int above, String directory, String name, int most) {
        try (var memory = new Memory(most + directory.length() + name.length() + 2)) {
            memory.putString(most, directory);
            if (!name.isEmpty()) {
                memory.putByte(most + directory.length(), '/').putString(most + directory.length() + 1, name);
            }
            long n = Native.call(SystemCall.READLINKAT, above, memory.address() + most, memory.address(), most);
            if (n == most && most < MOST) {
                return read(above, directory, name, MOST);
            }
            if (n >= 0) {
                return memory.getBytes(0, (int) n);
            }
            var path = memory.getString(most);
            return Errno.EINVAL.is(n) ? Files.readRegular(above, path) : memory.getBytes(0, (int) KernelException.check(n, path));
        }
    }
}
