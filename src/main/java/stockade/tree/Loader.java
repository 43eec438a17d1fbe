package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;

/**
 * How the interpreter of a program looks for libraries: that of glibc (ld.so(8), elf/dl-load.c of 2.36) or of musl
 * (ldso/dynlink.c of 1.2).
 *
 * @param interpreter where it is itself
 * @param directories where it looks by itself, in order
 * @param cache       glibc's list of libraries; empty if there is none
 * @param library     what $LIB may stand for, in the order of likelihood
 * @param platform    what $PLATFORM stands for
 * @param levels      the subdirectories of each directory that are for better processors, the best first
 */
record Loader(Family family, String interpreter, List<String> directories, byte[] cache, List<String> library,
        String platform, List<String> levels) {
    static final String HWCAPS = "/glibc-hwcaps/";

    private static final int EM_386 = 3;
    private static final int EM_X86_64 = 62;
    private static final String CONFIGURATION = "/etc/ld.so.conf";

    enum Family {
        GLIBC, MUSL
    }

    /** Which directories of ld.so.conf count. */
    enum Sight {
        /** Those that the cache knows, as when the program is started now. */
        CACHED,
        /** All, as when ldconfig(8) had just been run. */
        CONFIGURED
    }

    /** An object that has needs, and the one that needs it itself, in whose paths they are looked for, too. */
    record User(String path, Elf elf, Optional<User> by) {
    }

    /** The loader of a program; empty if its ways are not known, or if it needs none. */
    static Optional<Loader> of(Elf program, Sight sight, ObjectFiles files) {
        return program.interpreter().flatMap(interpreter -> {
            var name = interpreter.substring(interpreter.lastIndexOf('/') + 1);
            return name.startsWith("ld-musl-") ? Optional.of(musl(interpreter, program, files))
                    : name.startsWith("ld-linux") ? Optional.of(glibc(interpreter, program, sight, files)) : Optional.empty();
        });
    }

    private static Loader glibc(String interpreter, Elf program, Sight sight, ObjectFiles files) {
        boolean x32 = program.machine() == EM_X86_64 && !program.is64Bit();
        var triplet = program.machine() == EM_386 ? "i386-linux-gnu" : x32 ? "x86_64-linux-gnux32" : "x86_64-linux-gnu";
        var suffix = program.machine() == EM_386 ? "32" : x32 ? "x32" : "64";
        var directories = new ArrayList<String>();
        for (var library : List.of("lib/" + triplet, "lib" + suffix, "lib")) {
            directories.add("/" + library);
            directories.add("/usr/" + library);
        }
        if (sight == Sight.CONFIGURED) {
            directories.addAll(LoaderConfiguration.directories(CONFIGURATION, files));
        }
        return new Loader(Family.GLIBC, interpreter, directories, files.content(LibraryCache.PATH),
                List.of("lib/" + triplet, "lib" + suffix, "lib"), program.machine() == EM_386 ? "i686" : "x86_64",
                program.machine() == EM_X86_64 && program.is64Bit() ? files.levels() : List.of());
    }

    private static Loader musl(String interpreter, Elf program, ObjectFiles files) {
        var architecture = interpreter.substring(interpreter.lastIndexOf("/ld-musl-") + "/ld-musl-".length(),
                Math.max(interpreter.lastIndexOf(".so."), interpreter.lastIndexOf("/ld-musl-") + "/ld-musl-".length()));
        var list = Bytes.toString(files.content("/etc/ld-musl-" + architecture + ".path"));
        return new Loader(Family.MUSL, interpreter,
                list.isEmpty() ? List.of("/lib", "/usr/local/lib", "/usr/lib") : Bytes.split(list.replace('\n', ':'), ':'),
                new byte[0], List.of("lib"), architecture, List.of());
    }

    /** Those of its directories that are not configured. */
    List<String> ownDirectories() {
        return directories.subList(0, 2 * library.size());
    }

    /** Whether a name is the loader itself, which is the C library, too, in the one family. */
    boolean isItself(String name) {
        if (family == Family.GLIBC) {
            return name.equals(interpreter.substring(interpreter.lastIndexOf('/') + 1));
        }
        for (var part : List.of("c", "pthread", "rt", "m", "dl", "util", "xnet")) {
            if (name.startsWith("lib" + part + ".")) {
                return true;
            }
        }
        return name.startsWith("ld-musl-");
    }

    /** The paths at which it looks for what an object needs, in order. */
    List<String> candidates(String name, User user, List<String> libraryPath) {
        if (name.indexOf('/') >= 0) {
            return expand(name, user.path);
        }
        var found = new ArrayList<String>();
        if (family == Family.MUSL) {
            add(found, libraryPath, name);
            for (var u = Optional.of(user); u.isPresent(); u = u.get().by) {
                add(found, expandAll(u.get().elf.runpath().isEmpty() ? u.get().elf.rpath() : u.get().elf.runpath(),
                        u.get().path), name);
            }
        } else {
            for (var u = Optional.of(user); user.elf.runpath().isEmpty() && u.isPresent(); u = u.get().by) {
                if (u.get().elf.runpath().isEmpty()) {
                    add(found, expandAll(u.get().elf.rpath(), u.get().path), name);
                }
            }
            add(found, libraryPath, name);
            add(found, expandAll(user.elf.runpath(), user.path), name);
            found.addAll(bestFirst(LibraryCache.paths(cache, name)));
        }
        add(found, directories, name);
        return found;
    }

    private void add(List<String> found, List<String> directories, String name) {
        for (var directory : directories) {
            levels.forEach(level -> found.add(directory + HWCAPS + level + "/" + name));
            found.add(directory + "/" + name);
        }
    }

    private List<String> bestFirst(List<String> paths) {
        var sorted = new ArrayList<String>();
        for (var level : levels) {
            paths.stream().filter(path -> path.indexOf(HWCAPS + level + "/") >= 0).forEach(sorted::add);
        }
        paths.stream().filter(path -> path.indexOf(HWCAPS) < 0).forEach(sorted::add);
        return sorted;
    }

    private List<String> expandAll(List<String> directories, String path) {
        return directories.stream().flatMap(directory -> expand(directory, path).stream()).toList();
    }

    /** Replaces the names that ld.so(8) knows; a path may stand for several. */
    private List<String> expand(String text, String path) {
        if (text.indexOf('$') < 0) {
            return List.of(text);
        }
        var origin = path.substring(0, Math.max(path.lastIndexOf('/'), 0));
        var s = replace(replace(text, "ORIGIN", origin), "PLATFORM", platform);
        return library.stream().map(directory -> replace(s, "LIB", directory)).distinct().toList();
    }

    private static String replace(String text, String name, String value) {
        return text.replace("${" + name + "}", value).replace("$" + name, value);
    }
}
