package stockade.linux;

import java.util.Optional;

/**
 * A short text in the file system that is always read and replaced as a whole. It is what a symbolic link says, which one system call
 * writes and one reads where a file takes three (FreeBSD's malloc.conf(5) is such a link, too); or a file, if a link can't say it.
 */
public final class Note {
    private static final int USUAL = 512;
    static final int MOST = 4096; // PATH_MAX, with the NUL

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

    /** @throws KernelException if there is none */
    public static byte[] read(String path) {
        return find(path).orElseThrow(() -> new KernelException(path, Errno.ENOENT));
    }

    public static Optional<byte[]> find(String path) {
        return find(Descriptor.AT_FDCWD, path, USUAL);
    }

    /** @param above for a relative path */
    static Optional<byte[]> find(Descriptor above, String path) {
        return find(above.number(), path, USUAL);
    }

    private static Optional<byte[]> find(int above, String path, int most) {
        try (var memory = Memory.toBeWritten(most + path.length() + 1)) {
            memory.putString(most, path);
            long n = Native.call(SystemCall.READLINKAT, above, memory.address() + most, memory.address(), most);
            if (n == most && most < MOST) {
                return find(above, path, MOST);
            }
            if (n >= 0) {
                return Optional.of(memory.getBytes(0, (int) n));
            }
            if (Errno.ENOENT.is(n)) {
                return Optional.empty();
            }
            if (!Errno.EINVAL.is(n)) {
                KernelException.check(n, path);
            }
            try {
                return Optional.of(Files.readRegular(above, path));
            } catch (KernelException e) {
                return switch (e.errno()) {
                    case ELOOP -> find(above, path, most); // it has just become a link
                    case ENOENT -> Optional.empty();
                    default -> throw e;
                };
            }
        }
    }
}
