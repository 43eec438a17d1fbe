package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operands that are not what they should be, trees that somebody prepared, and hosts that give out of something. */
class MkjailHostileIT {
    private static final String ADDRESS = "10.7.0.1";
    private static final String MKJAIL = Host.BIN.resolve("mkjail").toString();

    @RegisterExtension
    final Host host = new Host(ADDRESS);

    private final Path place = Tree.empty().root();
    private final Tree tree = new Tree(place.resolve("tree"));
    private final Tree outside = new Tree(place.resolve("outside")).directory("").file("file", "outside\n");

    private void make(Object... programs) {
        assertEquals("", mkjail(programs).said());
    }

    private Result mkjail(Object... programs) {
        var words = new Object[programs.length + 1];
        words[0] = tree;
        System.arraycopy(programs, 0, words, 1, programs.length);
        return host.mkjail(words);
    }

    private void assertNoTree() {
        assertFalse(Files.exists(tree.root()));
    }

    private void assertOutsideIsAsItWas() {
        assertEquals("outside\n", Host.read(outside.path("file")));
        assertEquals(List.of("file"), Host.list(outside.root()));
    }

    /** All there is to know of files and what is in them. */
    private static String state(Path directory) {
        return Tree.output("sh", "-ec", "cd \"$0\"; find . -printf '%p %y %i %m %U %G %s %T@ %l\\n' | sort; "
                + "find . -type f -exec cksum {} + | sort", directory.toString());
    }

    @Test
    void operandThatIsNotThere() {
        mkjail("true", "/no/such").assertFailed("mkjail: /no/such: No such file or directory");
        mkjail("no-such").assertFailed("mkjail: no-such: No such file or directory");
        mkjail("").assertFailed("mkjail: : No such file or directory");
        mkjail("/dev/null").assertFailed("mkjail: /dev/null: Invalid argument");
        mkjail("/etc/hosts/x").assertFailed("mkjail: /etc/hosts/x: No such file or directory");
        assertNoTree();
    }

    @Test
    void filesAndDirectoriesComeAlong() {
        outside.directory("below").file("below/deeper/file", "deeper\n").file("below/secret", "secret\n")
                .mode("below/secret", 0600);
        make("busybox", outside.path("file"), outside.path("below"), place + "/./outside//below/");
        assertEquals("outside\n", Host.read(tree.path(outside.path("file").toString().substring(1))));
        assertEquals("deeper\n", Host.read(tree.path(outside.path("below/deeper/file").toString().substring(1))));
        assertFalse(Files.exists(tree.path(outside.path("below/secret").toString().substring(1))));
    }

    @Test
    void namesOfAnyBytes() {
        assertEquals("ran", host.run("bash", "-ec", """
                cd "$0"
                for name in 'a b' $'a\\nb' $'\\xff\\xfe' $'\\e[31m' '-x' '$ORIGIN' 'x.so'; do
                    mkdir "./$name"
                    cp /bin/busybox "./$name/$name"
                    "$1" "$0/tree" "$0/$name/$name"
                    cmp "./$name/$name" "tree$0/$name/$name"
                    test -z "$("$1" -n "$0/tree" "$0/$name/$name")"
                    "$1" -n "$0/other" "./$name/$name" | LC_ALL=C grep -qv '[[:print:]]' && exit 1
                done
                cd tree$0
                test $(find . -type f | tr -cd / | wc -c) -ge 14
                echo ran
                """, place.toString(), MKJAIL).said());
    }

    @Test
    void linksThatLeadRoundInCircles() {
        outside.link("loop", "pool").link("pool", "loop").link("to-loop", "loop/x");
        mkjail(outside.path("loop")).assertFailed("mkjail: " + outside.path("loop") + ": Too many levels of symbolic links");
        mkjail(outside.path("to-loop"))
                .assertFailed("mkjail: " + outside.path("to-loop") + ": Too many levels of symbolic links");
        assertNoTree();
    }

    @Test
    void circlesInADirectoryAreNoneInItsCopy() {
        outside.directory("d/e").link("d/self", ".").link("d/e/up", "..").link("d/e/self", ".").link("d/loop", "loop")
                .link("d/e/root", "/").link("d/e/processes", "/proc").link("d/twin", "e").file("d/e/file", "file\n");
        make(outside.path("d"));
        var copy = outside.path("d").toString().substring(1);
        assertEquals(".", target(copy + "/self"));
        assertEquals("..", target(copy + "/e/up"));
        assertEquals("/", target(copy + "/e/root"));
        assertEquals("file\n", Host.read(tree.path(copy + "/twin/file")));
        assertFalse(Files.exists(tree.path("proc/version")));
        assertFalse(Files.exists(tree.path("usr/bin/env")));
    }

