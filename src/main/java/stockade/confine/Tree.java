package stockade.confine;

import java.util.List;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Mounts;
import stockade.prison.Jail;
import stockade.prison.JailException;

/** The jail's directory, as the root of everything that its processes see. */
public final class Tree {
    private Tree() {
    }

    /**
     * For the warden: a detached copy of the tree's mount on which the jail's users own what the same
     * numbers own on disk, and on which no device node works.
     *
     * Mounts below the directory are part of the tree where their file systems can map owners; where one
     * can't (procfs and sysfs below / can't), the jail sees the directory without any of them.
     *
     * @throws JailException if the tree's own file system can't map owners
     */
    public static Descriptor prepare(Jail jail, Descriptor directory, Descriptor userNamespace) {
        for (boolean recursive : List.of(true, false)) {
            try {
                return prepare(directory, userNamespace, recursive);
            } catch (KernelException e) {
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
            }
        }
        throw new JailException("path " + jail.path() + ": its file system can't map owners (idmapped mounts)");
    }

    private static Descriptor prepare(Descriptor directory, Descriptor userNamespace, boolean recursive) {
        var tree = Mounts.clone(directory, recursive);
        try {
            Mounts.mapOwners(tree, userNamespace, Mounts.ATTR_NODEV);
            return tree;
        } catch (KernelException e) {
            tree.close();
            throw e;
        }
    }

    /** Makes the tree this mount namespace's root and its only mount. */
    static void enter(Descriptor tree) {
        Mounts.attach(tree, "/");
        Files.changeDirectory(tree);
        Mounts.pivotRootToWorkingDirectory();
        tree.close();
    }
}
