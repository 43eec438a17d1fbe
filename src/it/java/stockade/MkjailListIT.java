package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What mkjail finds that programs need, beside what ldd(1) says, which has the loader itself say it. */
class MkjailListIT {
    private static final String ADDRESS = "10.7.0.1";
    private static final String LIB32 = "/lib/ld-linux.so.2";

    @RegisterExtension
    final Host host = new Host(ADDRESS);

    private final Path place = Tree.empty().root();

    private Path at(String path) {
        return place.resolve(path);
    }

    private Path written(String path, String content) {
        try {
            Files.createDirectories(at(path).getParent());
            return Files.writeString(at(path), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compiles a library whose function of its name returns a text. Of options, PLACE is where everything is. */
    private void library(String path, String text, String... options) {
        var name = Path.of(path).getFileName().toString().replaceAll("lib(.*)\\.so", "$1");
        compile(path, "const char *" + name + "(void) { return \"" + text + "\"; }\n",
                Stream.concat(Stream.of("-shared", "-fPIC"), Stream.of(options)));
    }

    /** Compiles a program that says what a library's function returns. */
    private String program(String path, String library, String... options) {
        compile(path, "#include <stdio.h>\nconst char *" + library + "(void);\nint main() { puts(" + library + "()); }\n",
                Stream.concat(Stream.of("-Wl,--allow-shlib-undefined"), Stream.of(options)));
        return at(path).toString();
    }

    private void compile(String path, String source, Stream<String> options) {
        var command = Stream.of(Stream.of("gcc", "-o", at(path).toString(), written(path + ".c", source).toString()),
                Stream.of("-Wl,--no-as-needed"), options.map(option -> option.replace("PLACE", place.toString())))
                .flatMap(words -> words);
        Tree.output(command.toArray(String[]::new));
    }

    /** What ldd(1) says, without the addresses and the kernel's own library. */
    private String ldd(List<String> programs) {
        var words = new ArrayList<>(List.of("sh", "-c", "exec ldd \"$@\" 2>&1", "sh"));
        words.addAll(programs);
        return host.run(words.toArray(String[]::new)).out().lines().filter(line -> !line.matches("\\s*linux-(vdso|gate)\\.so.*"))
                .map(line -> line.replaceAll(" \\(0x[0-9a-f]+\\)$", "").replace("statically linked", "not a dynamic executable"))
                .collect(Collectors.joining("\n")).strip();
    }

    private String listed(String... programs) {
        return host.mkjail(Stream.concat(Stream.of("-l"), Stream.of(programs)).toArray()).said();
    }

    /** Checks that it is what ldd says, and has a line. */
    private void assertListed(String program, String line) {
        var listed = listed(program);
        if (listed.contains("not found")) { // which the loader tells of last
            assertEquals(ldd(List.of(program)).lines().map(String::strip).sorted().toList(),
                    listed.lines().map(String::strip).sorted().toList());
        } else {
            assertEquals(ldd(List.of(program)), listed);
        }
        assertTrue(listed.lines().anyMatch(l -> l.strip().equals(line.replace("PLACE", place.toString()))), listed);
    }

    private Tree made(String... programs) {
        var tree = new Tree(Tree.empty().path("made"));
        assertEquals("", host.mkjail(Stream.concat(Stream.of(tree.toString()), Stream.of(programs)).toArray()).said());
        return tree;
    }

    private String inJail(Tree tree, String program) {
        return host.jail(tree, "jail", ADDRESS, program).said();
    }

    private static boolean isElf(Path file) {
        try (InputStream content = Files.newInputStream(file)) {
            return Arrays.equals(content.readNBytes(4), new byte[] {0x7f, 'E', 'L', 'F'});
        } catch (IOException e) {
            return false;
        }
    }

    /** Of real paths: asked for a link, ldd takes the link's directory for $ORIGIN, which the kernel does not. */
    @Test
    void everyFifthProgramOfTheMachineNeedsWhatLddSays() throws IOException {
        var programs = new ArrayList<String>();
        for (var directory : List.of("/usr/bin", "/usr/sbin")) {
            for (var name : Host.list(Path.of(directory))) {
                var file = Path.of(directory, name);
                if (isElf(file) && file.toRealPath().toString().hashCode() % 5 == 0) {
                    programs.add(file.toRealPath().toString());
                }
            }
        }
        var distinct = programs.stream().distinct().toList();
        assertTrue(distinct.size() > 100, distinct.toString());
        assertEquals(ldd(distinct), listed(distinct.toArray(String[]::new)));
    }

    @Test
    void aPathOfOldServesTheLibrariesOfLibrariesToo() {
        library("lib/libinner.so", "inner");
        library("lib/libouter.so", "outer", "PLACE/lib/libinner.so");
        var options = new String[] {"-LPLACE/lib", "-louter", "-Wl,-rpath,PLACE/lib", "-Wl,--disable-new-dtags"};
        // which has the library's own name, not the path that it was linked by
        Tree.output("sh", "-ec", "cd \"$0/lib\"; gcc -shared -o libouter.so -x c libouter.so.c -x none -L. "
                + "-Wl,--no-as-needed -linner", place.toString());
        assertListed(program("old", "outer", options), "libinner.so => PLACE/lib/libinner.so");
        options[3] = "-Wl,--enable-new-dtags";
        assertListed(program("new", "outer", options), "libinner.so => not found");
    }

    @Test
    void pathsMayBeRelativeToTheProgramOrToItsLibraries() {
        library("lib/libone.so", "one");
        library("lib/x86_64-linux-gnu/libtwo.so", "two");
        library("bin/plugins/libthree.so", "three");
        var program = program("bin/program", "one", "-LPLACE/lib", "-LPLACE/lib/x86_64-linux-gnu", "-LPLACE/bin/plugins",
                "-lone", "-ltwo", "-lthree", "-Wl,-rpath,$ORIGIN/../lib:PLACE/$LIB:${ORIGIN}/plugins");
        assertListed(program, "libone.so => PLACE/bin/../lib/libone.so");
        assertListed(program, "libtwo.so => PLACE/lib/x86_64-linux-gnu/libtwo.so");
        assertListed(program, "libthree.so => PLACE/bin/plugins/libthree.so");
        var tree = made(program);
        assertEquals("one", inJail(tree, program));
        assertFalse(Files.exists(tree.path("etc/ld.so.cache"))); // it has paths of its own
    }

    @Test
    void librariesForBetterProcessorsComeFirstAndTheOthersComeAlong() {
        library("lib/libfast.so", "plain");
        for (var level : List.of("x86-64-v2", "x86-64-v3", "x86-64-v4")) {
            library("lib/glibc-hwcaps/" + level + "/libfast.so", level);
        }
        var program = program("program", "fast", "-LPLACE/lib", "-lfast", "-Wl,-rpath,PLACE/lib");
        assertEquals(ldd(List.of(program)), listed(program));
        var tree = made(program);
        assertEquals(host.run(program).said(), inJail(tree, program));
        assertTrue(Files.exists(tree.path(at("lib/libfast.so").toString().substring(1))));
        assertTrue(Files.exists(tree.path(at("lib/glibc-hwcaps/x86-64-v4/libfast.so").toString().substring(1))));
    }

    @Test
    void libraryOfAnotherClassIsPassedOver() {
        library("lib32/libboth.so", "32", "-m32", "-nostdlib");
        library("lib64/libboth.so", "64");
        assertListed(program("program", "both", "-LPLACE/lib64", "-lboth", "-Wl,-rpath,PLACE/lib32:PLACE/lib64"),
                "libboth.so => PLACE/lib64/libboth.so");
    }

    @Test
    void programOf32Bits() {
        Host.assume32Bits();
        compile("program", """
                int puts(const char *);
                void exit(int);
                __attribute__((force_align_arg_pointer)) void _start(void) { puts("32"); exit(0); }
                """, Stream.of("-m32", "-nostdlib", "-fno-pic", "-no-pie", "-fno-stack-protector", "/lib32/libc.so.6",
                "-Wl,--dynamic-linker=" + LIB32));
        var program = at("program").toString();
        assertListed(program, LIB32);
        // a jail runs programs of 64 bits alone
        assertEquals("32", host.run(Host.BIN.resolve("chroot").toString(), made(program).toString(), program).said());
    }

    /** In a mount namespace of its own, with ld.so.conf and the list of libraries that it leads to. */
    private Result configured(boolean fresh, String... command) {
        written("ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n# a comment\ninclude " + at("conf.d") + "/*.conf\n");
        written("conf.d/own.conf", at("opt/lib") + "\n");
        var words = new ArrayList<>(List.of("unshare", "--mount", "sh", "-ec", """
                place=$0
                mount --bind "$place/ld.so.conf" /etc/ld.so.conf
                if $1; then
                    mount -t tmpfs none /var/cache/ldconfig
                    ldconfig -C "$place/cache"
                    mount --bind "$place/cache" /etc/ld.so.cache
                fi
                shift
                exec "$@"
                """, place.toString(), Boolean.toString(fresh)));
        words.addAll(List.of(command));
        return host.run(words.toArray(String[]::new));
    }

    @Test
    void libraryThatTheListOfLibrariesHas() {
        library("opt/lib/libown.so", "own");
        var program = program("program", "own", "-LPLACE/opt/lib", "-lown");
        var line = "libown.so => " + at("opt/lib/libown.so");
        var ldd = configured(true, "ldd", program).said();
        assertTrue(ldd.contains(line), ldd);
        var mkjail = Host.BIN.resolve("mkjail").toString();
        assertEquals(ldd.lines().skip(1).map(l -> l.replaceAll(" \\(0x.*", "").strip()).toList(),
                configured(true, mkjail, "-l", program).said().lines().map(String::strip).toList());
    }

    /** As the loader would find it after ldconfig(8), which the tree then does not need to have run in it. */
    @Test
    void libraryThatIsOnlyConfiguredIsFoundInTheTreeByAListOfItsOwn() {
        library("opt/lib/libown.so", "own");
        var program = program("program", "own", "-LPLACE/opt/lib", "-lown");
        assertTrue(configured(false, "ldd", program).out().contains("libown.so => not found"));
        var mkjail = Host.BIN.resolve("mkjail").toString();
        assertTrue(configured(false, mkjail, "-l", program).said().contains("libown.so => " + at("opt/lib/libown.so")));
        var tree = new Tree(Tree.empty().path("made"));
        assertEquals("", configured(false, mkjail, tree.toString(), program, "ldconfig").said());
        assertEquals("own", inJail(tree, program));
        assertTrue(host.run("ldconfig", "-p", "-C", tree.path("etc/ld.so.cache").toString()).said()
                .contains("libown.so (libc6,x86-64) => " + at("opt/lib/libown.so")));
        // what is in the list already stays
        library("opt/lib/libmore.so", "more");
        var more = program("more", "more", "-LPLACE/opt/lib", "-lmore");
        assertEquals("", configured(false, mkjail, tree.toString(), more).said());
        assertEquals("own", inJail(tree, program));
        assertEquals("more", inJail(tree, more));
    }

    @Test
    void programThatLacksALibraryIsRefusedAndNothingMade() {
        library("lib/libgone.so", "gone");
        var program = program("program", "gone", "-LPLACE/lib", "-lgone");
        assertListed(program, "libgone.so => not found");
        host.mkjail(at("tree"), "true", program)
                .assertFailed("mkjail: " + program + ": needs libgone.so, which this host does not have");
        assertFalse(Files.exists(at("tree")));
        var script = written("script", "#!" + at("interpreter") + "\n").toString();
        host.mkjail(at("tree"), script)
                .assertFailed("mkjail: " + script + ": needs " + at("interpreter") + ", which this host does not have");
        assertFalse(Files.exists(at("tree")));
    }

    @Test
    void staticProgramNeedsNothing() {
        assertEquals("not a dynamic executable", listed("busybox"));
        assertEquals("not a dynamic executable", listed(Host.BIN.resolve("jail").toString()));
    }

    @Test
    void scriptsNeedTheirInterpretersAndThoseOfThese() {
        var shell = listed("/bin/sh").lines().map(String::strip).toList();
        var inner = written("inner", "#!/bin/sh -e\necho inner $@\n");
        var outer = written("outer", "#! " + inner + " x\n");
        var env = written("env", "#!/usr/bin/env -S sh -e\necho env\n");
        var expected = new ArrayList<>(List.of(inner.toString(), "/bin/sh"));
        expected.addAll(shell);
        assertEquals(expected, listed(outer.toString()).lines().map(String::strip).toList());
        Stream.of(inner, outer, env).forEach(script -> script.toFile().setExecutable(true, false));
        var tree = made(outer.toString(), env.toString());
        assertEquals("inner x " + outer, inJail(tree, outer.toString()));
        assertEquals("env", inJail(tree, env.toString()));
    }

    @Test
    void scriptsThatInterpretEachOther() {
        for (int i = 0; i < 3; i++) {
            written("script" + i, "#!" + at("script" + (i + 1) % 3) + "\n").toFile().setExecutable(true, false);
        }
        host.mkjail(at("tree"), at("script0")).assertFailed("mkjail: " + at("script0") + ": Too many levels of symbolic links");
    }

    /** As programs of no package are installed. */
    @Test
    void programBelowOptHasAllThatIsBesideIt() {
        var tree = new Tree(Tree.empty().path("made"));
        assertEquals("", host.run("unshare", "--mount", "sh", "-ec", """
                mount -t tmpfs none /opt
                mkdir -p /opt/app/bin /opt/app/share/deep /opt/other
                cp /bin/busybox /opt/app/bin/busybox
                echo data >/opt/app/share/deep/data
                echo secret >/opt/app/secret
                chmod 600 /opt/app/secret
                ln -s ../share /opt/app/bin/link
                exec "$0" "$1" /opt/app/bin/busybox
                """, Host.BIN.resolve("mkjail").toString(), tree.toString()).said());
        assertEquals("data", host.jail(tree, "jail", ADDRESS, "/opt/app/bin/busybox", "cat", "/opt/app/bin/link/deep/data").said());
        assertFalse(Files.exists(tree.path("opt/app/secret")));
        assertFalse(Files.exists(tree.path("opt/other")));
    }

    @Test
    void listOfAPackageMayBeLarge() {
        assertEquals("", host.run("unshare", "--mount", "bash", "-ec", """
                mount -t tmpfs none /var/lib/dpkg/info
                yes /usr/lib/large/some-file | head -c 3980000 >/var/lib/dpkg/info/large.list
                name=x
                for i in {1..12}; do
                    name=x$name
                    "$0" -n "$1/$name" true /etc/hosts | grep -q /bin/true
                done
                """, Host.BIN.resolve("mkjail").toString(), place.toString()).said());
    }

    @Test
    void whatIsNoProgramIsSaidOfEach() {
        var result = host.mkjail("-l", at("gone"), "true", "no-such-program");
        assertEquals("mkjail: " + at("gone") + ": No such file or directory\n"
                + "mkjail: no-such-program: No such file or directory\n", result.errors());
        assertTrue(result.out().startsWith("true:\n\tlibc.so.6 => "), result.out());
        assertEquals(1, result.status());
    }

    @Test
    void listsAndPreviewsNeedNoRoot() {
        var user = new String[] {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
        var mkjail = "/run/mkjail"; // where everybody can get at it
        assertEquals("", host.run("cp", Host.BIN.resolve("mkjail").toString(), mkjail).said());
        assertEquals(listed("true"), host.run(words(user, mkjail, "-l", "true")).said());
        var preview = host.run(words(user, mkjail, "-n", "/var/tmp/none", "true")).said();
        assertTrue(preview.startsWith("mkdir /var/tmp/none\n") && preview.contains("\ncopy /var/tmp/none/usr/bin/true\n"), preview);
        assertFalse(Files.exists(Path.of("/var/tmp/none")));
        host.run(words(user, mkjail, "/var/tmp/none", "true")).assertFailed("mkjail: /var/tmp/none: Operation not permitted");
        assertFalse(Files.exists(Path.of("/var/tmp/none")));
    }

    private static String[] words(String[] first, String... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
    }
}
