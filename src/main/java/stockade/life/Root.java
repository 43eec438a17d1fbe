package stockade.life;

import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;
import stockade.prison.JailSpec;
import stockade.prison.Permission;
import stockade.tree.FirewallDirectory;

/** The directory that is to be a jail's root, open, so that what was checked is what is used. */
final class Root implements AutoCloseable {
    private final Descriptor tree;

    /** @throws JailException if there is no such directory */
    Root(String path) {
        if (!path.startsWith("/")) {
            throw new JailException("path " + path + ": not an absolute pathname");
        }
        try {
            tree = Files.open(path, Files.O_PATH | Files.O_DIRECTORY);
        } catch (KernelException e) {
            throw new JailException("path " + path + ": " + e.errno().text());
        }
    }

    /** Without symbolic links. */
    String realPath() {
        return Files.readLink("/proc/self/fd/" + tree.number());
    }

    /** The tree that is to be used: the one that was looked at, if that is asked for. */
    Descriptor checked(JailSpec spec) {
        return spec.allow().getOrDefault(Permission.EXPOSED_PATH, false) ? tree.duplicate()
                : FirewallDirectory.require(spec.path(), tree);
    }

    @Override
    public void close() {
        tree.close();
    }
}
