package stockade.confine;

import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;

/**
 * A path in a tree that somebody may have made to lead elsewhere: it is walked by descriptors, name by name, and no symbolic
 * link is followed, so that it never leads out of the tree, whoever changes what meanwhile.
 */
public final class PlainPath {
    private PlainPath() {
    }

    /**
     * Opens what is there (O_PATH).
     *
     * @param root   of the tree
     * @param inside from the root on
     * @param prefix of the tree's own path, for errors
     * @throws JailException as jail(8) of FreeBSD says it, if something is missing or is a symbolic link
     */
    static Descriptor open(Descriptor root, String inside, String prefix) {
        var at = root.duplicate();
        var path = new StringBuilder(prefix);
        for (var name : Bytes.split(inside, '/')) {
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            path.append('/').append(name);
            try (var parent = at) {
                at = next(parent, name, path.toString());
            }
        }
        return at;
    }

    /** Opens what is there on the host (O_PATH). @throws JailException as the other, or if the path is not absolute */
    public static Descriptor open(String path) {
        if (!path.startsWith("/")) {
            throw new JailException(path + ": not an absolute pathname");
        }
        try (var root = Files.open("/", Files.O_PATH | Files.O_DIRECTORY)) {
            return open(root, path, "");
        }
    }

    private static Descriptor next(Descriptor parent, String name, String path) {
        if (name.equals("..")) {
            throw new JailException(path + ": leads upwards");
        }
        try {
            var next = Files.open(parent, name, Files.O_PATH | Files.O_NOFOLLOW);
            if (Files.stat(next).isLink()) {
                next.close();
                throw new JailException(path + " is a symbolic link");
            }
            return next;
        } catch (KernelException e) {
            throw new JailException(path + ": " + e.errno().text());
        }
    }
}
