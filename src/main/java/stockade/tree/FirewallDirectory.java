package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;

/**
 * The directory above a jail's tree that keeps the users of the host out.
 *
 * What is looked at is the way from this process's / to the tree. Another way to the same files, by a bind mount or in a
 * mount namespace of somebody's, and users who had the tree open before, are not seen.
 */
public final class FirewallDirectory {
    private FirewallDirectory() {
    }

    /**
     * Walks from / to a tree, by descriptors, and looks at each directory on the way.
     *
     * @param path where it is, without symbolic links: one that has come there since is not followed
     * @param tree the tree itself, open
     * @return the tree again: the directory that the way has led to, however paths change from now on
     * @throws JailException if users of the host can enter or replace it, or if it is not there
     */
    public static Descriptor require(String path, Descriptor tree) {
        return require("path " + path, path, tree, exposure ->
                exposure.remedy().map(command -> command + " mends it, ").orElse("") + "allow.exposed_path accepts it");
    }

    /** As {@link #require}, of another directory or file that a jail's root can write to. */
    public static Descriptor requireForWriting(String path, Descriptor file) {
        return require(path, path, file, exposure -> "mount it ro, or allow.exposed_path accepts it");
    }

    /** @param advice what can be done about an exposure */
    private static Descriptor require(String what, String path, Descriptor tree, Function<Exposure, String> advice) {
        var way = new ArrayList<PathComponent>();
        try {
            var stat = Files.stat(tree);
            var directory = walk(path, stat.isDirectory(), way);
            try {
                if (!Files.stat(directory).isSameFile(stat)) {
                    throw new JailException(what + ": not there any more, or of another mount namespace");
                }
                Exposure.of(way).ifPresent(exposure -> {
                    throw new JailException(what + ": " + exposure.what() + " (" + advice.apply(exposure) + ")");
                });
                return directory;
            } catch (RuntimeException e) {
                directory.close();
                throw e;
            }
        } catch (KernelException e) {
            throw new JailException(what + ": " + e.errno().text());
        }
    }

    private static Descriptor walk(String path, boolean toDirectory, List<PathComponent> way) {
        int flags = Files.O_PATH | Files.O_NOFOLLOW | (toDirectory ? Files.O_DIRECTORY : 0);
        var directory = Files.open("/", flags);
        try {
            way.add(component("/", directory));
            var walked = new StringBuilder();
            for (var name : Bytes.split(path, '/').stream().filter(name -> !name.isEmpty()).toList()) {
                var next = Files.open(directory, name, flags);
                directory.close();
                directory = next;
                way.add(component(walked.append('/').append(name).toString(), directory));
            }
            return directory;
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static PathComponent component(String path, Descriptor directory) {
        var stat = Files.stat(directory);
        boolean mayHaveAcl = (stat.mode() & 070) != 0; // the kernel asks none without (acl_permission_check in fs/namei.c, 6.18)
        return new PathComponent(path, stat.mode(), stat.uid(), stat.gid(),
                mayHaveAcl ? Files.attribute(directory, Acl.ATTRIBUTE).map(Acl::parse).orElse(Acl.NONE) : Acl.NONE);
    }
}
