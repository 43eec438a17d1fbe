package stockade.linux;

import static stockade.linux.KernelException.check;
import static stockade.linux.KernelException.checkFeature;

/** Mounts and mount namespaces (mount_setattr(2) needs Linux 5.12, the other descriptor calls 5.2). */
public final class Mounts {
    public static final int MS_NOSUID = 2;
    public static final int MS_NODEV = 4;
    public static final int MS_NOEXEC = 8;
    private static final int MS_BIND = 4096;
    private static final int MS_REC = 16384;
    private static final int MS_PRIVATE = 1 << 18;
    private static final int MS_SLAVE = 1 << 19;
    private static final int MNT_DETACH = 2;

    /** Attributes for {@link #setAttributes}: MOUNT_ATTR_* of include/uapi/linux/mount.h. */
    public static final int ATTR_RDONLY = 1;
    public static final int ATTR_NOSUID = 2;
    public static final int ATTR_NODEV = 4;
    public static final int ATTR_NOEXEC = 8;
    public static final int ATTR_NOATIME = 0x10;
    public static final int ATTR_STRICTATIME = 0x20;
    public static final int ATTR_NODIRATIME = 0x80;
    public static final int ATTR_NOSYMFOLLOW = 0x00200000;
    private static final int ATTR_ATIME = 0x70; // all that say when times of access are noted
    private static final int ATTR_IDMAP = 0x00100000;

    private static final int OPEN_TREE_CLONE = 1;
    private static final int OPEN_TREE_CLOEXEC = 02000000;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;

    private Mounts() {
    }

    /** A detached copy of the mount at a path, its root at that path, with the mounts below it if recursive. */
    public static Descriptor clone(String path, boolean recursive) {
        try (var name = Memory.string(path)) {
            long tree = Native.call(SystemCall.OPEN_TREE, Descriptor.AT_FDCWD, name.address(),
                    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
            return new Descriptor(Errno.ENOSYS.is(tree) ? checkFeature(tree, "open_tree", "5.2") : check(tree, path));
        }
    }

    /** As {@link #clone(String, boolean)}, of an open directory. */
    public static Descriptor clone(Descriptor directory, boolean recursive) {
        try (var name = Memory.string("")) {
            return new Descriptor(checkFeature(Native.call(SystemCall.OPEN_TREE, directory.number(), name.address(),
                    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)),
                    "open_tree", "5.2"));
        }
    }

    /**
     * Sets attributes of a detached mount and of those below it, makes them private, and maps the owners of its files
     * through a user namespace.
     */
    public static void mapOwners(Descriptor mount, Descriptor userNamespace, int attributes) {
        setAttributes(mount, attributes | ATTR_IDMAP, userNamespace.number(), AT_RECURSIVE);
    }

    /** Sets attributes of a mount and makes it private: a copy is of the same peers as its original. */
    public static void setAttributes(Descriptor mount, int attributes) {
        setAttributes(mount, attributes, 0, 0);
    }

    /** As {@link #setAttributes(Descriptor, int)}, of a mount and of those below it. */
    public static void setAttributesOfAll(Descriptor mount, int attributes) {
        setAttributes(mount, attributes, 0, AT_RECURSIVE);
    }

    private static void setAttributes(Descriptor mount, int attributes, int userNamespace, int flags) {
        try (var name = Memory.string(""); var attr = new Memory(32)) {
            boolean accessTime = (attributes & ATTR_ATIME) != 0;
            attr.putLong(0, attributes).putLong(8, accessTime ? ATTR_ATIME : 0).putLong(16, MS_PRIVATE).putLong(24, userNamespace);
            checkFeature(Native.call(SystemCall.MOUNT_SETATTR, mount.number(), name.address(), AT_EMPTY_PATH | flags,
                    attr.address(), 32), "mount_setattr", "5.12");
        }
    }

    /** Attaches a detached mount at a path. A symbolic link at the end of the path is not followed. */
    public static void attach(Descriptor mount, String path) {
        try (var name = Memory.string(path); var empty = Memory.string("")) {
            long result = Native.call(SystemCall.MOVE_MOUNT, mount.number(), empty.address(), Descriptor.AT_FDCWD,
                    name.address(), MOVE_MOUNT_F_EMPTY_PATH);
            if (Errno.ENOSYS.is(result)) {
                checkFeature(result, "move_mount", "5.2");
            }
            check(result, "mount", path);
        }
    }

    /** Attaches a detached mount at an open directory or file, a directory on a directory. */
    public static void attach(Descriptor mount, Descriptor target) {
        try (var empty = Memory.string("")) {
            check(Native.call(SystemCall.MOVE_MOUNT, mount.number(), empty.address(), target.number(), empty.address(),
                    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH), "mount");
        }
    }

    /** A new file system that has no device, as a detached mount with MOUNT_ATTR_* attributes. */
    public static Descriptor create(String type, int attributes) {
        try (var context = FileSystemContext.open(type)) {
            context.create();
            return context.mount(attributes);
        }
    }

    /** Mounts a file system that has no device. */
    public static void mount(String type, String path, int flags, String options) {
        try (var name = Memory.string(path); var fs = Memory.string(type); var data = Memory.string(options)) {
            check(Native.call(SystemCall.MOUNT, fs.address(), name.address(), fs.address(), flags, data.address()),
                    "mount", path);
        }
    }

    /** Has a file be seen at the path of another, and so keeps a namespace that /proc tells of (namespaces(7)). */
    public static void bind(String file, String path) {
        try (var from = Memory.string(file); var name = Memory.string(path)) {
            check(Native.call(SystemCall.MOUNT, from.address(), name.address(), 0, MS_BIND, 0), "mount", path);
        }
    }

    /** Takes away what is mounted at a path, also if somebody uses it still. */
    public static void unmount(String path) {
        try (var name = Memory.string(path)) {
            check(Native.call(SystemCall.UMOUNT2, name.address(), MNT_DETACH), "unmount", path);
        }
    }

    /** Lets nothing that is mounted or unmounted here reach another namespace, or come from one. */
    public static void makeAllPrivate() {
        try (var root = Memory.string("/")) {
            check(Native.call(SystemCall.MOUNT, 0, root.address(), 0, MS_REC | MS_PRIVATE, 0), "make / private");
        }
    }

    /** Lets nothing that is mounted or unmounted here reach another namespace, but the others' reach this one. */
    public static void makeAllSlaves() {
        try (var root = Memory.string("/")) {
            check(Native.call(SystemCall.MOUNT, 0, root.address(), 0, MS_REC | MS_SLAVE, 0), "make / a slave");
        }
    }

    /** Makes the mount that is the working directory the root, and lets go of the old root with all below it. */
    public static void pivotRootToWorkingDirectory() {
        try (var dot = Memory.string(".")) {
            check(Native.call(SystemCall.PIVOT_ROOT, dot.address(), dot.address()), "pivot_root");
            check(Native.call(SystemCall.UMOUNT2, dot.address(), MNT_DETACH), "unmount the old root");
        }
        Files.changeDirectory("/");
    }
}
