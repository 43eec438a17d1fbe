package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Landlock;
import stockade.prison.JailException;

/**
 * A tree in an archive, which GNU tar unpacks. Members that lead out of the tree are refused thrice: their names are
 * looked at before, tar follows no link that leads out, and the kernel lets its process change nothing outside.
 */
final class Archive {
    private static final List<String> READ = List.of("--quoting-style=escape", "--absolute-names");

    private Archive() {
    }

    /**
     * Unpacks an archive of any compression that tar knows into an empty directory.
     *
     * @throws JailException if the archive is damaged, or a member leaves the tree
     */
    static void unpack(String archive, String directory) {
        try (var file = Files.open(archive, Files.O_RDONLY)) {
            var stat = Files.stat(file);
            if (stat.isDirectory()) {
                throw new KernelException(archive, Errno.EISDIR);
            }
        }
        var tar = Tool.find("tar").orElseThrow(() -> new JailException("tar is missing (the package tar has it)"));
        try {
            var list = new ArrayList<>(List.of("--list", "--file=" + archive));
            list.addAll(READ);
            tar.run(list, () -> { }, member -> refuseIfOutside(archive, member));
            tar.run(List.of("--extract", "--file=" + archive, "--directory=" + directory, "--numeric-owner",
                    "--same-permissions", "--same-owner", "--xattrs", "--xattrs-include=security.capability"),
                    () -> confine(directory), line -> { });
        } catch (JailException e) {
            throw new JailException(e.getMessage().startsWith(archive) ? e.getMessage() : archive + ": " + e.getMessage());
        }
    }

    private static void refuseIfOutside(String archive, String member) {
        if (member.startsWith("/") || Bytes.split(member, '/').contains("..")) {
            throw new JailException(archive + ": member " + member + " leaves the tree");
        }
    }

    /** Has this process change files below one directory alone. Where the kernel can't, tar's own care has to do. */
    private static void confine(String directory) {
        int version;
        try {
            version = Landlock.version();
        } catch (KernelException e) {
            return;
        }
        if (version >= 2) {
            long rights = Landlock.CHANGE | (version >= 3 ? Landlock.TRUNCATE : 0);
            try (Descriptor rules = Landlock.handle(rights)) {
                Landlock.give(rules, rights, directory);
                Landlock.obey(rules);
            }
        }
    }
}
