package stockade.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import stockade.linux.Beneath;
import stockade.linux.Beneath.Attributes;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * Gives a tree what it lacks of some contents. Nothing in it leads out, whoever put it there. A file is written beside the
 * one whose place it takes, so that whoever uses that one sees it whole; and all that are to be replaced are so at the end,
 * for a loader and its library, say, must go together. Nothing else that is there is removed or changed. If something
 * fails, what was new is removed again.
 */
final class TreeWriter {
    private static final Attributes TEXT = new Attributes(0644, 0, 0);
    /** The directories of the root in which {@link ExecutableFiles} has all that libraries are found in. */
    private static final Set<String> READ_ONLY = Set.of("/lib", "/lib32", "/lib64", "/libx32", "/usr");
    /** Of a file of the tree that is added to. Whoever was root there can have made it of any size. */
    private static final int MAX_CONTENT = 1 << 20;
    private static final String UNFINISHED = "/.mkjail~";

    private final Beneath tree;
    private final String path;
    private final boolean linksToHost;
    /** Where a file of several names was put first, by its device and inode. */
    private final Map<List<Long>, String> places = new HashMap<>();
    private final List<Contents.Item> made = new ArrayList<>();
    /** What is written and waits to take a place: where it is, and the place. */
    private final Map<String, String> replacements = new LinkedHashMap<>();

    /**
     * @param path        for messages
     * @param linksToHost whether programs and libraries are to be the host's own, by other names, instead of copies
     */
    TreeWriter(Beneath tree, String path, boolean linksToHost) {
        this.tree = tree;
        this.path = path;
        this.linksToHost = linksToHost;
    }

    /**
     * What is to be done for some contents, as things of which each is to be made or to take another's place.
     *
     * @throws KernelException if one can't take the place of what is there
     */
    List<Contents.Item> lacking(Contents contents) {
        var lacking = new ArrayList<Contents.Item>();
        for (var item : contents.items()) {
            need(item).ifPresent(lacking::add);
        }
        return lacking;
    }

    private Optional<Contents.Item> need(Contents.Item item) {
        var there = tree.look(item.path());
        return switch (item) {
            case Contents.Directory directory -> {
                // a link that leads to a directory of the tree serves as one
                boolean serves = there.isPresent() && (there.get().isDirectory()
                        || there.get().isLink() && tree.look(item.path() + "/.").isPresent());
                if (there.isPresent() && !serves) {
                    throw new KernelException(path + item.path(), Errno.ENOTDIR);
                }
                yield serves ? Optional.empty() : Optional.of(item);
            }
            case Contents.Link link -> {
                if (!link.vital() && there.isPresent()) {
                    yield Optional.empty();
                }
                refuseDirectory(there, item);
                yield there.filter(Files.Stat::isLink).filter(s -> tree.readLink(item.path()).equals(link.target()))
                        .isPresent() ? Optional.empty() : Optional.of(item);
            }
            case Contents.Copy copy -> {
                refuseDirectory(there, item);
                if (there.filter(stat -> isSame(stat, copy)).isEmpty()) {
                    yield Optional.of(item);
                }
                if (copy.stat().links() > 1) {
                    places.putIfAbsent(place(copy), copy.path());
                }
                yield Optional.empty();
            }
            case Contents.Text text -> there.isPresent() ? Optional.empty() : Optional.of(item);
            case Contents.Lines lines -> there.isEmpty() ? Optional.of(item)
                    : there.get().isRegular() ? withMissing(lines, content(item.path())) : Optional.empty();
            case Contents.Cache cache -> {
                var before = there.filter(Files.Stat::isRegular).map(stat -> content(item.path())).orElse(new byte[0]);
                yield withOthers(cache, LibraryCache.entries(before));
            }
        };
    }

    private void refuseDirectory(Optional<Files.Stat> there, Contents.Item item) {
        if (there.filter(Files.Stat::isDirectory).isPresent()) {
            throw new KernelException(path + item.path(), Errno.EISDIR);
        }
    }

    /** Only where no jail with exec.allow can write, whatever its programs: its root is not to change the host's settings. */
    private boolean isLinked(String at) {
        return linksToHost && READ_ONLY.contains(Path.top(at));
    }

    private boolean isSame(Files.Stat there, Contents.Copy copy) {
        var host = copy.stat();
        return isLinked(copy.path()) ? there.device() == host.device() && there.inode() == host.inode()
                : there.isRegular() && there.size() == host.size() && there.modified().equals(host.modified())
                        && there.permissions() == host.permissions() && there.uid() == host.uid()
                        && there.gid() == host.gid()
                        && !(there.device() == host.device() && there.inode() == host.inode());
    }

