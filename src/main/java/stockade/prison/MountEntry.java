package stockade.prison;

import java.util.List;
import java.util.Optional;

/**
 * Something to be mounted in a jail's tree.
 *
 * @param parameter which has asked for it: mount or mount.fstab
 * @param target    where, as a path of the host
 * @param inside    where, as a path below the jail's root: / or /name/...
 */
public record MountEntry(String parameter, String target, String inside, FileSystem fileSystem, MountOptions options) {
    /** What is mounted. */
    public sealed interface FileSystem {
        /**
         * A directory or a file of the host, by its absolute path (FreeBSD's nullfs, Linux's bind mount).
         *
         * @param recursive with what is mounted below it
         */
        record Nullfs(String source, boolean recursive) implements FileSystem {
        }

        /** Memory. */
        record Tmpfs() implements FileSystem {
        }

        /** A file system on a block device, by its name in Linux. */
        record OnDevice(String type, String device) implements FileSystem {
        }
    }

    private static final List<String> OF_NULLFS = List.of("bind", "rbind", "nocache");
    private static final List<String> OF_TMPFS = List.of("size", "mode", "uid", "gid", "inodes", "nr_inodes", "nr_blocks");

    /** @throws JailException if it can't be */
    static FileSystem fileSystem(String type, String source, MountOptions options) {
        return switch (type) {
            case "nullfs", "bind", "rbind", "none" -> {
                boolean recursive = type.equals("rbind") || has(options, "rbind");
                if (type.equals("none") && !recursive && !has(options, "bind")) {
                    throw new JailException("none: no file system");
                }
                options.requireOnly(OF_NULLFS);
                yield new FileSystem.Nullfs(absolute(source), recursive);
            }
            case "tmpfs" -> {
                options.requireOnly(OF_TMPFS);
                yield new FileSystem.Tmpfs();
            }
            case "linsysfs", "sysfs" -> throw new JailException(type + ": would tell a jail of the host's devices");
            case "unionfs", "overlay" -> throw new JailException(type
                    + ": not available: nullfs, read only, has several jails share what none of them changes");
            default -> new FileSystem.OnDevice(nameInLinux(type), absolute(source));
        };
    }

    private static boolean has(MountOptions options, String name) {
        return options.others().contains(new MountOptions.Option(name, Optional.empty()));
    }

    private static String absolute(String path) {
        if (!path.startsWith("/")) {
            throw new JailException(path + ": not an absolute pathname");
        }
        return path;
    }

    private static String nameInLinux(String type) {
        return switch (type) {
            case "cd9660" -> "iso9660";
            case "msdosfs" -> "vfat";
            case "ext2fs" -> "ext2";
            case "ntfs" -> "ntfs3";
            default -> type;
        };
    }
}
