package stockade.confine;

import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailMounts;

/** A directory of the tree that something is mounted on. */
final class MountPoint {
    private MountPoint() {
    }

    /**
     * Whether there is something to be mounted on it.
     *
     * @throws JailException if there has to be, and the tree has no such directory
     */
    static boolean isWanted(JailMounts.Presence presence, String parameter, String path, Jail jail) {
        if (presence == JailMounts.Presence.NEVER) {
            return false;
        }
        boolean there = isThere(path);
        if (!there && presence == JailMounts.Presence.ALWAYS) {
            throw new JailException(parameter + ": " + (jail.path().equals("/") ? "" : jail.path()) + path
                    + ": " + Errno.ENOENT.text());
        }
        return there;
    }

    /**
     * Whether the tree has the directory: a tree of one static program need not. A symbolic link is an
     * error, for what it leads to would be hidden in place of it.
     */
    private static boolean isThere(String path) {
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
