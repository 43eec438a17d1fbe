package stockade.confine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.FileSystemContext;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Mounts;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailMounts;
import stockade.prison.JailName;
import stockade.prison.JailSpec;
import stockade.prison.MountEntry;
import stockade.prison.MountEntry.FileSystem;
import stockade.prison.Permission;
import stockade.tree.FirewallDirectory;

/**
 * What is mounted in a jail's tree on its behalf (mount, mount.fstab). Each is a mount that is attached nowhere, from the
 * time before the jail is made, so that what was looked at is what is used, until init attaches it in the jail's own mount
 * namespace. On none does a device node work, and on each the jail's users own what the same numbers own on disk.
 */
public final class TreeMounts implements AutoCloseable {
    private final JailMounts wanted;

    /** One for each entry, in their order; none for what init makes itself. */
    private final List<Optional<Descriptor>> mounts = new ArrayList<>();

    private TreeMounts(JailMounts wanted) {
        this.wanted = wanted;
    }

    /**
     * For the creator: opens what the host has to give.
     *
     * @param tree the jail's tree
     * @throws JailException if it is not there, is no file system, or is for users of the host to reach and for the jail to
     *                       write to
     */
    public static TreeMounts open(JailSpec spec, Descriptor tree) {
        var opened = new TreeMounts(spec.mounts());
        var name = spec.name().map(JailName::text).map(text -> text + ": ").orElse("");
        try {
            for (var entry : spec.mounts().entries()) {
                opened.mounts.add(in(name, entry, () -> open(entry, spec, tree)));
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static Optional<Descriptor> open(MountEntry entry, JailSpec spec, Descriptor tree) {
        return switch (entry.fileSystem()) {
            case FileSystem.Nullfs nullfs -> Optional.of(clone(nullfs, entry.options().isReadOnly(), spec, tree));
            case FileSystem.OnDevice(String type, String device) -> Optional.of(mount(type, device, entry));
            case FileSystem.Tmpfs memory -> Optional.empty();
        };
    }

    /**
     * A setuid file that a jail's root makes is root's on disk. So what it can write to has to be behind a firewall directory,
     * as the tree itself.
     */
    private static Descriptor clone(FileSystem.Nullfs nullfs, boolean readOnly, JailSpec spec, Descriptor tree) {
        try (var source = source(nullfs.source(), spec.path(), tree)) {
            if (readOnly || spec.allow().getOrDefault(Permission.EXPOSED_PATH, false)) {
                return Mounts.clone(source, nullfs.recursive());
            }
            var path = Files.readLink("/proc/self/fd/" + source.number());
            try (var unexposed = FirewallDirectory.require(path, path, source)) {
                return Mounts.clone(unexposed, nullfs.recursive());
            }
        }
    }

    /** What is in the tree itself is not to lead out of it. */
    private static Descriptor source(String path, String treePath, Descriptor tree) {
        return path.startsWith(treePath + "/") ? PlainPath.open(tree, path.substring(treePath.length()), treePath)
                : Files.open(path, Files.O_PATH);
    }

    /** A device that the host has mounted too could be reached there. */
    private static Descriptor mount(String type, String device, MountEntry entry) {
        if (!Files.stat(device).isBlockDevice()) {
            throw new KernelException(device, Errno.ENOTBLK);
        }
        try (var context = FileSystemContext.open(type)) {
            if (!Bytes.split(Files.read("/proc/filesystems"), '\n').contains("\t" + type)) { // others are marked "nodev"
                throw new JailException(type + ": not a file system on a device");
            }
            context.set("source", device);
            if (entry.options().isReadOnly()) {
                context.set("ro");
            }
            set(entry, context);
            try {
                context.createExclusively();
            } catch (KernelException e) {
                throw new JailException(device + ": " + e.getMessage());
            }
            return context.mount(entry.options().attributes() | Mounts.ATTR_NODEV);
        } catch (KernelException e) {
            throw e.errno() == Errno.ENODEV ? new JailException(type + ": unknown file system") : e;
        }
    }

    private static void set(MountEntry entry, FileSystemContext context) {
        for (var option : entry.options().others()) {
            option.value().ifPresentOrElse(value -> context.set(option.name(), value), () -> context.set(option.name()));
        }
    }

    /** What the jail was told to have. */
    public JailMounts wanted() {
        return wanted;
    }

    /** What has to be kept until it is attached. */
    public List<Descriptor> descriptors() {
        return mounts.stream().flatMap(Optional::stream).toList();
    }

    /** For the warden: has the jail's users own what the same numbers own on disk. @throws JailException if that can't be */
    public void mapOwners(Jail jail, Descriptor userNamespace) {
        for (int i = 0; i < mounts.size(); i++) {
            var entry = wanted.entries().get(i);
            mounts.get(i).ifPresent(mount -> {
                try {
                    Mounts.mapOwners(mount, userNamespace, entry.options().attributes() | Mounts.ATTR_NODEV);
                } catch (KernelException e) {
                    throw new JailException(prefix(jail.name() + ": ", entry) + entry.target() + ": " + (e.errno() == Errno.EINVAL
                            ? "its file system can't map owners (idmapped mounts)" : e.getMessage()));
                }
            });
        }
    }

    /** For init, whose root is the tree by now and has nothing of a jail's own yet: attaches all, in order. */
    void attach(Jail jail) {
        for (int i = 0; i < mounts.size(); i++) {
            var entry = wanted.entries().get(i);
            var made = mounts.get(i);
            in(jail.name() + ": ", entry, () -> {
                try {
                    return attach(entry, made, jail.path());
                } catch (KernelException e) {
                    throw new JailException(entry.target() + ": " + e.getMessage());
                }
            });
        }
    }

    private static Optional<Descriptor> attach(MountEntry entry, Optional<Descriptor> made, String treePath) {
        try (var root = Files.open("/", Files.O_PATH | Files.O_DIRECTORY);
                var target = PlainPath.open(root, entry.inside(), treePath.equals("/") ? "" : treePath);
                var mount = made.orElseGet(() -> memory(entry, Files.stat(target)))) {
            boolean directory = Files.stat(mount).isDirectory();
            if (directory != Files.stat(target).isDirectory()) {
                throw new JailException(entry.target() + (directory ? ": not a directory" : ": is a directory"));
            }
            if (entry.inside().equals("/")) {
                Tree.enter(mount);
            } else {
                Mounts.attach(mount, target);
            }
        }
        return Optional.empty();
    }

    /** On FreeBSD the root of a new tmpfs is whose the directory was that it is mounted on, and has its mode. */
    private static Descriptor memory(MountEntry entry, Files.Stat target) {
        try (var context = FileSystemContext.open("tmpfs")) {
            context.set("source", "tmpfs");
            context.set("mode", Integer.toOctalString(target.permissions()));
            context.set("uid", Integer.toUnsignedString(target.uid()));
            context.set("gid", Integer.toUnsignedString(target.gid()));
            for (var option : entry.options().others()) {
                context.set(option.name().equals("inodes") ? "nr_inodes" : option.name(), option.value().orElse(""));
            }
            context.create();
            return context.mount(entry.options().attributes() | Mounts.ATTR_NODEV);
        }
    }

    private static Optional<Descriptor> in(String name, MountEntry entry, Supplier<Optional<Descriptor>> step) {
        try {
            return step.get();
        } catch (KernelException | JailException e) {
            throw new JailException(prefix(name, entry) + e.getMessage());
        }
    }

    private static String prefix(String name, MountEntry entry) {
        return name + entry.parameter() + ": ";
    }

    @Override
    public void close() {
        descriptors().forEach(Descriptor::close);
    }
}
