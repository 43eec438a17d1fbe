package stockade.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;

/**
 * The files of a tree whose code can run if only some programs can be executed there. To be asked from inside the tree;
 * all that is found is found by reading, and what it is found by is in places that the jail can't change.
 *
 * @param programs    what is given to execve(2), and the interpreters that the kernel then takes itself; without symbolic
 *                    links, as all paths here
 * @param libraries   the directories from which the dynamic loader takes what programs need, or load when they run
 * @param others      programs in these directories that are none of the first, so that the loader can't be told to run them
 * @param unchanging  the entries of the root in which all these are, or are looked for
 */
public record ExecutableFiles(Set<String> programs, Set<String> libraries, List<String> others, Set<String> unchanging) {
    /** Where dynamic loaders look without being told to (ld.so(8), musl's), and where distributions keep plugins. */
    private static final List<String> LIBRARIES = List.of("/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32",
            "/usr/lib64", "/usr/libx32", "/usr/local/lib", "/usr/local/lib32", "/usr/local/lib64");
    private static final int MAX_FILES = 250_000;

    /** How it is found out. */
    private static final class Search {
        private final String root;
        private final ObjectFiles read = new ReadFiles(List.of());
        private final Map<String, Files.Stat> programs = new HashMap<>();
        private final Set<String> libraries = new HashSet<>();
        private final Set<String> unchanging = new HashSet<>();
        private final List<Path.Way> found = new ArrayList<>();
        private final List<String> runPaths = new ArrayList<>();
        private int files;

        Search(String root) {
            this.root = root;
        }

        void addProgram(String path) {
            var real = way(path);
            var stat = stat(path, real);
            if (!stat.isRegular() || !stat.isExecutable()) {
                throw new KernelException(path, stat.isDirectory() ? Errno.EISDIR : Errno.EACCES);
            }
            found.add(real);
            unchanging.add(Path.top(real.end()));
            if (programs.put(real.end(), stat) == null) {
                addInterpreter(path, real.end());
            }
        }

        private static Files.Stat stat(String path, Path.Way real) {
            try {
                return Files.statLink(real.end());
            } catch (KernelException e) {
                throw new KernelException(path, e.errno());
            }
        }

        private void addInterpreter(String path, String realPath) {
            switch (read.read(realPath).orElseThrow(() -> new JailException(path + ": cannot be read"))) {
                case ObjectFile.Script(String interpreter, String argument) -> addInterpreterAt(path, interpreter);
                case ObjectFile.Binary(Elf elf) -> {
                    for (var entry : elf.runpath().isEmpty() ? elf.rpath() : elf.runpath()) {
                        runPaths.add(entry.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", Path.parent(realPath)));
                    }
                    elf.interpreter().ifPresent(interpreter -> addInterpreterAt(path, interpreter));
                }
                default -> {
                    return; // the kernel executes no such thing
                }
            }
        }

        private void addInterpreterAt(String path, String interpreter) {
            if (!interpreter.startsWith("/")) {
                return;
            }
            if (!Files.exists(interpreter)) {
                throw new JailException(path + ": needs " + interpreter + ", which is not under " + root
                        + " (mkjail adds it)");
            }
            addProgram(interpreter);
        }

        private static Path.Way way(String path) {
            return Path.walk(path, Files::linkTarget).orElseThrow(() -> new KernelException(path, Errno.ELOOP));
        }

        void addLibraries() {
            for (var path : LIBRARIES) {
                unchanging.add(Path.top(path)); // also where it is missing: the jail is not to make it
                directory(path).ifPresent(real -> {
                    libraries.add(real.end());
                    unchanging.add(Path.top(real.end()));
                    real.links().forEach(link -> unchanging.add(Path.top(link)));
                });
            }
            for (var path : runPaths) {
                directory(path).filter(real -> unchanging.contains(Path.top(real.end())) && changeable(real).isEmpty())
                        .ifPresent(real -> libraries.add(real.end()));
            }
            for (var directory : List.copyOf(libraries)) {
                if (isWithin(libraries, Path.parent(directory))) {
                    libraries.remove(directory);
                }
            }
        }

        private static Optional<Path.Way> directory(String path) {
            if (!path.startsWith("/") || !Files.exists(path) || !Files.stat(path).isDirectory()) {
                return Optional.empty();
            }
            return Optional.of(way(path)).filter(real -> !real.end().equals("/"));
        }

        /** A link on the way that the jail can change. */
        private Optional<String> changeable(Path.Way real) {
            return real.links().stream().filter(link -> !Path.parent(link).equals("/")
                    && !unchanging.contains(Path.top(link))).findFirst();
        }

        /** The next jail in this tree would execute what such a link then leads to. */
        void requireUnchangingLinks() {
            for (var real : found) {
                changeable(real).ifPresent(link -> {
                    throw new JailException(link + ": a symbolic link that the jail could change; name " + real.end()
                            + " itself");
                });
            }
        }

        List<String> otherPrograms() {
            var others = new ArrayList<String>();
            var toDo = new ArrayDeque<String>(libraries);
            while (!toDo.isEmpty()) {
                var directory = toDo.remove();
                var names = Files.list(directory, MAX_FILES - files);
                files += names.size();
                for (var name : names) {
                    var path = directory + "/" + name;
                    var stat = Files.statLink(path);
                    if (stat.isDirectory()) {
                        toDo.add(path);
                    } else if (stat.isRegular() && stat.isExecutable() && !isLibrary(name) && !isAllowed(stat)
                            && isElf(path)) {
                        others.add(path);
                    }
                }
            }
            return others;
        }

        /** Whether a file begins as ELF files do, whatever follows, or can't be read and so may. */
        private boolean isElf(String path) {
            return read.read(path).map(file -> !(file instanceof ObjectFile.Data || file instanceof ObjectFile.Script)).orElse(true);
        }

        /** By its name: some libraries are programs as well, and libc.so.6 is one of them. */
        private static boolean isLibrary(String name) {
            return name.endsWith(".so") || name.contains(".so.");
        }

        /** Under whatever name: git has itself in its directory of commands, too. */
        private boolean isAllowed(Files.Stat file) {
            return programs.values().stream()
                    .anyMatch(program -> program.inode() == file.inode() && program.device() == file.device());
        }
    }

    /**
     * @param allowed absolute paths of programs
     * @param root    where the tree is on the host
     * @throws KernelException if one of them is not there, or can't be executed by anybody
     * @throws JailException   if the interpreter of one is missing, or the jail could change what the path leads to
     */
    public static ExecutableFiles of(List<String> allowed, String root) {
        var search = new Search(root);
        allowed.forEach(search::addProgram);
        search.addLibraries();
        search.requireUnchangingLinks();
        return new ExecutableFiles(search.programs.keySet(), search.libraries, search.otherPrograms(), search.unchanging);
    }

    /** The directories of libraries, and the programs elsewhere: all whose code can run. */
    public List<String> places() {
        var places = new ArrayList<String>(libraries);
        programs.stream().filter(program -> !isWithin(libraries, Path.parent(program))).forEach(places::add);
        return places;
    }

    private static boolean isWithin(Set<String> directories, String directory) {
        for (var at = directory; !at.equals("/"); at = Path.parent(at)) {
            if (directories.contains(at)) {
                return true;
            }
        }
        return false;
    }
}
