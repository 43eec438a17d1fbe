package stockade.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
 * Finds what programs of the host's need to be of use in a tree of their own: their interpreters and libraries, what they
 * came with ({@link Packages}), and what libraries load by name ({@link Companions}). Programs and libraries among all
 * this bring what they need in turn; scripts among it bring no interpreters: who wants them names them.
 */
final class Gathering {
    static final String SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    /** Below these a program in bin/ has all it needs beside it, if no package says what came with it. */
    private static final List<String> PREFIXES = List.of("/opt/", "/usr/lib/", "/usr/local/");

    private final ObjectFiles files;
    private final Packages packages;
    private final Contents contents = new Contents();
    private final Set<String> programs = new LinkedHashSet<>();
    /** The names that each goes by. */
    private final Map<String, Set<String>> namesOf = new LinkedHashMap<>();
    private final Set<String> examined = new HashSet<>();
    private final ArrayDeque<String> toExamine = new ArrayDeque<>();
    /** The loaders met, by the kind of program: they load its plug-ins, too. */
    private final Map<List<Object>, Loader> loaders = new LinkedHashMap<>();
    /** Names of libraries, and where each is. */
    private final Map<String, String> libraries = new LinkedHashMap<>();

    private Gathering(ObjectFiles files) {
        this.files = files;
        this.packages = new Packages(files);
    }

    /**
     * All that a tree for some programs has.
     *
     * @param operands programs by path or by name, and files and directories that they are to have beside them
     * @param tree     where it is to be: not in one of them
     * @throws JailException   if a program lacks something on the host itself
     * @throws KernelException if one is not there
     */
    static Contents of(List<String> operands, String tree, ObjectFiles files) {
        var gathering = new Gathering(files);
        var paths = operands.stream().map(operand -> find(operand, files)).toList();
        paths.forEach(path -> gathering.contents.ask(files.realPath(path)));
        paths.forEach(path -> gathering.take(path, files.realPath(tree)));
        gathering.takeCompanions();
        gathering.examine();
        new Companions(gathering.contents, files, gathering.libraries).addAll(gathering.programs);
        gathering.contents.items().stream().map(Contents.Item::path).forEach(gathering.toExamine::add);
        gathering.examine();
        gathering.addCache();
        gathering.addDirectoryLinks();
        Settings.add(gathering.contents, gathering.programs, gathering.packages, files);
        return gathering.contents;
    }

    /** The absolute path of a program that is named as a shell would have it. */
    static String find(String operand, ObjectFiles files) {
        if (operand.indexOf('/') >= 0) {
            return operand.startsWith("/") ? operand : Files.readLink("/proc/self/cwd") + "/" + operand;
        }
        for (var directory : Bytes.split(SEARCH, ':')) {
            var path = directory + "/" + operand;
            if (!operand.isEmpty() && files.read(path).isPresent() && Files.stat(path).isRegular()) {
                return path;
            }
        }
        throw new KernelException(operand, Errno.ENOENT);
    }

    private void take(String path, String tree) {
        var real = contents.add(path).orElseThrow(
                () -> new KernelException(path, Files.exists(path) ? Errno.EINVAL : Errno.ENOENT));
        if (Files.stat(path).isDirectory()) {
            if (Contents.isIn(tree, real)) {
                throw new JailException(path + ": has the tree in it");
            }
            addAll(real);
        } else {
            takeProgram(path);
        }
    }

    private void takeProgram(String path) {
        var way = Path.walk(path, Files::linkTarget).orElseThrow();
        if (!programs.add(way.end())) {
            return;
        }
        switch (files.read(path).orElseThrow(() -> new KernelException(path, Errno.ENOENT))) {
            case ObjectFile.Binary binary -> takeNeeds(path, binary.elf());
            case ObjectFile.Script script -> takeInterpreter(path, script);
            case ObjectFile.Damaged damaged -> throw new JailException(path + ": damaged ELF file");
            case ObjectFile.Unreadable unreadable -> throw new KernelException(path, Errno.EACCES);
            case ObjectFile.Data data -> {
                return; // a file that a program is to have
            }
        }
        var names = new LinkedHashSet<String>(List.of(path, way.end()));
        way.links().stream().filter(link -> !Files.stat(link).isDirectory()).forEach(names::add);
        for (var name : List.copyOf(names)) {
            if (name.startsWith("/usr/")) {
                names.add(name.substring("/usr".length())); // as dpkg knows it from before /bin was a link
            }
        }
        namesOf.put(way.end(), names);
    }

    /** What the programs came with, or have beside them. */
    private void takeCompanions() {
        var names = new HashSet<String>();
        namesOf.values().forEach(names::addAll);
        var owners = packages.owners(names);
        var came = packages.filesWith(new HashSet<>(owners.values()));
        came.stream().filter(Companions::isOfUse).forEach(this::addCompanion);
        came.stream().filter(at -> at.startsWith("/etc/") && Companions.isOfUse(at))
                .forEach(directory -> addLinks(directory, came));
        namesOf.forEach((program, itsNames) -> {
            if (itsNames.stream().noneMatch(owners::containsKey)) {
                ownPrefix(program).ifPresent(this::addAll);
            }
        });
    }

    private void addAll(String directory) {
        contents.addAll(directory);
        contents.items().stream().map(Contents.Item::path).filter(at -> at.startsWith(directory + "/"))
                .forEach(toExamine::add);
    }

    private void addCompanion(String path) {
        if (RuntimeDirectories.isDeclaration(path)) {
            RuntimeDirectories.of(path, Settings.accounts(files), files).forEach(contents::put);
        } else {
            contents.addReadable(path).ifPresent(toExamine::add);
        }
    }

