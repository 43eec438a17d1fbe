package stockade.confine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.FileSystemContext;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Mounts;
import stockade.prison.JailException;
import stockade.prison.JailSpec;
import stockade.prison.MountEntry;
import stockade.prison.MountEntry.FileSystem;
import stockade.prison.Permission;
import stockade.tree.FirewallDirectory;

/** What the host has to give for a jail's mounts, as mounts that are attached nowhere. */
final class MountSources {
    private final JailSpec spec;
    private final Descriptor tree;

    /** What has been opened, and what the jail has in the first place. */
    private final List<Source> opened = new ArrayList<>();

    /** A part of the host's tree of files, by its path without symbolic links. */
    private record Source(String path, boolean readOnly) {
        boolean overlaps(Source other) {
            return isBelow(other) || other.isBelow(this);
        }

        private boolean isBelow(Source other) {
            return other.path.equals("/") || (path + "/").startsWith(other.path + "/");
        }
    }

    MountSources(JailSpec spec, Descriptor tree) {
        this.spec = spec;
        this.tree = tree;
        opened.add(new Source(spec.path(), false));
    }

    /** Empty for what comes from nowhere. */
    Optional<Descriptor> open(MountEntry entry) {
        return switch (entry.fileSystem()) {
            case FileSystem.Nullfs nullfs -> Optional.of(clone(nullfs, entry.options().isReadOnly()));
            case FileSystem.OnDevice(String type, String device) -> Optional.of(mount(type, device, entry));
            case FileSystem.Tmpfs memory -> Optional.empty();
        };
    }

    /**
     * A setuid file that a jail's root makes is root's on disk. So what it can write to has to be behind a firewall directory,
     * as the tree itself.
     */
    private Descriptor clone(FileSystem.Nullfs nullfs, boolean readOnly) {
        try (var source = source(nullfs.source())) {
            var path = Files.readLink("/proc/self/fd/" + source.number());
            if (!spec.programs().isEmpty()) {
                requireNoOtherName(new Source(path, readOnly));
            }
            if (readOnly || spec.allow().getOrDefault(Permission.EXPOSED_PATH, false)) {
                return Mounts.clone(source, nullfs.recursive());
            }
            try (var unexposed = FirewallDirectory.requireForWriting(path, source)) {
                return Mounts.clone(unexposed, nullfs.recursive());
            }
        }
    }

    /**
     * What is in the tree itself is not to lead out of it; nor what is in another jail's, which may be stopped and known to
     * nobody: no symbolic link is followed anywhere.
     */
    private Descriptor source(String path) {
        return path.startsWith(spec.path() + "/") ? PlainPath.open(tree, path.substring(spec.path().length()), spec.path())
                : PlainPath.open(path);
    }

    /** The programs that exec.allow allows, and what they load, must not be writable under another name. */
    private void requireNoOtherName(Source source) {
        for (var other : opened) {
            if (source.overlaps(other) && !(source.readOnly && other.readOnly)) {
                throw new JailException(source.path + ": exec.allow: what can be executed could be written to: "
                        + other.path + " is mounted too");
            }
        }
        opened.add(source);
    }

    /** A device that the host has mounted too could be reached there. */
    private static Descriptor mount(String type, String device, MountEntry entry) {
        if (!Files.stat(device).isBlockDevice()) {
            throw new KernelException(device, Errno.ENOTBLK);
        }
        try (var context = open(type)) {
            context.set("source", device);
            if (entry.options().isReadOnly()) {
                context.set("ro");
            }
            for (var option : entry.options().others()) {
                option.value().ifPresentOrElse(value -> context.set(option.name(), value), () -> context.set(option.name()));
            }
            try {
                context.createExclusively();
            } catch (KernelException e) {
                throw new JailException(device + ": " + e.getMessage());
            }
            return context.mount(entry.options().attributes() | Mounts.ATTR_NODEV);
        }
    }

    /** Of file systems without a device some are the kernel's own, which no jail is to have. */
    private static FileSystemContext open(String type) {
        try {
            var context = FileSystemContext.open(type);
            if (!Bytes.split(Files.read("/proc/filesystems"), '\n').contains("\t" + type)) { // others are marked "nodev"
                context.close();
                throw new JailException(type + ": not a file system on a device");
            }
            return context;
        } catch (KernelException e) {
            throw e.errno() == Errno.ENODEV ? new JailException(type + ": unknown file system") : e;
        }
    }
}
