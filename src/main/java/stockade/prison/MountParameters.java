package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.prison.JailMounts.Presence;

/** What the parameters mount, mount.fstab, mount.devfs, mount.procfs and mount.fdescfs of a jail say, as they are read. */
public final class MountParameters {
    private static final String MOUNT = "mount";
    private static final String FSTAB = "mount.fstab";

    private final List<String> lines = new ArrayList<>();
    private final List<String> fstab = new ArrayList<>();
    private Presence devfs = Presence.IF_POSSIBLE;
    private Presence procfs = Presence.IF_POSSIBLE;
    private Optional<Boolean> fdescfs = Optional.empty();

    /** Adds a line of fstab(5). */
    public void mount(String line) {
        lines.add(line);
    }

    /** Adds the lines of a file. @throws JailException if it can't be read */
    public void fstab(String file) {
        try {
            fstab.addAll(Fstab.lines(file));
        } catch (JailException e) {
            throw new JailException(FSTAB + ": " + e.getMessage());
        }
    }

    public void devfs(boolean present) {
        devfs = present ? Presence.ALWAYS : Presence.NEVER;
    }

    public void procfs(boolean present) {
        procfs = present ? Presence.ALWAYS : Presence.NEVER;
    }

    public void fdescfs(boolean present) {
        fdescfs = Optional.of(present);
    }

    /**
     * What they come to, for a jail in this tree: first the lines of mount, then those of mount.fstab.
     *
     * @param path     the tree, as it was given
     * @param realPath the tree without symbolic links
     * @throws JailException if a line can't be understood, or is of something that can't be mounted
     */
    public JailMounts under(String path, String realPath) {
        var tree = new Paths(names(path), names(realPath));
        var entries = new ArrayList<MountEntry>();
        lines.forEach(line -> add(MOUNT, line, tree, entries));
        fstab.forEach(line -> add(FSTAB, line, tree, entries));
        for (var entry : entries) {
            requireSeen(entry, "/dev", devfs, "devfs");
            requireSeen(entry, "/proc", procfs, "procfs");
        }
        boolean descriptors = devfs != Presence.NEVER && procfs != Presence.NEVER;
        if (fdescfs.orElse(false)) {
            if (!descriptors) {
                throw new JailException("mount.fdescfs: /dev/fd leads to /proc/self/fd: needs mount.devfs and mount.procfs");
            }
            devfs(true);
            procfs(true);
        }
        return new JailMounts(List.copyOf(entries), devfs, procfs, fdescfs.orElse(descriptors));
    }

    private void add(String parameter, String text, Paths tree, List<MountEntry> entries) {
        try {
            for (var line : Fstab.parse(text)) {
                var inside = tree.inside(line.target());
                var options = MountOptions.parse(line.options());
                switch (line.type()) {
                    case "devfs" -> {
                        requirePlace(line, inside, "/dev", options, "ruleset=4");
                        devfs(true);
                    }
                    case "procfs", "proc", "linprocfs" -> {
                        requirePlace(line, inside, "/proc", options, "");
                        procfs(true);
                    }
                    case "fdescfs" -> {
                        requirePlace(line, inside, "/dev/fd", options, "linrdlnk");
                        fdescfs(true);
                    }
                    default -> entries.add(new MountEntry(parameter, line.target(), inside,
                            MountEntry.fileSystem(line.type(), tree.real(line.source()), options), options));
                }
            }
        } catch (JailException e) {
            throw new JailException(parameter + ": " + e.getMessage());
        }
    }

    /** A file system of which a jail has one, at its place, with what it has there: the option that can be given says nothing new. */
    private static void requirePlace(Fstab.Line line, String inside, String place, MountOptions options, String option) {
        if (!inside.equals(place)) {
            throw new JailException(line.target() + ": a jail has " + line.type() + " on " + place + " only");
        }
        if (options.attributes() != 0 || !options.others().stream().allMatch(other -> other.toString().equals(option))) {
            throw new JailException(line.target() + ": mount options <" + line.options() + "> can't be had with " + line.type());
        }
    }

    /** Nothing is mounted where it would be hidden by what is mounted after it. */
    private static void requireSeen(MountEntry entry, String place, Presence presence, String what) {
        if (presence != Presence.NEVER && (entry.inside() + "/").startsWith(place + "/")) {
            throw new JailException(entry.parameter() + ": " + entry.target() + ": would be hidden by " + what + " (see mount.no"
                    + what + ")");
        }
    }

    /** The names in a path. */
    private static List<String> names(String path) {
        return Bytes.split(path, '/').stream().filter(name -> !name.isEmpty() && !name.equals(".")).toList();
    }

    /** The tree's path as it was given, and as it is. */
    private record Paths(List<String> given, List<String> real) {
        /** A path of the host, as one below the jail's root. */
        String inside(String path) {
            if (!path.startsWith("/")) {
                throw new JailException(path + ": not an absolute pathname");
            }
            var names = names(path);
            for (var tree : List.of(given, real)) {
                if (isBelow(names, tree)) {
                    return "/" + String.join("/", names.subList(tree.size(), names.size()));
                }
            }
            throw new JailException(path + ": not below the jail's path");
        }

        /** A path of the host, with the tree's real path in place of the given one. */
        String real(String path) {
            var names = names(path);
            if (given.equals(real) || !path.startsWith("/") || !isBelow(names, given)) {
                return path;
            }
            var all = new ArrayList<>(real);
            all.addAll(names.subList(given.size(), names.size()));
            return "/" + String.join("/", all);
        }

        private static boolean isBelow(List<String> names, List<String> tree) {
            return names.size() >= tree.size() && names.subList(0, tree.size()).equals(tree) && !names.contains("..");
        }
    }
}
