package stockade.tree;

import java.util.Collection;
import java.util.HashSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.Set;
import stockade.linux.Beneath.Attributes;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;

/**
 * What a tree is to have, each thing under its path, which is the same on the host: directories before what is in them.
 * Symbolic links are kept, with what they lead to.
 */
final class Contents {
    /** One thing of a tree. */
    sealed interface Item {
        String path();
    }

    record Directory(String path, Attributes attributes) implements Item {
    }

    /** @param vital whether a directory can't be in its place: other things of the tree are found by it */
    record Link(String path, String target, boolean vital) implements Item {
    }

    /** A copy of a file of the host's. */
    record Copy(String path, Files.Stat stat) implements Item {
    }

    /** A file that is written if it is missing. */
    record Text(String path, String content) implements Item {
    }

    /** Lines of a file, of which those are added whose first field, before a colon, is missing there. */
    record Lines(String path, String content) implements Item {
    }

    /** Libraries that loaders are to find by a list (ld.so.cache), with those that are in it already. */
    record Cache(String path, List<LibraryCache.Entry> entries) implements Item {
    }

    private static final int MAX_DEPTH = 64;
    private static final int MAX_ITEMS = 100_000; // which the heap has room for

    /** What is there to be looked at and is not the host's to give away. */
    private static final List<String> OF_THE_KERNEL = List.of("/proc", "/sys", "/dev");

    /** The ways to directories. */
    private final Map<String, Optional<Path.Way>> ways = new HashMap<>();
    private final Map<String, Item> items = new LinkedHashMap<>();
    private final Set<String> whole = new HashSet<>();
    /** Whether everybody can get at what is in a directory. */
    private final Map<String, Boolean> reached = new HashMap<>();

    Collection<Item> items() {
        return items.values();
    }

    boolean has(String path) {
        return items.containsKey(path);
    }

    /** Puts a thing in that is not the host's, and the directories above it. */
    void put(Item item) {
        addDirectories(Path.parent(item.path()));
        if (items.putIfAbsent(item.path(), item) == null && items.size() > MAX_ITEMS) {
            throw new JailException("more than " + MAX_ITEMS + " files");
        }
    }

    /**
     * Adds what is at a path of the host's, every link on the way and every directory above. Of a directory nothing that
     * is in it. Returns the path without links; empty if there is nothing.
     *
     * @throws KernelException ELOOP if links lead round in circles
     */
    Optional<String> add(String path) {
        var way = way(path).orElseThrow(() -> new KernelException(path, Errno.ELOOP));
        return stat(way.end()).flatMap(stat -> add(way, stat));
    }

    private Optional<String> add(Path.Way way, Files.Stat stat) {
        for (var link : way.links()) {
            put(new Link(link, Files.readLink(link), true));
        }
        if (stat.isDirectory()) {
            addDirectories(way.end());
        } else if (stat.isRegular()) {
            put(new Copy(way.end(), stat));
        } else {
            return Optional.empty();
        }
        return Optional.of(way.end());
    }

    /**
     * Adds a directory and all that is in it and that everybody may read; what links lead to, too, unless that is a
     * directory above.
     */
    void addAll(String path) {
        addAll(path, MAX_DEPTH);
    }

    private void addAll(String path, int depth) {
        var real = addReadable(path);
        if (real.isEmpty() || depth == 0 || !(items.get(real.get()) instanceof Directory) || !whole.add(real.get())
                || OF_THE_KERNEL.stream().anyMatch(directory -> isIn(real.get(), directory))) {
            return;
        }
        for (var name : list(real.get())) {
            var below = real.get() + "/" + name;
            boolean above = way(below).filter(way -> !way.end().equals(below) && isIn(below, way.end())).isPresent();
            if (above) {
                add(below);
            } else {
                addAll(below, depth - 1);
            }
        }
    }

    /** Whether a path is that of a directory or of something in it. */
    static boolean isIn(String path, String directory) {
        return directory.equals("/") || path.equals(directory) || path.startsWith(directory + "/");
    }

    /** As {@link #add}, unless it is a file that not everybody may read: a key, say. */
    Optional<String> addReadable(String path) {
        return way(path).filter(way -> canBeReached(way.end()) || isDirectory(way)).flatMap(this::addOfMode);
    }

    /** As {@link #add}, unless it is a file whose own mode does not let everybody read it. */
    Optional<String> addOfMode(String path) {
        return way(path).flatMap(this::addOfMode);
    }

    private Optional<String> addOfMode(Path.Way way) {
        return stat(way.end()).filter(stat -> stat.isDirectory() || (stat.mode() & 04) != 0).flatMap(stat -> add(way, stat));
    }

    private static boolean isDirectory(Path.Way way) {
        return stat(way.end()).filter(Files.Stat::isDirectory).isPresent();
    }

    /** Takes the directories on the way to what is asked for, and itself, as if everybody could pass them. */
    void ask(String path) {
        for (var at = path; !at.equals("/"); at = Path.parent(at)) {
            reached.put(at, true);
        }
    }

    /** Whether everybody can pass the directories above. */
    private boolean canBeReached(String path) {
        var directory = Path.parent(path);
        var known = reached.get(directory);
        if (known == null) {
            known = stat(directory).filter(stat -> (stat.mode() & 01) != 0).isPresent()
                    && (directory.equals("/") || canBeReached(directory));
            reached.put(directory, known);
        }
        return known;
    }

    /** Where a path leads; the way to its directory is remembered. Empty if it leads round in circles. */
    private Optional<Path.Way> way(String path) {
        var name = Path.name(path);
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            return Path.walk(path, Files::linkTarget);
        }
        var directory = ways.get(Path.parent(path));
        if (directory == null) {
            directory = Path.walk(Path.parent(path), Files::linkTarget);
            ways.put(Path.parent(path), directory);
        }
        return directory.flatMap(to -> {
            var at = (to.end().equals("/") ? "" : to.end()) + "/" + name;
            var target = Files.linkTarget(at);
            return target.isEmpty() ? Optional.of(new Path.Way(to.links(), at))
                    : Path.walk(target.get().startsWith("/") ? target.get() : Path.parent(at) + "/" + target.get(),
                            Files::linkTarget).map(rest -> new Path.Way(Stream.of(to.links(), List.of(at), rest.links())
                                    .flatMap(List::stream).toList(), rest.end()));
        });
    }

    private void addDirectories(String path) {
        if (path.equals("/") || items.containsKey(path)) {
            return;
        }
        addDirectories(Path.parent(path));
        var attributes = stat(path).filter(Files.Stat::isDirectory)
                .map(stat -> new Attributes(stat.permissions(), stat.uid(), stat.gid()))
                .orElse(new Attributes(0755, 0, 0));
        items.put(path, new Directory(path, attributes));
    }

    private static List<String> list(String directory) {
        return Files.list(directory).stream().sorted().toList();
    }

    private static Optional<Files.Stat> stat(String path) {
        try {
            return Optional.of(Files.statLink(path));
        } catch (KernelException e) {
            return Optional.empty();
        }
    }
}
