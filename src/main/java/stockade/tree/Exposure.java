package stockade.tree;

import java.util.List;
import java.util.Optional;

/**
 * What on the way to a tree lets users of the host get at it: at a setuid file that the jail's root has made, which is
 * root's on disk, or at the place of the tree, to put another there.
 *
 * @param what   of which directory, and whom
 * @param remedy the command that mends it, if there is one that would not break the host
 */
record Exposure(String what, Optional<String> remedy) {
    /** Directories that all may need to pass (hier(7)): closing one would break the host. */
    private static final List<String> SYSTEM = List.of("/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64",
            "/libx32", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin",
            "/usr/games", "/usr/include", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/libx32", "/usr/local",
            "/usr/local/bin", "/usr/local/etc", "/usr/local/games", "/usr/local/include", "/usr/local/lib", "/usr/local/sbin",
            "/usr/local/share", "/usr/local/src", "/usr/sbin", "/usr/share", "/usr/src", "/var", "/var/cache", "/var/db",
            "/var/empty", "/var/lib", "/var/local", "/var/lock", "/var/log", "/var/mail", "/var/opt", "/var/run", "/var/spool",
            "/var/tmp", "/var/www");

    /**
     * The first exposure of a tree.
     *
     * Each directory above it has to be root's, and what it leads to must not be for others to rename. One of them has to
     * keep everybody but root out. The tree's own mode is of no account: the jail's root can change it.
     *
     * @param way the directories from / to the tree
     */
    static Optional<Exposure> of(List<PathComponent> way) {
        for (int i = 0; i + 1 < way.size(); i++) {
            var replaceable = ofEntry(way.get(i), way.get(i + 1));
            if (replaceable.isPresent()) {
                return replaceable;
            }
        }
        var above = way.subList(0, way.size() - 1);
        return above.stream().anyMatch(directory -> directory.grantee(PathComponent.SEARCH).isEmpty()) ? Optional.empty()
                : Optional.of(entered(way));
    }

    /** Who could put something else in the place of what a directory leads to. */
    private static Optional<Exposure> ofEntry(PathComponent directory, PathComponent next) {
        if (directory.uid() != 0) {
            return Optional.of(owned(directory));
        }
        return directory.grantee(PathComponent.WRITE).flatMap(whom -> {
            if (directory.isSticky()) {
                return next.uid() == 0 ? Optional.empty() : Optional.of(owned(next));
            }
            return Optional.of(new Exposure(replace(directory.path() + " is writable by " + whom), Optional.of(
                    (directory.isWritableByOthers() ? "chmod +t " : "chmod g-w ") + word(directory.path()))));
        });
    }

    private static Exposure owned(PathComponent directory) {
        return new Exposure(replace(directory.path() + " belongs to " + directory.owner()),
                Optional.of("chown root " + word(directory.path())));
    }

    private static String replace(String why) {
        return "users of the host can replace it: " + why;
    }

    private static Exposure entered(List<PathComponent> way) {
        var tree = way.get(way.size() - 1);
        var parent = way.get(Math.max(0, way.size() - 2));
        return new Exposure("users of the host are not kept out: " + parent.path() + " is open to "
                + parent.grantee(PathComponent.SEARCH).orElseThrow(),
                SYSTEM.contains(tree.path()) ? Optional.empty()
                        : Optional.of(isForAll(parent) ? moving(way, tree.path()) : "chmod go= " + word(parent.path())));
    }

    private static boolean isForAll(PathComponent directory) {
        return SYSTEM.contains(directory.path()) || directory.isWritableByOthers();
    }

    /** Into a directory made for it, in the deepest one above where nobody else could make it first. */
    private static String moving(List<PathComponent> way, String tree) {
        int i = way.size() - 2;
        while (i > 0 && way.get(i).grantee(PathComponent.WRITE).isPresent()) {
            i--;
        }
        var place = i == 0 ? "/" : way.get(i).path() + "/";
        var firewall = word(place + (tree.equals(place + "jails") ? "firewall" : "jails"));
        return "install -m u=rwx,go= -d " + firewall + " && mv " + word(tree) + " " + firewall;
    }

    /** As a word of the shell's. */
    private static String word(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "/._-+:@,".indexOf(c) >= 0)) {
                return "'" + path.replace("'", "'\\''") + "'";
            }
        }
        return path;
    }
}