    /** Of a directory of settings the links to what came, which are made when it is installed: they choose among it. */
    private void addLinks(String directory, List<String> came) {
        for (var name : files.list(directory)) {
            var path = directory + "/" + name;
            if (Files.linkTarget(path).isPresent() && came.contains(files.realPath(path))) {
                addCompanion(path);
            }
        }
    }

    private static Optional<String> ownPrefix(String program) {
        var bin = Path.parent(program);
        var prefix = Path.parent(bin);
        return Path.name(bin).equals("bin") && PREFIXES.stream().anyMatch(prefix::startsWith) ? Optional.of(prefix)
                : Optional.empty();
    }

    /** The interpreter of a script, and of env(1) the program that it looks for. */
    private void takeInterpreter(String path, ObjectFile.Script script) {
        if (Closure.isCircle(path, files)) {
            throw new KernelException(path, Errno.ELOOP);
        }
        addInterpreter(path, script.interpreter());
        takeProgram(script.interpreter());
        if (Path.name(script.interpreter()).equals("env")) {
            for (var word : Bytes.parts(script.argument(), ' ')) {
                if (!word.isEmpty() && !word.startsWith("-") && word.indexOf('=') < 0) {
                    var program = find(word, files);
                    addInterpreter(path, program);
                    takeProgram(program);
                    return;
                }
            }
        }
    }

    /** A program may be another's than who names it: what it asks for is nothing that only root may read. */
    private void addInterpreter(String path, String interpreter) {
        if (contents.addReadable(interpreter).isEmpty() && !contents.has(files.realPath(interpreter))) {
            throw Files.exists(interpreter) ? secret(path, interpreter) : lacks(path, interpreter);
        }
    }

    private static JailException secret(String path, String name) {
        return new JailException(path + ": needs " + name + ", which not everybody may read: name it before");
    }

    private void takeNeeds(String path, Elf elf) {
        examined.add(path);
        Loader.of(elf, Loader.Sight.CONFIGURED, files).ifPresent(loader -> loaders.putIfAbsent(kind(elf), loader));
        for (var need : Closure.of(path, List.of(), Loader.Sight.CONFIGURED, files).needs()) {
            var found = need.path().orElseThrow(() -> lacks(path, need.name()));
            if (need.isInterpreter()) {
                addInterpreter(path, found);
            } else if (!add(need.name(), found)) {
                throw secret(path, found);
            }
        }
    }

    private static JailException lacks(String path, String name) {
        return new JailException(path + ": needs " + name + ", which this host does not have");
    }

    private static List<Object> kind(Elf elf) {
        return List.of(elf.is64Bit(), elf.machine());
    }

    /** A library, and the forms of it that are for better processors. Returns whether everybody may read it, or it is asked for. */
    private boolean add(String name, String path) {
        if (contents.addOfMode(path).isEmpty() && !contents.has(files.realPath(path))) {
            return false;
        }
        libraries.putIfAbsent(name, path);
        var base = base(path);
        contents.addOfMode(base + "/" + name);
        for (var level : files.list(base + Loader.HWCAPS.substring(0, Loader.HWCAPS.length() - 1))) {
            contents.addOfMode(base + Loader.HWCAPS + level + "/" + name);
        }
        return true;
    }

    /** The directory of a library, or of its plain form. */
    private static String base(String path) {
        var directory = Path.parent(path);
        int hwcaps = directory.indexOf(Loader.HWCAPS);
        return hwcaps < 0 ? directory : directory.substring(0, hwcaps);
    }

    /** What has come along brings what it needs, where the host has it. */
    private void examine() {
        while (!toExamine.isEmpty()) {
            var path = toExamine.remove();
            if (examined.add(path) && files.read(path).orElse(null) instanceof ObjectFile.Binary(Elf elf)) {
                var closure = elf.interpreter().isPresent()
                        ? Optional.of(Closure.of(path, List.of(), Loader.Sight.CONFIGURED, files))
                        : Optional.ofNullable(loaders.get(kind(elf)))
                                .map(loader -> Closure.ofLibrary(path, elf, loader, files));
                for (var need : closure.map(Closure::needs).orElse(List.of())) {
                    need.path().ifPresent(found -> {
                        if (need.isInterpreter()) {
                            contents.addReadable(found);
                        } else {
                            add(need.name(), found);
                        }
                    });
                }
            }
        }
    }

    /** Directories that go by two names on the host: what names their files (scripts, settings) may use either. */
    private void addDirectoryLinks() {
        for (var path : List.of("/bin", "/sbin", "/var/run")) {
            Files.linkTarget(path).ifPresent(target -> {
                contents.add(files.realPath(path));
                contents.put(new Contents.Link(path, target, false));
            });
        }
    }

    /**
     * Where a library is in none of its loader's own directories, and not in one that a program names, the loader finds
     * it by a list.
     */
    private void addCache() {
        var own = new HashSet<String>();
        var known = new HashSet<String>();
        loaders.values().stream().filter(loader -> loader.family() == Loader.Family.GLIBC).forEach(loader -> {
            own.addAll(loader.ownDirectories());
            known.addAll(loader.directories());
            LibraryCache.entries(loader.cache()).forEach(entry -> known.add(Path.parent(entry.path())));
        });
        var entries = new ArrayList<LibraryCache.Entry>();
        libraries.forEach((name, path) -> {
            var plain = base(path) + "/" + name;
            if (name.indexOf('/') < 0 && known.contains(base(path))
                    && files.read(plain).orElse(null) instanceof ObjectFile.Binary(Elf elf)) {
                entries.add(new LibraryCache.Entry(name, plain, LibraryCache.flags(elf)));
            }
        });
        if (entries.stream().anyMatch(entry -> !own.contains(Path.parent(entry.path())))) {
            contents.put(new Contents.Cache(LibraryCache.PATH, entries));
        }
    }
}
