package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import stockade.linux.Beneath;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;

/** Makes trees, and tells what it would make. */
public final class TreeMaker {
    /** A directory that keeps users of the host from all trees below it (install -m u=rwx,go= -d /usr/jails). */
    private static final String FIREWALL = "/usr/jails";

    private TreeMaker() {
    }

    /** What a program needs, in the form of ldd(1). @throws KernelException if there is no such program */
    public static String list(String program) {
        var files = new ReadFiles(Processor.levels(Files.read("/proc/cpuinfo")));
        var path = Gathering.find(program, files);
        files.read(path).orElseThrow(() -> new KernelException(program, Errno.ENOENT));
        var lines = new StringBuilder();
        for (var need : Closure.of(path, List.of(), Loader.Sight.CONFIGURED, files).needs()) {
            lines.append('\t').append(need.isInterpreter() ? need.name()
                    : need.name() + " => " + need.path().orElse("not found")).append('\n');
        }
        return lines.isEmpty() ? "\tnot a dynamic executable\n" : lines.toString();
    }

    /** Tells the steps that {@link #make} would take, a line each. */
    public static void preview(String path, List<String> programs, boolean linksToHost, Consumer<String> steps) {
        var contents = gather(programs, path);
        if (!Files.exists(path)) {
            steps.accept("mkdir " + path);
            contents.items().forEach(item -> steps.accept(describe(path, item)));
            return;
        }
        try (var tree = new Beneath(path)) {
            new TreeWriter(tree, path, linksToHost).lacking(contents).forEach(item -> steps.accept(describe(path, item)));
        }
    }

    private static String describe(String path, Contents.Item item) {
        return switch (item) {
            case Contents.Directory directory -> "mkdir " + path + directory.path();
            case Contents.Link link -> "link " + path + link.path() + " -> " + link.target();
            case Contents.Copy copy -> "copy " + path + copy.path();
            case Contents.Text text -> "write " + path + text.path();
            case Contents.Lines lines -> "write " + path + lines.path();
            case Contents.Cache cache -> "write " + path + cache.path();
        };
    }

    /**
     * Makes a tree in which some programs run, or adds to one what it lacks.
     *
     * @param linksToHost whether files are to be the host's own, by other names
     * @throws KernelException if it can't be had; what was new in the tree is gone again then
     */
    public static void make(String path, List<String> programs, boolean linksToHost) {
        var contents = gather(programs, path);
        var directories = makeDirectories(path);
        try (var lock = Files.open(path, Files.O_RDONLY | Files.O_DIRECTORY); var tree = new Beneath(path)) {
            Files.lock(lock);
            write(contents, new TreeWriter(tree, path, linksToHost), path);
        } catch (RuntimeException e) {
            directories.forEach(Files::removeDirectoryIfEmpty);
            throw e;
        }
    }

    private static void write(Contents contents, TreeWriter writer, String path) {
        var lacking = writer.lacking(contents);
        try (var progress = new Progress("mkjail: " + path, lacking.size(),
                lacking.stream().mapToLong(TreeMaker::size).sum())) {
            for (var item : lacking) {
                writer.make(item);
                progress.advance(size(item));
            }
        } catch (RuntimeException e) {
            writer.undo();
            throw e;
        }
    }

    private static long size(Contents.Item item) {
        return item instanceof Contents.Copy(String path, Files.Stat stat) ? stat.size() : 0;
    }

    private static Contents gather(List<String> programs, String tree) {
        return Gathering.of(programs, tree, new ReadFiles(Processor.levels(Files.read("/proc/cpuinfo"))));
    }

    /** Makes a tree of what is in an archive. @throws JailException if it can't be had; nothing is left then */
    public static void unpack(String archive, String path) {
        fill(path, () -> Archive.unpack(archive, path));
    }

    /** Makes a tree with a whole Debian. @throws JailException if it can't be had; nothing is left then */
    public static void bootstrap(String suite, String path, Optional<String> mirror) {
        fill(path, () -> Userland.make(suite, path, mirror));
    }

    /** Has a directory that is new or empty filled, and adds what a jail mounts on. */
    private static void fill(String path, Runnable filling) {
        var directories = makeDirectories(path);
        try (var lock = Files.open(path, Files.O_RDONLY | Files.O_DIRECTORY); var tree = new Beneath(path)) {
            Files.lock(lock);
            if (!tree.list("/.").isEmpty()) {
                throw new KernelException(path, Errno.ENOTEMPTY);
            }
            try {
                filling.run();
                var contents = new Contents();
                Settings.addDirectories(contents);
                write(contents, new TreeWriter(tree, path, false), path);
            } catch (RuntimeException e) {
                empty(tree, "");
                throw e;
            }
        } catch (RuntimeException e) {
            directories.forEach(Files::removeDirectoryIfEmpty);
            throw e;
        }
    }

    /** Removes all that is in a directory. */
    private static void empty(Beneath tree, String directory) {
        for (var name : tree.list(directory + "/.")) {
            var path = directory + "/" + name;
            if (tree.look(path).filter(Files.Stat::isDirectory).isPresent()) {
                empty(tree, path);
                tree.removeDirectoryIfEmpty(path);
            } else {
                tree.removeIfPresent(path);
            }
        }
    }

    /** Makes a tree's directory; and those above it, if they are to be behind the firewall. Returns the new ones. */
    static List<String> makeDirectories(String path) {
        var made = new ArrayList<String>();
        if (path.startsWith(FIREWALL + "/")) {
            int end = FIREWALL.length();
            for (; end >= 0 && end < path.length(); end = path.indexOf('/', end + 1)) {
                make(path.substring(0, end), 0700, made);
            }
        }
        make(path, 0755, made);
        return made;
    }

    private static void make(String path, int mode, List<String> made) {
        if (Files.makeMissingDirectory(path, mode)) {
            made.add(0, path);
        }
    }

    /** The operand as an absolute path without slashes at its end. */
    public static String absolute(String path) {
        var parts = Bytes.split(path.startsWith("/") ? path : Files.readLink("/proc/self/cwd") + "/" + path, '/').stream()
                .filter(part -> !part.isEmpty() && !part.equals(".")).toList();
        return Optional.of("/" + String.join("/", parts)).filter(p -> p.length() > 1)
                .orElseThrow(() -> new KernelException("/", Errno.EBUSY));
    }
}
