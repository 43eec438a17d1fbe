package stockade.confine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.FileSystemContext;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Mounts;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailMounts;
import stockade.prison.JailSpec;
import stockade.prison.MountEntry;

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
     * @throws JailException if something is not there, is no file system, or can be written to by the jail and reached by
     *                       users of the host
     */
    public static TreeMounts open(JailSpec spec, Descriptor tree) {
        var opened = new TreeMounts(spec.mounts());
        try {
            var sources = new MountSources(spec, tree);
            for (var entry : spec.mounts().entries()) {
                opened.mounts.add(in(entry, () -> sources.open(entry)));
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
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
    public void mapOwners(Descriptor userNamespace) {
        for (int i = 0; i < mounts.size(); i++) {
            var entry = wanted.entries().get(i);
            mounts.get(i).ifPresent(mount -> {
                try {
                    Mounts.mapOwners(mount, userNamespace, entry.options().attributes() | Mounts.ATTR_NODEV);
                } catch (KernelException e) {
                    throw new JailException(entry.parameter() + ": " + entry.target() + ": " + (e.errno() == Errno.EINVAL
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
            in(entry, () -> {
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

    private static Optional<Descriptor> in(MountEntry entry, Supplier<Optional<Descriptor>> step) {
        try {
            return step.get();
        } catch (KernelException | JailException e) {
            throw new JailException(entry.parameter() + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        descriptors().forEach(Descriptor::close);
    }
}
