package stockade.confine;

import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/** A directory of the tree that something is mounted on. */
final class MountPoint {
    private MountPoint() {
    }

    /**
     * Whether the tree has the directory: a tree of one static program need not. A symbolic link is an
     * error, for what it leads to would be hidden in place of it.
     */
    static boolean isThere(String path) {
        try {
            if (Files.statLink(path).isDirectory()) {
                return true;
            }
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
        throw new KernelException("mount " + path, Errno.ENOTDIR);
    }
}