    private byte[] content(String at) {
        try (var file = tree.read(at)) {
            var content = file.readUpTo(MAX_CONTENT + 1);
            if (content.length > MAX_CONTENT) {
                throw new KernelException(path + at, Errno.EFBIG);
            }
            return content;
        }
    }

    /** A file as it is, and the lines that it lacks. */
    private static Optional<Contents.Item> withMissing(Contents.Lines lines, byte[] content) {
        var text = Bytes.toString(content);
        var names = new HashSet<String>();
        Bytes.split(text, '\n').forEach(line -> names.add(Bytes.split(line, ':').get(0)));
        var missing = Bytes.split(lines.content(), '\n').stream()
                .filter(line -> !line.isEmpty() && !names.contains(Bytes.split(line, ':').get(0))).toList();
        return missing.isEmpty() ? Optional.empty()
                : Optional.of(new Contents.Lines(lines.path(), text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n")
                        + String.join("\n", missing) + "\n"));
    }

    private static Optional<Contents.Item> withOthers(Contents.Cache cache, List<LibraryCache.Entry> others) {
        var all = new ArrayList<>(cache.entries());
        var known = new HashSet<List<Object>>();
        all.forEach(entry -> known.add(List.of(entry.name(), entry.flags())));
        for (var other : others) {
            if (known.add(List.of(other.name(), other.flags()))) {
                all.add(other);
            }
        }
        return new HashSet<>(others).containsAll(all) ? Optional.empty() : Optional.of(new Contents.Cache(cache.path(), all));
    }

    /** Makes one thing; what is to replace another one only beside that: see {@link #replace}. */
    void make(Contents.Item item) {
        var there = tree.look(item.path());
        if (item instanceof Contents.Directory(String at, Attributes attributes)) {
            tree.makeDirectory(at, attributes);
        } else {
            var beside = (Path.parent(item.path()).equals("/") ? "" : Path.parent(item.path())) + UNFINISHED
                    + there.map(stat -> Long.toString(stat.inode())).orElse("");
            try {
                tree.removeIfPresent(beside); // of one who was killed, at the same place
                makeBeside(item, beside);
                if (there.isPresent()) {
                    replacements.put(beside, item.path());
                } else {
                    tree.rename(beside, item.path());
                }
            } catch (KernelException e) {
                tree.removeIfPresent(beside);
                throw new KernelException(path + item.path(), e.errno());
            }
        }
        if (there.isEmpty()) {
            made.add(item);
        }
    }

    /** Has what was made take the places of what was there. */
    void replace() {
        replacements.forEach(tree::rename);
    }

    private void makeBeside(Contents.Item item, String beside) {
        switch (item) {
            case Contents.Link link -> tree.makeLink(link.target(), beside);
            case Contents.Copy copy when isLinked(copy.path()) -> tree.makeHardLink(copy.path(), beside);
            case Contents.Copy copy -> copy(copy, beside);
            case Contents.Text text -> write(Bytes.of(text.content()), beside);
            case Contents.Lines lines -> write(Bytes.of(lines.content()), beside);
            case Contents.Cache cache -> write(LibraryCache.format(cache.entries()), beside);
            case Contents.Directory directory -> throw new IllegalArgumentException();
        }
    }

    private void copy(Contents.Copy copy, String beside) {
        var first = places.get(place(copy));
        if (first != null) {
            tree.makeHardLinkWithin(first, beside);
            return;
        }
        try (var from = Files.open(copy.path(), Files.O_RDONLY | Files.O_NOFOLLOW | Files.O_NONBLOCK);
                var to = tree.create(beside)) {
            var stat = Files.stat(from);
            if (!stat.isSameFile(copy.stat())) { // the directory may be a user's, who has now a link to a secret there
                throw new KernelException(copy.path(), Errno.ESTALE);
            }
            tree.copy(from, to, copy.path());
            tree.give(to, new Attributes(stat.permissions(), stat.uid(), stat.gid()), copy.path());
            tree.copyCapabilities(from, to, copy.path());
            tree.setModified(to, stat.modified(), copy.path());
        }
        if (copy.stat().links() > 1) {
            places.put(place(copy), tree.look(copy.path()).isPresent() ? beside : copy.path());
        }
    }

    private static List<Long> place(Contents.Copy copy) {
        return List.of(copy.stat().device(), copy.stat().inode());
    }

    private void write(byte[] content, String beside) {
        try (var file = tree.create(beside)) {
            file.write(content, 0, content.length);
            tree.give(file, TEXT, beside);
        }
    }

    /** Removes what was new. */
    void undo() {
        replacements.keySet().forEach(tree::removeIfPresent);
        for (int i = made.size() - 1; i >= 0; i--) {
            if (made.get(i) instanceof Contents.Directory) {
                tree.removeDirectoryIfEmpty(made.get(i).path());
            } else {
                tree.removeIfPresent(made.get(i).path());
            }
        }
    }
}
