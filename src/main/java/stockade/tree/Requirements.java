package stockade.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * What a program needs in its tree, found as ld.so(8) would find it but by reading only: nothing of the
 * tree is ever executed to learn about it. To be asked from inside the tree.
 */
public final class Requirements {
    private static final int MAX_FILE = 8 << 20;
    private static final int MAX_SCRIPTS = 5; // the kernel's own limit of interpreters of interpreters
    private static final String TRIPLET = "/x86_64-linux-gnu";
    private static final List<String> GLIBC_DIRECTORIES = List.of("/lib" + TRIPLET, "/usr/lib" + TRIPLET, "/lib64",
            "/usr/lib64", "/lib", "/usr/lib");
    private static final List<String> MUSL_DIRECTORIES = List.of("/lib", "/usr/local/lib", "/usr/lib");

    private Requirements() {
    }

    /**
     * The first file that an executable needs and does not have: its interpreter, or a library by name.
     * Empty if nothing is missing, or if it can't be told.
     *
     * @param libraryPath the LD_LIBRARY_PATH that it would run with, or empty
     */
    public static Optional<String> firstMissing(String program, String libraryPath) {
        try {
            return firstMissing(program, libraryPath, MAX_SCRIPTS);
        } catch (KernelException e) {
            return Optional.empty(); // not readable, or no file at all: exec says what is wrong
        }
    }

    /**
     * What the kernel would have interpret a program: the file after #! of a script, or the interpreter of an ELF file.
     *
     * @param ofElf is told what an ELF file says
     */
    static Optional<String> interpreter(String program, Consumer<Elf> ofElf) {
        try (var file = openPlain(program)) {
            var head = new byte[256];
            int length = file.readAt(0, head, 0, head.length);
            if (length >= 2 && head[0] == '#' && head[1] == '!') {
                return Optional.of(firstWord(Bytes.toString(head, 2, length))).filter(word -> !word.isEmpty());
            }
            var elf = read(file);
            elf.ifPresent(ofElf);
            return elf.flatMap(Elf::interpreter);
        }
    }

    /** Whether a file begins as ELF files do, whatever follows. */
    static boolean isElf(String path) {
        try (var file = openPlain(path)) {
            var head = new byte[4];
            return file.readAt(0, head, 0, 4) == 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
        }
    }

    private static Optional<String> firstMissing(String program, String libraryPath, int scripts) {
        Optional<Elf> elf;
        try (var file = openPlain(program)) {
            var head = new byte[256];
            int length = file.readAt(0, head, 0, head.length);
            if (length >= 2 && head[0] == '#' && head[1] == '!') {
                return missingOfScript(Bytes.toString(head, 2, length), libraryPath, scripts);
            }
            elf = read(file);
        }
        return elf.filter(e -> e.interpreter().isPresent()).flatMap(e -> missingOf(program, e, libraryPath));
    }

    private static Optional<String> missingOfScript(String line, String libraryPath, int scripts) {
        var interpreter = firstWord(line);
        return interpreter.isEmpty() || scripts == 0 ? Optional.empty()
                : !Files.exists(interpreter) ? Optional.of(interpreter)
                        : firstMissing(interpreter, libraryPath, scripts - 1);
    }

    private static String firstWord(String line) {
        int from = 0;
        while (from < line.length() && isBlank(line.charAt(from))) {
            from++;
        }
        int to = from;
        while (to < line.length() && !isBlank(line.charAt(to)) && line.charAt(to) != '\n') {
            to++;
        }
        return line.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static Descriptor openPlain(String path) {
        var file = Files.open(path, Files.O_RDONLY | Files.O_NONBLOCK);
        if (Files.stat(file).isRegular()) {
            return file;
        }
        file.close();
        throw new KernelException(path, Errno.EINVAL);
    }

    private static Optional<Elf> read(String path) {
        try (var file = openPlain(path)) {
            return read(file);
        }
    }

    private static Optional<Elf> read(Descriptor file) {
        return Elf.read((position, length) -> {
            var part = new byte[length];
            int n = file.readAt(position, part, 0, length);
            return n == length ? part : Arrays.copyOf(part, n);
        });
    }

    private static Optional<String> missingOf(String program, Elf elf, String libraryPath) {
        var interpreter = elf.interpreter().get();
        if (!Files.exists(interpreter)) {
            return Optional.of(interpreter);
        }
        boolean musl = interpreter.contains("/ld-musl");
        if (!musl && !interpreter.contains("/ld-linux")) {
            return Optional.empty(); // an interpreter whose ways are not known
        }
        var cache = musl || !Files.exists(LibraryCache.PATH) ? new byte[0] : readSmall(LibraryCache.PATH);
        var directories = musl ? muslDirectories() : GLIBC_DIRECTORIES;
        var seen = new HashSet<String>();
        record Wanted(String path, Elf elf, List<String> inherited) {
        }
        var toDo = new ArrayDeque<Wanted>();
        toDo.add(new Wanted(program, elf, List.of()));
        while (!toDo.isEmpty()) {
            var user = toDo.remove();
            var search = new ArrayList<String>();
            var origin = user.path.substring(0, Math.max(user.path.lastIndexOf('/'), 0));
            user.elf.runPath().forEach(entry -> search.add(
                    entry.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)));
            search.addAll(user.inherited);
            for (var name : user.elf.needed()) {
                if (!seen.add(name) || musl && name.startsWith("libc.") || name.startsWith("ld-")) {
                    continue;
                }
                var found = find(name, search, libraryPath, cache, directories);
                if (found.isEmpty()) {
                    return Optional.of(name);
                }
                read(found.get()).ifPresent(library -> toDo.add(new Wanted(found.get(), library, List.copyOf(search))));
            }
        }
        return Optional.empty();
    }

    private static List<String> muslDirectories() {
        var list = "/etc/ld-musl-x86_64.path";
        return Files.exists(list) ? Bytes.split(Bytes.toString(readSmall(list)).replace('\n', ':'), ':') : MUSL_DIRECTORIES;
    }

    /** A file of a sane size: the tree may be hostile. */
    private static byte[] readSmall(String path) {
        try (var file = openPlain(path)) {
            if (Files.stat(file).size() > MAX_FILE) {
                throw new KernelException(path, Errno.EFBIG);
            }
            return file.readAll();
        }
    }

    private static Optional<String> find(String name, List<String> runPath, String libraryPath, byte[] cache,
            List<String> directories) {
        if (name.contains("/")) {
            return Optional.of(name).filter(Files::exists);
        }
        var candidates = new ArrayList<String>();
        runPath.forEach(directory -> candidates.add(directory + "/" + name));
        for (var directory : Bytes.split(libraryPath.replace(';', ':'), ':')) {
            candidates.add(directory + "/" + name);
        }
        candidates.addAll(LibraryCache.paths(cache, name));
        directories.forEach(directory -> candidates.add(directory + "/" + name));
        return candidates.stream().filter(Files::exists).findFirst();
    }
}
