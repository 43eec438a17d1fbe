package stockade.linux;

import static stockade.linux.KernelException.check;
import static stockade.linux.KernelException.checkFeature;

import java.util.List;
import java.util.Optional;

/**
 * A directory as the root of paths: none leads out of it, whatever symbolic links are in it and whoever changes them
 * meanwhile (RESOLVE_IN_ROOT, openat2(2), Linux 5.6). Of a path's last part the link itself is meant.
 */
public final class Beneath implements AutoCloseable {
    private static final int RESOLVE_IN_ROOT = 0x10;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_SYMLINK_FOLLOW = 0x400;
    private static final int O_EXCL = 0200;
    private static final int O_CLOEXEC = 02000000;
    private static final int FICLONE = 0x40049409;
    private static final int CHUNK = 1 << 30;
    private static final int BUFFER = 1 << 16;
    private static final String CAPABILITIES = "security.capability";
    private static final int CAPABILITIES_SIZE = 24; // struct vfs_ns_cap_data

    private final String path;
    private final Descriptor root;
    private String openPath = "";
    private Descriptor open;

    /** @param path for messages, and what is opened */
    public Beneath(String path) {
        this.path = path;
        this.root = Files.open(path, Files.O_PATH | Files.O_DIRECTORY);
    }

    /** What is at a path; empty if there is nothing. */
    public Optional<Files.Stat> look(String at) {
        try (var name = Memory.string(name(at)); var stat = new Memory(144)) {
            var parent = parent(at);
            if (parent.isEmpty()) {
                return Optional.empty();
            }
            long result = Native.call(SystemCall.NEWFSTATAT, parent.get().number(), name.address(), stat.address(),
                    AT_SYMLINK_NOFOLLOW);
            if (Errno.ENOENT.is(result)) {
                return Optional.empty();
            }
            check(result, path + at);
            return Optional.of(Files.Stat.of(stat));
        }
    }

    /** What a symbolic link says. */
    public String readLink(String at) {
        try (var name = Memory.string(name(at)); var buffer = Memory.toBeWritten(4096)) {
            int n = (int) check(Native.call(SystemCall.READLINKAT, parentOf(at).number(), name.address(),
                    buffer.address(), 4096), path + at);
            return Bytes.toString(buffer.getBytes(0, n));
        }
    }

    /** A file to read; if what is there is another kind of thing, it is not waited for. */
    public Descriptor read(String at) {
        try (var name = Memory.string(name(at))) {
            return new Descriptor(check(Native.call(SystemCall.OPENAT, parentOf(at).number(), name.address(),
                    Files.O_RDONLY | Files.O_NOFOLLOW | Files.O_NONBLOCK | O_CLOEXEC, 0), path + at));
        }
    }

    public void makeDirectory(String at, Attributes attributes) {
        var parent = parentOf(at);
        try (var name = Memory.string(name(at))) {
            check(Native.call(SystemCall.MKDIRAT, parent.number(), name.address(), 0700), path + at);
            try (var made = new Descriptor(check(Native.call(SystemCall.OPENAT, parent.number(), name.address(),
                    Files.O_RDONLY | Files.O_DIRECTORY | Files.O_NOFOLLOW | O_CLOEXEC, 0), path + at))) {
                give(made, attributes, at);
            }
        }
    }

    /** Whom a file belongs to, and who may do what with it. */
    public record Attributes(int permissions, int uid, int gid) {
    }

    public void makeLink(String target, String at) {
        try (var to = Memory.string(target); var name = Memory.string(name(at))) {
            check(Native.call(SystemCall.SYMLINKAT, to.address(), parentOf(at).number(), name.address()), path + at);
        }
    }

    /** A new file, which must not be there. */
    public Descriptor create(String at) {
        try (var name = Memory.string(name(at))) {
            return new Descriptor(check(Native.call(SystemCall.OPENAT, parentOf(at).number(), name.address(),
                    Files.O_RDWR | Files.O_CREAT | O_EXCL | Files.O_NOFOLLOW | O_CLOEXEC, 0600), path + at));
        }
    }

    /** Another name for a file outside. */
    public void makeHardLink(String outside, String at) {
        try (var from = Memory.string(outside); var name = Memory.string(name(at))) {
            check(Native.call(SystemCall.LINKAT, Descriptor.AT_FDCWD, from.address(), parentOf(at).number(),
                    name.address(), AT_SYMLINK_FOLLOW), path + at);
        }
    }

    /** Another name for a file that is here. */
    public void makeHardLinkWithin(String from, String at) {
        try (var directory = new Descriptor(check(Native.call(SystemCall.FCNTL, parentOf(from).number(), 1030, 3), path));
                var old = Memory.string(name(from)); var name = Memory.string(name(at))) {
            check(Native.call(SystemCall.LINKAT, directory.number(), old.address(), parentOf(at).number(),
                    name.address(), 0), path + at);
        }
    }

