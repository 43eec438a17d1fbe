package stockade.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What a program needs to run: interpreters, and the libraries that these load, theirs included. Found as the kernel and
 * ld.so(8) find them, but by reading alone.
 *
 * @param needs in the order in which the loader loads them (ldd(1)'s)
 */
record Closure(List<Need> needs) {
    private static final int MAX_SCRIPTS = 5; // interpreters of interpreters (fs/exec.c, exec_binprm)

    /**
     * Something needed.
     *
     * @param name as it is asked for: an interpreter's path, or the name of a library
     * @param path where it is; empty if it is missing
     */
    record Need(String name, Optional<String> path) {
        boolean isInterpreter() {
            return path.equals(Optional.of(name));
        }
    }

    /**
     * @param libraryPath the LD_LIBRARY_PATH that it would run with
     */
    static Closure of(String program, List<String> libraryPath, Loader.Sight sight, ObjectFiles files) {
        var needs = new ArrayList<Need>();
        var path = program;
        for (int i = 0; i <= MAX_SCRIPTS; i++) {
            var file = files.read(path);
            if (file.isPresent() && file.get() instanceof ObjectFile.Script(String interpreter, String argument)) {
                needs.add(new Need(interpreter, files.read(interpreter).map(found -> interpreter)));
                path = interpreter;
            } else {
                if (file.isPresent() && file.get() instanceof ObjectFile.Binary(Elf elf)) {
                    needs.addAll(ofBinary(path, elf, libraryPath, sight, files));
                }
                break;
            }
        }
        return new Closure(needs);
    }

    /** Whether a script's interpreters are scripts in turn, until the kernel is tired of it. */
    static boolean isCircle(String script, ObjectFiles files) {
        var path = script;
        for (int i = 0; i <= MAX_SCRIPTS; i++) {
            if (!(files.read(path).orElse(null) instanceof ObjectFile.Script(String interpreter, String argument))) {
                return false;
            }
            path = interpreter;
        }
        return true;
    }

    /** The libraries of a library, as a program of the same kind would have them loaded. */
    static Closure ofLibrary(String path, Elf library, Loader loader, ObjectFiles files) {
        return new Closure(libraries(path, library, loader, List.of(), files));
    }

    private static List<Need> ofBinary(String path, Elf elf, List<String> libraryPath, Loader.Sight sight,
            ObjectFiles files) {
        if (elf.interpreter().isEmpty()) {
            return List.of();
        }
        var interpreter = elf.interpreter().get();
        var itself = new Need(interpreter, files.read(interpreter).map(found -> interpreter));
        var loader = Loader.of(elf, sight, files);
        if (itself.path.isEmpty() || loader.isEmpty()) {
            return List.of(itself);
        }
        var needs = libraries(path, elf, loader.get(), libraryPath, files);
        if (!needs.contains(itself)) {
            needs.add(itself);
        }
        return needs;
    }

    private static List<Need> libraries(String path, Elf elf, Loader loader, List<String> libraryPath,
            ObjectFiles files) {
        var needs = new ArrayList<Need>();
        var seen = new HashSet<String>();
        var toDo = new ArrayDeque<Loader.User>();
        toDo.add(new Loader.User(files.realPath(path), elf, Optional.empty()));
        while (!toDo.isEmpty()) {
            var user = toDo.remove();
            for (var name : user.elf().needed()) {
                if (!seen.add(name)) {
                    continue;
                }
                if (loader.isItself(name)) {
                    var interpreter = new Need(loader.interpreter(), Optional.of(loader.interpreter()));
                    if (!needs.contains(interpreter)) {
                        needs.add(interpreter);
                    }
                    continue;
                }
                var library = find(name, user, loader, libraryPath, files);
                needs.add(new Need(name, library));
                if (library.flatMap(files::read).orElse(null) instanceof ObjectFile.Binary(Elf found)) {
                    toDo.add(new Loader.User(library.get(), found, Optional.of(user)));
                }
            }
        }
        return needs;
    }

    /** The first candidate that is a library for the same kind of machine; others a loader passes over. */
    private static Optional<String> find(String name, Loader.User user, Loader loader, List<String> libraryPath,
            ObjectFiles files) {
        return loader.candidates(name, user, libraryPath).stream()
                .filter(candidate -> files.read(candidate).filter(file -> serves(file, user.elf())).isPresent())
                .findFirst();
    }

    private static boolean serves(ObjectFile file, Elf user) {
        return switch (file) {
            case ObjectFile.Binary(Elf elf) -> elf.goesWith(user);
            case ObjectFile.Unreadable unreadable -> true;
            case ObjectFile.Script script -> false;
            case ObjectFile.Damaged damaged -> false;
            case ObjectFile.Data data -> false;
        };
    }
}
