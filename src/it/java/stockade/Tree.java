package stockade;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** A tree for a jail, below a temporary directory that goes with the tests. */
record Tree(Path root) {
    private static final Path PROBES = Path.of("src/it/c");
    private static final Path COMPILED = Path.of("target/it").toAbsolutePath();
    private static final Path TREES = temporary();

    private static Path temporary() {
        try {
            var directory = Files.createTempDirectory("stockade-it-");
            // by rm(1), for jails make files that Java has no names for
            Runtime.getRuntime().addShutdownHook(new Thread(() -> output("rm", "-rf", directory.toString())));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tree with nothing in it. */
    static Tree empty() {
        try {
            return new Tree(Files.createTempDirectory(TREES, "tree-")).mode("", 0755);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tree with busybox under all of its names, the probes, two users, and the usual directories. */
    static Tree busybox() {
        var tree = empty().directory("dev").directory("etc").directory("mnt").directory("proc").directory("root")
                .directory("tmp", 01777).directory("home/user").directory("bin")
                .file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n")
                .file("etc/group", "root:x:0:\nuser:x:1000:\nmore:x:2000:user\n")
                .copy(Path.of("/bin/busybox"), "bin/busybox");
        for (var name : output("busybox", "--list").split("\n")) {
            if (!name.equals("busybox")) {
                tree.link("bin/" + name, "busybox");
            }
        }
        for (var source : Host.list(PROBES)) {
            var name = source.substring(0, source.length() - 2);
            tree.copy(probe(name), "bin/" + name);
        }
        return tree.owner("home/user", 1000);
    }

    /** A program of src/it/c, compiled. */
    static synchronized Path probe(String name) {
        var source = PROBES.resolve(name + ".c");
        var program = COMPILED.resolve(name);
        if (program.toFile().lastModified() < source.toFile().lastModified()) {
            COMPILED.toFile().mkdirs();
            output("gcc", "-static", "-O1", "-s", "-Wall", "-Werror", "-o", program.toString(), source.toString());
        }
        return program;
    }

    /** How a command on the machine itself ends. */
    static int status(ProcessBuilder command) {
        try {
            var process = command.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static String output(String... command) {
        try {
            var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            var output = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new IllegalStateException(List.of(command) + " failed");
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    Path path(String path) {
        return root.resolve(path);
    }

    Tree directory(String path) {
        return directory(path, 0755);
    }

    Tree directory(String path, int mode) {
        try {
            Files.createDirectories(path(path));
            Files.setAttribute(path(path), "unix:mode", mode);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Tree file(String path, String content) {
        try {
            Files.createDirectories(path(path).getParent());
            Files.writeString(path(path), content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file that can be executed. */
    Tree script(String path, String content) {
        return file(path, content).mode(path, 0755);
    }

    Tree link(String path, String target) {
        try {
            Files.createSymbolicLink(path(path), Path.of(target));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Tree mode(String path, int mode) {
        try {
            Files.setAttribute(path(path), "unix:mode", mode);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Tree owner(String path, int id) {
        try {
            Files.setAttribute(path(path), "unix:uid", id);
            Files.setAttribute(path(path), "unix:gid", id);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Tree device(String path, int major, int minor) {
        output("mknod", "-m", "666", path(path).toString(), "c", Integer.toString(major), Integer.toString(minor));
        return this;
    }

    /** Copies one file of the machine to a path of the tree. */
    Tree copy(Path from, String to) {
        try {
            Files.createDirectories(path(to).getParent());
            Files.copy(from.toRealPath(), path(to));
            Files.setPosixFilePermissions(path(to), PosixFilePermissions.fromString("rwxr-xr-x"));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies programs, or libraries, of the machine with their interpreter and libraries, each to the same path. */
    Tree program(String... paths) {
        for (var path : paths) {
            copyOnce(path);
        }
        for (var line : output(Stream.concat(Stream.of("ldd"), Stream.of(paths)).toArray(String[]::new)).split("\n")) {
            var words = line.strip().split(" ");
            var library = words.length > 2 && words[1].equals("=>") ? words[2] : words[0];
            if (library.startsWith("/") && !library.endsWith(":")) { // which is whose libraries follow
                copyOnce(library);
            }
        }
        return this;
    }

    /** Has a program of the machine, found along PATH, in the place of busybox's of that name. */
    Tree programInPlace(String name) {
        var found = output("sh", "-c", "command -v " + name).strip();
        path("bin/" + name).toFile().delete();
        return program(found).copy(Path.of(found), "bin/" + name);
    }

    /** Copies a directory of the machine with all that is in it to the same path, symbolic links followed. */
    Tree all(String path) {
        return all(path, path.substring(1));
    }

    /** Likewise, to another path. */
    Tree all(String from, String to) {
        directory(Path.of(to).getParent().toString());
        output("cp", "-RL", "--preserve=mode,ownership", from, path(to).toString());
        return this;
    }

    /** Adds a user of the tree, who has a group of the same name and number. */
    Tree user(String name, int id, String home) {
        return append("etc/passwd", name + ":x:" + id + ":" + id + "::" + home + ":/bin/sh\n")
                .append("etc/group", name + ":x:" + id + ":\n");
    }

    Tree append(String path, String content) {
        try {
            Files.writeString(path(path), content, StandardOpenOption.APPEND);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copyOnce(String path) {
        if (!Files.exists(path(path.substring(1)), LinkOption.NOFOLLOW_LINKS)) {
            copy(Path.of(path), path.substring(1));
        }
    }

    Object attribute(String path, String name) {
        try {
            return Files.getAttribute(path(path), "unix:" + name, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
