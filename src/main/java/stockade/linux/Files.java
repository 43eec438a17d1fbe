package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Files and directories by path. */
public final class Files {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_NOCTTY = 0400;
    public static final int O_TRUNC = 01000;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_DIRECTORY = 0200000;
    public static final int O_NOFOLLOW = 0400000;
    public static final int O_PATH = 010000000;
    private static final int O_CLOEXEC = 02000000;

    private static final int LOCK_EX = 2;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;

    private static final int LIST_SIZE = 8192;

    private Files() {
    }

    /** A moment, as file systems note it. */
    public record Time(long seconds, long nanoseconds) {
    }

    /** What stat(2) says of a file that the product asks for. */
    public record Stat(int mode, int uid, int gid, long device, long inode, long links, long size, Time modified) {
        private static final int TYPE = 0170000;
        private static final int PERMISSIONS = 07777;

        static Stat of(Memory stat) {
            return new Stat(stat.getInt(24), stat.getInt(28), stat.getInt(32), stat.getLong(0), stat.getLong(8),
                    stat.getLong(16), stat.getLong(48), new Time(stat.getLong(88), stat.getLong(96)));
        }

        public boolean isLink() {
            return (mode & TYPE) == 0120000;
        }

        /** The mode without the type. */
        public int permissions() {
            return mode & PERMISSIONS;
        }

        public boolean isDirectory() {
            return (mode & TYPE) == 0040000;
        }

        public boolean isRegular() {
            return (mode & TYPE) == 0100000;
        }

        public boolean isPipe() {
            return (mode & TYPE) == 0010000;
        }

        public boolean isBlockDevice() {
            return (mode & TYPE) == 0060000;
        }

        /** Whether anybody's bits let it be executed. */
        public boolean isExecutable() {
            return (mode & 0111) != 0;
        }

        public boolean isSocket() {
            return (mode & TYPE) == 0140000;
        }

        public boolean isSameFile(Stat other) {
            return device == other.device && inode == other.inode;
        }
    }

    /** Opens a file, close-on-exec. */
    public static Descriptor open(String path, int flags, int mode) {
        return open(Descriptor.AT_FDCWD, path, flags, mode);
    }

    public static Descriptor open(String path, int flags) {
        return open(path, flags, 0);
    }

    /** As {@link #open(String, int)}, by a path that starts in an open directory. */
    public static Descriptor open(Descriptor directory, String path, int flags) {
        return open(directory, path, flags, 0);
    }

    /** @param mode of a file that is made */
    public static Descriptor open(Descriptor directory, String path, int flags, int mode) {
        return open(directory.number(), path, flags, mode);
    }

    private static Descriptor open(int directory, String path, int flags, int mode) {
        try (var name = Memory.string(path)) {
            return new Descriptor(check(Native.call(SystemCall.OPENAT, directory, name.address(),
                    flags | O_CLOEXEC, mode), path));
        }
    }

    public static String read(String path) {
        try (var file = open(path, O_RDONLY)) {
            return Bytes.toString(file.readAll());
        }
    }

    /** The content of a regular file, which is no link. */
    static byte[] readRegular(int directory, String path) {
        try (var file = open(directory, path, O_RDONLY | O_NOFOLLOW, 0)) {
            return file.readRegular();
        }
    }

    /** Writes into an existing file, such as one of procfs or cgroupfs, in one write(2). */
    public static void write(String path, String content) {
        try (var file = open(path, O_WRONLY)) {
            file.write(content);
        } catch (KernelException e) {
            throw new KernelException("write " + path, e.errno());
        }
    }