    /** Gives a thing another name in the same directory, in place of what had it. */
    public void rename(String from, String to) {
        int parent = parentOf(to).number();
        try (var old = Memory.string(name(from)); var name = Memory.string(name(to))) {
            check(Native.call(SystemCall.RENAMEAT, parent, old.address(), parent, name.address()), path + to);
        }
    }

    public void removeIfPresent(String at) {
        long result = remove(at, 0);
        if (!Errno.ENOENT.is(result)) {
            check(result, path + at);
        }
    }

    public void removeDirectoryIfEmpty(String at) {
        long result = remove(at, AT_REMOVEDIR);
        if (!Errno.ENOENT.is(result) && !Errno.ENOTEMPTY.is(result)) {
            check(result, path + at);
        }
    }

    /** The names in a directory, without . and .. */
    public List<String> list(String at) {
        try (var name = Memory.string(name(at));
                var directory = new Descriptor(check(Native.call(SystemCall.OPENAT, parentOf(at).number(),
                        name.address(), Files.O_RDONLY | Files.O_DIRECTORY | Files.O_NOFOLLOW | O_CLOEXEC, 0), path + at))) {
            return Files.list(directory, path + at, Integer.MAX_VALUE);
        }
    }

    private long remove(String at, int flags) {
        try (var name = Memory.string(name(at))) {
            return Native.call(SystemCall.UNLINKAT, parentOf(at).number(), name.address(), flags);
        }
    }

    /**
     * Copies a file's content to another, sharing the blocks where the file system can (FICLONE, copy_file_range(2)).
     */
    public void copy(Descriptor from, Descriptor to, String at) {
        if (Native.call(SystemCall.IOCTL, to.number(), FICLONE, from.number()) == 0) {
            return;
        }
        long n;
        do {
            n = Native.call(SystemCall.COPY_FILE_RANGE, from.number(), 0, to.number(), 0, CHUNK, 0);
        } while (n > 0);
        if (Errno.ENOSPC.is(n) || Errno.EDQUOT.is(n) || Errno.EIO.is(n)) {
            check(n, path + at);
        }
        copyByHand(from, to, at); // to the end from where it got to: other file systems, or none that can
    }

    private void copyByHand(Descriptor from, Descriptor to, String at) {
        var buffer = new byte[BUFFER];
        try {
            for (int n; (n = from.read(buffer, 0, BUFFER)) > 0;) {
                to.write(buffer, 0, n);
            }
        } catch (KernelException e) {
            throw new KernelException(path + at, e.errno());
        }
    }

    /** The owner first: a change of owner takes set-user-ID and capabilities away (chown(2)). */
    public void give(Descriptor file, Attributes attributes, String at) {
        check(Native.call(SystemCall.FCHOWN, file.number(), attributes.uid, attributes.gid), path + at);
        check(Native.call(SystemCall.FCHMOD, file.number(), attributes.permissions), path + at);
    }

    /** The capabilities that a program gets (capabilities(7)), if it gets any. */
    public void copyCapabilities(Descriptor from, Descriptor to, String at) {
        try (var name = Memory.string(CAPABILITIES); var value = new Memory(CAPABILITIES_SIZE)) {
            long size = Native.call(SystemCall.FGETXATTR, from.number(), name.address(), value.address(),
                    CAPABILITIES_SIZE);
            if (size > 0) {
                check(Native.call(SystemCall.FSETXATTR, to.number(), name.address(), value.address(), size, 0), path + at);
            }
        }
    }

    public void setModified(Descriptor file, Files.Time time, String at) {
        try (var times = new Memory(32)) {
            times.putLong(0, time.seconds()).putLong(8, time.nanoseconds());
            times.putLong(16, time.seconds()).putLong(24, time.nanoseconds());
            check(Native.call(SystemCall.UTIMENSAT, file.number(), 0, times.address(), 0), path + at);
        }
    }

    private Descriptor parentOf(String at) {
        return parent(at).orElseThrow(() -> new KernelException(path + at, Errno.ENOENT));
    }

    /** The directory that a path is in, kept open for the next one that is in it too; empty if there is none. */
    private Optional<Descriptor> parent(String at) {
        var directory = at.substring(0, Math.max(at.lastIndexOf('/'), 0));
        if (open == null || !openPath.equals(directory)) {
            if (open != null) {
                open.close();
                open = null;
            }
            try (var name = Memory.string(directory.isEmpty() ? "/" : directory); var how = new Memory(24)) {
                how.putLong(0, Files.O_PATH | Files.O_DIRECTORY | O_CLOEXEC).putLong(16, RESOLVE_IN_ROOT);
                long fd = Native.call(SystemCall.OPENAT2, root.number(), name.address(), how.address(), 24);
                if (Errno.ENOENT.is(fd)) {
                    return Optional.empty();
                }
                open = new Descriptor(checkFeature(fd, path + directory, "5.6"));
                openPath = directory;
            }
        }
        return Optional.of(open);
    }

    private static String name(String at) {
        return at.substring(at.lastIndexOf('/') + 1);
    }

    @Override
    public void close() {
        if (open != null) {
            open.close();
        }
        root.close();
    }
}
