package stockade.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import stockade.linux.Bytes;

/** Paths, by their parts. */
final class Path {
    private static final int MAX_LINKS = 40; // MAXSYMLINKS, include/linux/namei.h

    private Path() {
    }

    /** A way to a file: every symbolic link on it, and where it ends. */
    record Way(List<String> links, String end) {
    }

    /**
     * Where an absolute path leads. Empty if it leads round in circles.
     *
     * @param link what a symbolic link at a path says; empty if there is none
     */
    static Optional<Way> walk(String path, Function<String, Optional<String>> link) {
        var toDo = new ArrayDeque<String>(Bytes.split(path, '/'));
        var links = new ArrayList<String>();
        var at = "";
        while (!toDo.isEmpty()) {
            var part = toDo.remove();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                at = at.substring(0, Math.max(at.lastIndexOf('/'), 0));
                continue;
            }
            var next = at + "/" + part;
            var target = link.apply(next);
            if (target.isEmpty()) {
                at = next;
                continue;
            }
            if (links.size() == MAX_LINKS) {
                return Optional.empty();
            }
            links.add(next);
            var parts = Bytes.split(target.get(), '/');
            for (int i = parts.size() - 1; i >= 0; i--) {
                toDo.addFirst(parts.get(i));
            }
            at = target.get().startsWith("/") ? "" : at;
        }
        return Optional.of(new Way(links, at.isEmpty() ? "/" : at));
    }

    static Optional<String> resolve(String path, Function<String, Optional<String>> link) {
        return walk(path, link).map(Way::end);
    }

    /** The directory that something is in. */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    /** The entry of the root that an absolute path begins with. */
    static String top(String path) {
        int end = path.indexOf('/', 1);
        return end < 0 ? path : path.substring(0, end);
    }

    /** The last part. */
    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
