package stockade.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * A path without symbolic links, as realpath(3) has it, within the tree that is this process's root.
 *
 * @param links the symbolic links that led there
 */
record RealPath(String path, List<String> links) {
    private static final int MAX_LINKS = 40; // the kernel's own limit (MAXSYMLINKS)

    /** @throws KernelException if there is nothing at the path */
    static RealPath of(String path) {
        try {
            return follow(path);
        } catch (KernelException e) {
            throw new KernelException(path, e.errno());
        }
    }

    private static RealPath follow(String path) {
        var links = new ArrayList<String>();
        var toDo = new ArrayDeque<String>(Bytes.split(path, '/'));
        var done = "";
        while (!toDo.isEmpty()) {
            var part = toDo.remove();
            if (part.equals("..")) {
                done = parent(done);
            } else if (!part.isEmpty() && !part.equals(".")) {
                var next = done + "/" + part;
                if (!Files.statLink(next).isSymbolicLink()) {
                    done = next;
                    continue;
                }
                links.add(next);
                if (links.size() > MAX_LINKS) {
                    throw new KernelException(path, Errno.ELOOP);
                }
                var target = Files.readLink(next);
                done = target.startsWith("/") ? "" : done;
                var parts = Bytes.split(target, '/');
                for (int i = parts.size() - 1; i >= 0; i--) {
                    toDo.addFirst(parts.get(i));
                }
            }
        }
        return new RealPath(done.isEmpty() ? "/" : done, links);
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
    }

    /** The directory of an absolute path. */
    static String directory(String path) {
        return path.lastIndexOf('/') <= 0 ? "/" : parent(path);
    }

    /** The entry of the root that an absolute path begins with. */
    static String top(String path) {
        int end = path.indexOf('/', 1);
        return end < 0 ? path : path.substring(0, end);
    }
}