    /** Creates a file or replaces its content. */
    public static void create(String path, int mode, String content) {
        try (var file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode)) {
            file.write(content);
        }
    }

    /** Creates a file or replaces its content, which others see as it was or as it is to be, and never in between. */
    public static void replace(String path, int mode, String content) {
        var part = path + ".new";
        try {
            create(part, mode, content);
            rename(part, path);
        } catch (KernelException e) {
            unlinkIfPresent(part);
            throw e;
        }
    }

    /** Writes over the start of a file, made if it is missing. No truncation, for which ext4 would wait for the disk. */
    public static void overwrite(String path, int mode, String content) {
        try (var file = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode)) {
            file.write(content);
        }
    }

    /** Whether a directory is the root or a part of a file system of a type, by the magic number of statfs(2). */
    public static boolean isOn(String path, int magic) {
        try (var name = Memory.string(path); var statfs = new Memory(120)) {
            long result = Native.call(SystemCall.STATFS, name.address(), statfs.address());
            return !leadsNowhere(result) && check(result, path) == 0 && statfs.getLong(0) == magic;
        }
    }

    /** A directory's or file's attributes, following symbolic links. */
    public static Stat stat(String path) {
        return stat(Descriptor.AT_FDCWD, path, 0);
    }

    /** As {@link #stat(String)}, of a symbolic link itself. */
    public static Stat statLink(String path) {
        return stat(Descriptor.AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
    }

    public static Stat stat(Descriptor file) {
        return stat(file.number(), "", AT_EMPTY_PATH);
    }

    private static Stat stat(int directory, String path, int flags) {
        try (var name = Memory.string(path); var stat = new Memory(144)) {
            check(Native.call(SystemCall.NEWFSTATAT, directory, name.address(), stat.address(), flags), path);
            return Stat.of(stat);
        }
    }

    /** An extended attribute of an open file, O_PATH being enough, if there is one of that name. */
    public static Optional<byte[]> attribute(Descriptor file, String name) {
        try (var path = Memory.string("/proc/self/fd/" + file.number()); var label = Memory.string(name)) {
            long size = Native.call(SystemCall.GETXATTR, path.address(), label.address(), 0, 0);
            if (Errno.ENODATA.is(size) || Errno.EOPNOTSUPP.is(size)) {
                return Optional.empty();
            }
            try (var value = new Memory((int) check(size, "getxattr", name))) {
                return Optional.of(value.getBytes(0, (int) check(Native.call(SystemCall.GETXATTR, path.address(),
                        label.address(), value.address(), size), "getxattr", name)));
            }
        }
    }

    /** Gives a file, or a socket, another user. */
    public static void changeOwner(Descriptor file, int uid) {
        check(Native.call(SystemCall.FCHOWN, file.number(), uid, -1), "fchown", uid);
    }

    /** Whether a path leads to a directory, without asking a file server: it may be one of a jail's choosing. */
    public static boolean isDirectory(String path) {
        int dontSync = 0x4000; // AT_STATX_DONT_SYNC
        int type = 1; // STATX_TYPE
        try (var name = Memory.string(path); var statx = new Memory(256)) {
            long result = Native.call(SystemCall.STATX, Descriptor.AT_FDCWD, name.address(), dontSync, type,
                    statx.address());
            if (Errno.ENOENT.is(result)) {
                return false;
            }
            check(result, path);
            return (statx.getShort(28) & Stat.TYPE) == 0040000;
        }
    }

    /** Whether there is something at the end of a path. @throws KernelException if the kernel can't tell */
    public static boolean exists(String path) {
        return exists(Descriptor.AT_FDCWD, path);
    }

    /** As {@link #exists(String)}, by a path that starts in an open directory. */
    public static boolean exists(Descriptor directory, String path) {
        return exists(directory.number(), path);
    }

    private static boolean exists(int directory, String path) {
        try (var name = Memory.string(path)) {
            long result = Native.call(SystemCall.FACCESSAT, directory, name.address(), 0);
            return !leadsNowhere(result) && check(result, path) == 0;
        }
    }

    /** Whether an error says that a path leads to nothing, or to nothing that this process may know of; others say nothing of the path. */
    private static boolean leadsNowhere(long result) {
        return Errno.ENOENT.is(result) || Errno.ENOTDIR.is(result) || Errno.EACCES.is(result) || Errno.ELOOP.is(result)
                || Errno.ENAMETOOLONG.is(result);
    }

    public static void makeDirectory(String path, int mode) {
        try (var name = Memory.string(path)) {
            check(Native.call(SystemCall.MKDIR, name.address(), mode), "mkdir", path);
        }
    }

    /** Makes a directory unless it is there. Returns whether it was made. */
    public static boolean makeMissingDirectory(String path, int mode) {
        try (var name = Memory.string(path)) {
            long result = Native.call(SystemCall.MKDIR, name.address(), mode);
            if (Errno.EEXIST.is(result)) {
                return false;
            }
            check(result, "mkdir", path);
            return true;
        }
    }

    public static void removeDirectory(String path) {
        unlink(path, AT_REMOVEDIR);
    }

    /** Removes a directory unless it has something in it. Returns whether it is gone. */
    public static boolean removeDirectoryIfEmpty(String path) {
        try (var name = Memory.string(path)) {
            long result = Native.call(SystemCall.UNLINKAT, Descriptor.AT_FDCWD, name.address(), AT_REMOVEDIR);
            if (!Errno.ENOENT.is(result) && !Errno.ENOTDIR.is(result) && !Errno.ENOTEMPTY.is(result)) {
                check(result, "remove", path);
            }
            return !Errno.ENOTEMPTY.is(result);
        }
    }

    public static void unlink(String path) {
        unlink(path, 0);
    }

    /** Removes a file if it is there. */
    public static void unlinkIfPresent(String path) {
        try (var name = Memory.string(path)) {
            long result = Native.call(SystemCall.UNLINKAT, Descriptor.AT_FDCWD, name.address(), 0);
            if (!Errno.ENOENT.is(result) && !Errno.ENOTDIR.is(result)) {
                check(result, "remove", path);
            }
        }
    }

    private static void unlink(String path, int flags) {
        try (var name = Memory.string(path)) {
            check(Native.call(SystemCall.UNLINKAT, Descriptor.AT_FDCWD, name.address(), flags), "remove", path);
        }
    }

    public static void symlink(String target, String path) {
        try (var to = Memory.string(target); var name = Memory.string(path)) {
            check(Native.call(SystemCall.SYMLINK, to.address(), name.address()), "symlink", path);
        }
    }

    public static String readLink(String path) {
        try (var name = Memory.string(path); var buffer = Memory.toBeWritten(4096)) {
            int n = (int) check(Native.call(SystemCall.READLINK, name.address(), buffer.address(), 4096), path);
            return Bytes.toString(buffer.getBytes(0, n));
        }
    }

    /** What a symbolic link says, if there is one. */
    public static Optional<String> readLinkIfPresent(String path) {
        try (var name = Memory.string(path); var buffer = Memory.toBeWritten(4096)) {
            long n = Native.call(SystemCall.READLINK, name.address(), buffer.address(), 4096);
            return Errno.ENOENT.is(n) ? Optional.empty()
                    : Optional.of(Bytes.toString(buffer.getBytes(0, (int) check(n, path))));
        }
    }

    /** What a path says if it is a symbolic link; empty if it is anything else, or nothing. */
    public static Optional<String> linkTarget(String path) {
        try (var name = Memory.string(path); var buffer = Memory.toBeWritten(4096)) {
            long n = Native.call(SystemCall.READLINK, name.address(), buffer.address(), 4096);
            return leadsNowhere(n) || Errno.EINVAL.is(n) || Errno.ESRCH.is(n) ? Optional.empty()
                    : Optional.of(Bytes.toString(buffer.getBytes(0, (int) check(n, path))));
        }
    }

    public static void rename(String from, String to) {
        try (var old = Memory.string(from); var name = Memory.string(to)) {
            check(Native.call(SystemCall.RENAME, old.address(), name.address()), "rename", from);
        }
    }

    public static void changeDirectory(String path) {
        try (var name = Memory.string(path)) {
            check(Native.call(SystemCall.CHDIR, name.address()), path);
        }
    }

    public static void changeRoot(String path) {
        try (var name = Memory.string(path)) {
            check(Native.call(SystemCall.CHROOT, name.address()), path);
        }
    }

    public static void changeDirectory(Descriptor directory) {
        check(Native.call(SystemCall.FCHDIR, directory.number()), "fchdir");
    }

    public static void setMode(String path, int mode) {
        try (var name = Memory.string(path)) {
            check(Native.call(SystemCall.CHMOD, name.address(), mode), "chmod", path);
        }
    }

    /** Sets the file creation mask and returns the former one. */
    public static int umask(int mask) {
        return (int) Native.call(SystemCall.UMASK, mask);
    }

    /** The names in a directory, without . and .. */
    public static List<String> list(String path) {
        return list(path, Integer.MAX_VALUE);
    }

    /** As {@link #list(String)}. @throws KernelException if there are more than some: somebody made them to be too many */
    public static List<String> list(String path, int most) {
        try (var directory = open(path, O_RDONLY | O_DIRECTORY)) {
            return list(directory, path, most);
        }
    }

    /** @param path for the error */
    static List<String> list(Descriptor directory, String path, int most) {
        var names = new ArrayList<String>();
        try (var buffer = Memory.toBeWritten(LIST_SIZE)) {
            for (int n; (n = (int) check(
                    Native.call(SystemCall.GETDENTS64, directory.number(), buffer.address(), LIST_SIZE), path)) > 0;) {
                for (int at = 0; at < n; at += buffer.getShort(at + 16)) {
                    var name = buffer.getString(at + 19);
                    if (!name.equals(".") && !name.equals("..")) {
                        names.add(name);
                    }
                }
                if (names.size() > most) {
                    throw new KernelException(path, Errno.EFBIG);
                }
            }
        }
        return names;
    }

    /** The names in a directory that are numbers from 0 to 999999999, as such: no memory is taken for each. */
    public static int[] numbers(String path) {
        var numbers = new int[64];
        int count = 0;
        try (var directory = open(path, O_RDONLY | O_DIRECTORY); var buffer = Memory.toBeWritten(LIST_SIZE)) {
            for (int n; (n = (int) check(
                    Native.call(SystemCall.GETDENTS64, directory.number(), buffer.address(), LIST_SIZE), path)) > 0;) {
                for (int at = 0; at < n; at += buffer.getShort(at + 16)) {
                    int number = number(buffer, at + 19);
                    if (number >= 0) {
                        if (count == numbers.length) {
                            numbers = Arrays.copyOf(numbers, 2 * count);
                        }
                        numbers[count++] = number;
                    }
                }
            }
        }
        return Arrays.copyOf(numbers, count);
    }

    /** What a C string says, or -1 if that is no such number. */
    private static int number(Memory memory, int from) {
        int number = 0;
        int at = from;
        for (int digit; (digit = memory.getByte(at)) != 0; at++) {
            if (digit < '0' || digit > '9' || number == 0 && at > from || at - from == 9) {
                return -1;
            }
            number = number * 10 + digit - '0';
        }
        return number;
    }

    /** Waits for the exclusive flock(2) of an open file or directory. */
    public static void lock(Descriptor file) {
        long result;
        do {
            result = Native.call(SystemCall.FLOCK, file.number(), LOCK_EX);
        } while (Errno.EINTR.is(result));
        check(result, "flock");
    }

    /** An unnamed file in memory, its position at the start, with the content given. */
    public static Descriptor inMemory(String name, byte[] content) {
        int cloexec = 1;
        try (var s = Memory.string(name)) {
            var file = new Descriptor(check(Native.call(SystemCall.MEMFD_CREATE, s.address(), cloexec), "memfd_create"));
            file.write(content, 0, content.length);
            file.rewind();
            return file;
        }
    }
}
