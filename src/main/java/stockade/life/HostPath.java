package stockade.life;

import stockade.confine.PlainPath;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.prison.JailException;

/** A path on the host that is opened for a jail and must not be for the jail's root to lead elsewhere, or to write what is there. */
final class HostPath {
    private HostPath() {
    }

    /**
     * Opens what is there (O_PATH).
     *
     * @param tree the jail's, without symbolic links
     * @throws JailException if it is in the jail's tree, or behind a symbolic link, which may be in any jail's tree
     */
    static Descriptor open(String path, String tree) {
        var at = PlainPath.open(path);
        if (!tree.equals("/") && (Files.readLink("/proc/self/fd/" + at.number()) + "/").startsWith(tree + "/")) {
            at.close();
            throw new JailException(path + ": is within the jail");
        }
        return at;
    }
}