    private String target(String link) {
        try {
            return Files.readSymbolicLink(tree.path(link)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void treeIsNotCopiedIntoItself() {
        make("busybox", outside.path("file"));
        mkjail(place).assertFailed("mkjail: " + place + ": has the tree in it");
        mkjail(tree).assertFailed("mkjail: " + tree + ": has the tree in it");
    }

    @Test
    @Tag("long")
    void moreFilesThanThereIsRoomForAreRefused() {
        assertEquals("", host.run("sh", "-ec", "mkdir \"$0/many\"; cd \"$0/many\"; seq 100001 | xargs touch",
                place.toString()).said());
        mkjail(place.resolve("many")).assertFailed("mkjail: more than 100000 files");
        assertNoTree();
    }

    @Test
    void programThatIsCutOff() throws IOException {
        var program = Files.readAllBytes(Path.of("/bin/ls").toRealPath());
        for (int length : new int[] {4, 16, 64, 600}) {
            Files.write(outside.path("cut"), Arrays.copyOf(program, length));
            mkjail(outside.path("cut")).assertFailed("mkjail: " + outside.path("cut") + ": damaged ELF file");
        }
        assertNoTree();
    }

    @ParameterizedTest
    @ValueSource(strings = {"etc", "usr", "usr/bin", "usr/lib", "var", "root"})
    void directoryThatIsALinkOutOfTheTreeStaysInIt(String directory) {
        for (var target : List.of(outside.toString(), "../../../../../../../../../.." + outside)) {
            tree.directory("").directory(Path.of("x", directory).getParent().toString().substring(1).replaceFirst("^/", ""));
            tree.path(directory).toFile().delete();
            tree.link(directory, target);
            mkjail("ls").assertFailed("mkjail: " + tree + "/" + directory + ": Not a directory");
            assertOutsideIsAsItWas();
        }
        // with such a directory in the tree it serves
        var inside = outside.toString().substring(1);
        tree.directory(inside);
        make("ls");
        assertOutsideIsAsItWas();
        assertTrue(Files.isSymbolicLink(tree.path(directory)));
        assertEquals("hosts", host.jail(tree, "jail", ADDRESS, "ls", "/etc/hosts").said().replace("/etc/", ""));
    }

    @Test
    void fileThatIsALinkOutOfTheTreeIsReplaced() {
        tree.directory("usr/bin").link("usr/bin/ls", outside.path("file").toString()).directory("lib64")
                .link("usr/bin/.mkjail~", outside.path("file").toString());
        tree.path("lib64").toFile().delete();
        make("ls", "cat");
        assertFalse(Files.isSymbolicLink(tree.path("usr/bin/ls")));
        assertFalse(Files.exists(tree.path("usr/bin/.mkjail~"), LinkOption.NOFOLLOW_LINKS));
        assertOutsideIsAsItWas();
        assertEquals("/etc/hosts", host.jail(tree, "jail", ADDRESS, "ls", "/etc/hosts").said());
    }

    /** Somebody in the tree has a link out of it take the place of a directory, and the other way round, all the time. */
    @Test
    void directoryThatBecomesALinkMeanwhileLeadsNowhere() {
        make("ls");
        tree.link("link", outside.toString());
        var swapper = host.start(Tree.probe("swap").toString(), tree.path("usr/bin").toString(), tree.path("link").toString());
        assertEquals("swapped", swapper.line());
        int succeeded = 0;
        for (int i = 0; i < 15; i++) {
            var result = mkjail("ls", "cat", "sort", "true", "id", "env", "head", "tail", "wc", "uniq");
            succeeded += result.status() == 0 ? 1 : 0;
            assertTrue(result.status() <= 1 && result.errors().lines().count() <= 1, result.toString());
            assertOutsideIsAsItWas();
            for (var directory : List.of("usr/bin", "link")) {
                tree.path(directory + "/cat").toFile().delete();
                tree.path(directory + "/id").toFile().delete();
            }
        }
        assertTrue(swapper.isAlive(), swapper.errors());
        swapper.kill();
        assertOutsideIsAsItWas();
        assertTrue(succeeded < 15, "never in the way");
    }

    @Test
    void userDatabaseThatIsNoFileIsLeftAlone() {
        tree.directory("etc").link("etc/group", outside.path("file").toString()).link("etc/ld.so.cache", outside + "/cache");
        host.run("mkfifo", tree.path("etc/passwd").toString()).said();
        make("ls");
        assertEquals(0010644, tree.attribute("etc/passwd", "mode"));
        assertTrue(Files.isSymbolicLink(tree.path("etc/group")));
        assertOutsideIsAsItWas();
    }

    @ParameterizedTest
    @ValueSource(strings = {"passwd", "group", "ld.so.cache"})
    void listOfTheTreeThatIsTooLarge(String name) {
        outside.directory("lib");
        Tree.output("sh", "-ec", "cd $0; echo 'int own(void) { return 0; }' >own.c; gcc -shared -o lib/libown.so own.c; "
                + "echo 'int own(void); int main(void) { return own(); }' >main.c; gcc -o main main.c -Llib -lown; "
                + "rm own.c main.c", outside.toString());
        host.run("mount", "--bind", outside.path("lib").toString(), "/usr/local/lib").said();
        for (var make : List.of("truncate -s 1T $0", "yes '' | head -c 30000000 >$0")) {
            host.run("sh", "-c", make, tree.directory("etc").path("etc/" + name).toString()).said();
            mkjail(outside.path("main")).assertFailed("mkjail: " + tree + "/etc/" + name + ": File too large");
        }
        assertEquals(List.of(name), Host.list(tree.path("etc")));
        host.run("umount", "/usr/local/lib").said();
    }

    /** Programs that somebody else has made, whom a jail's root may be in league with. */
    @ParameterizedTest
    @ValueSource(strings = {
        "printf '#!%s\\n' $1/secret >program",
        "printf '#!/usr/bin/env %s\\n' $1/secret >program",
        "printf '#!%s\\n' $1/closed/open >program",
        "gcc -o program main.c -Wl,--dynamic-linker=$1/secret",
    })
    void programThatAsksForASecret(String make) {
        outside.file("secret", "secret\n").mode("secret", 0640).file("closed/open", "secret\n").mode("closed", 0700);
        Tree.output("sh", "-ec", "cd $1; echo 'int main(void) { return 0; }' >main.c; " + make
                + "; chmod 755 program", "sh", outside.toString());
        var secret = outside.path(make.contains("closed") ? "closed/open" : "secret");
        mkjail(outside.path("program")).assertFailed("mkjail: " + outside.path("program") + ": needs " + secret
                + ", which not everybody may read: name it before");
        assertNoTree();
        make(secret, outside.path("program"));
        assertEquals("secret\n", Host.read(tree.path(secret.toString().substring(1))));
    }

    @Test
    void directoryThatAsksForASecret() {
        outside.file("secret", "secret\n").mode("secret", 0640).file("closed/open", "secret\n").mode("closed", 0700)
                .directory("d/glibc-hwcaps/x86-64-v2").link("d/glibc-hwcaps/x86-64-v2/libc.so.6", outside.path("secret").toString())
                .link("d/link", outside.path("closed/open").toString());
        Tree.output("sh", "-ec", "cd $0; echo 'int main(void) { return 0; }' >main.c; "
                + "gcc -o d/program main.c -Wl,--dynamic-linker=$0/secret; gcc -o d/run main.c -Wl,-rpath,$0/d; "
                + "cp /lib/x86_64-linux-gnu/libc.so.6 d", outside.toString());
        make(outside.path("d"), outside.path("d/run"));
        assertFalse(Files.exists(tree.path(outside.path("secret").toString().substring(1))));
        assertTrue(Files.exists(tree.path(outside.path("d/libc.so.6").toString().substring(1))));
        assertFalse(Files.exists(tree.path(outside.path("closed/open").toString().substring(1))));
    }

    @Test
    void otherThingsInTheirPlaces() {
        tree.directory("").file("usr", "a file\n");
        mkjail("ls").assertFailed("mkjail: " + tree + "/usr: Not a directory");
        tree.path("usr").toFile().delete();
        tree.directory("usr/bin/ls");
        mkjail("ls").assertFailed("mkjail: " + tree + "/usr/bin/ls: Is a directory");
        assertEquals(List.of("ls"), Host.list(tree.path("usr/bin")));
        outside.file("tree", "");
        host.mkjail(outside.path("tree"), "ls").assertFailed("mkjail: " + outside.path("tree") + ": Not a directory");
        host.mkjail(outside.path("no/tree"), "ls").assertFailed("mkjail: mkdir " + outside.path("no/tree")
                + ": No such file or directory");
    }

    /** A tree on a file system of this size, in a mount namespace of its own; says what is in it afterwards. */
    private Result onSmallFileSystem(String before, String options, String programs) {
        return host.run("unshare", "--mount", "bash", "-c", """
                set -e
                mkdir "$0/small"
                mount -t tmpfs -o size=1m none "$0/small"
                cd "$0/small"
                %s
                mount -o remount,%s "$0/small"
                state() { find . -printf '%%p %%y %%i %%m %%U %%G %%T@ %%l\\n' | sort; find . -type f -exec cksum {} + | sort; }
                state >"$0/before"
                "$1" "$0/small/tree" %s || status=$?
                state >"$0/after"
                # times of directories, in which something was meanwhile
                diff <(sed -E 's/(.* d .*) [0-9.]+ $/\\1/' "$0/before") <(sed -E 's/(.* d .*) [0-9.]+ $/\\1/' "$0/after")
                exit $status
                """.formatted(before, options, programs), place.toString(), MKJAIL);
    }

    private void assertFailedThere(Result result, String message) {
        assertEquals("", result.out());
        assertTrue(result.errors().startsWith("mkjail: ") && result.errors().contains(place + "/small/tree")
                && result.errors().endsWith(": " + message + "\n") && result.errors().lines().count() == 1, result.errors());
        assertEquals(1, result.status());
    }

    @Test
    void fullFileSystemHasNoNewTreeAndAnOldOneAsItWas() {
        assertFailedThere(onSmallFileSystem(":", "size=1m", "bash"), "No space left on device");
        place.resolve("small").toFile().delete();
        assertFailedThere(onSmallFileSystem("mkdir -p tree/usr/bin; echo own >tree/usr/bin/own; "
                + "echo old >tree/usr/bin/bash; ln -s x tree/bin; mkdir tree/x", "size=1m", "bash"), "No space left on device");
    }

    /** A loader and its library are of use only together. */
    @Test
    void fullFileSystemHasNoneOfTheNewVersions() {
        outside.file("small", "new\n").file("large", "new\n".repeat(500_000));
        var there = "tree" + outside;
        assertFailedThere(onSmallFileSystem("mkdir -p " + there + "; echo old | tee " + there + "/small >" + there + "/large",
                "size=1m", outside.path("small") + " " + outside.path("large")), "No space left on device");
    }

    @Test
    void readOnlyFileSystem() {
        assertFailedThere(onSmallFileSystem(":", "ro", "bash"), "Read-only file system");
        place.resolve("small").toFile().delete();
        assertFailedThere(onSmallFileSystem("mkdir tree", "ro", "bash"), "Read-only file system");
    }

    @Test
    void oneThatIsKilledIsCompletedByTheNext() {
        var running = host.start(MKJAIL, tree.toString(), "python3");
        for (int i = 0; i < 500 && running.isAlive() && !Files.exists(tree.path("usr/lib/python3.11")); i++) {
            Host.pause();
        }
        running.kill();
        tree.file("usr/bin/.mkjail~", "half");
        tree.path("usr/bin/python3").toFile().delete();
        assertEquals(0, mkjail("python3").status());
        assertEquals("", Tree.output("find", tree.toString(), "-name", ".mkjail~"));
        assertEquals("", host.mkjail("-n", tree, "python3").said());
        assertEquals("1", host.jail(tree, "jail", ADDRESS, "python3", "-c", "import json; print(json.loads('1'))").said());
    }

    @Test
    void withoutRootItIsNotPermitted() {
        assertEquals("", host.run("sh", "-ec", "cp \"$0\" /run/mkjail; mkdir -m 777 /run/place", MKJAIL).said());
        host.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/run/mkjail", "/run/place/tree", "true")
                .assertFailed("mkjail: /run/place/tree: Operation not permitted");
        assertFalse(Files.exists(host.path("/run/place/tree")));
    }
}
