package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Jails that a jail.conf(5) declares, several at once. */
class JailConfIT {
    private static final Tree TREE = Tree.busybox();
    private static final String HOSTS = """
            path = "%s";
            host.hostname = "$name.example";
            $net = 10.7.0;
            exec.clean;
            persist;
            """.formatted(TREE);
    private static final String THREE = HOSTS + """
            www { ip4.addr = "${net}.2"; depend = db, cache; }
            db { ip4.addr = "$net.3"; }
            cache { ip4.addr = $net.4; depend = db; }
            """;

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    /** What runs in the jails does not end with those who started it. */
    @AfterEach
    void end() {
        host.jail("-q", "-R", "*");
    }

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void file() {
        file = directory.resolve("jail.conf");
    }

    private Result jail(String content, Object... words) throws IOException {
        Files.writeString(file, content);
        var all = new ArrayList<Object>(List.of("-f", file));
        all.addAll(Arrays.asList(words));
        return host.jail(all.toArray());
    }

    private void assertRunning(String... names) {
        assertEquals(String.join("\n", names), String.join("\n", host.jls("name").said().lines().sorted().toList()));
    }

    @Test
    void allAreMadeAndRemovedInTheOrderOfWhatTheyDependOn() throws IOException {
        assertEquals("db: created\ncache: created\nwww: created", jail(THREE, "-c").said());
        assertEquals("db.example\n10.7.0.3", host.jls("-j", "db", "host.hostname", "ip4.addr").said().replace(' ', '\n'));
        assertEquals("", jail(THREE, "-c").said(), "they run");
        assertEquals("www: removed\ncache: removed\ndb: removed", jail(THREE, "-r", "*").said());
        host.assertNothingLeft();
    }

    @Test
    void whatDependsOnAJailGoesWithIt() throws IOException {
        assertEquals("db: created\ncache: created", jail(THREE, "-c", "cache").said());
        jail(THREE, "-c", "www").said();
        assertEquals("www: removed\ncache: removed", jail(THREE, "-r", "cache").said());
        assertRunning("db");
        assertEquals("", host.jail("-R", "db").said());
        host.assertNothingLeft();
    }

    @Test
    void aJailThatFailsSkipsWhatDependsOnIt() throws IOException {
        var result = jail(HOSTS + "a { depend = b; }\nb { path = /nonexistent; }\nc { }", "-c");
        assertEquals("c: created\n", result.out());
        assertEquals("jail: b: path /nonexistent: No such file or directory\njail: a: skipped\n", result.errors());
        assertEquals(1, result.status());
        assertRunning("c");
    }

    @Test
    void loopsAndMissingOnes() throws IOException {
        var result = jail(HOSTS + "a { depend = b; }\nb { depend = a; }\n", "-c");
        assertEquals("jail: a: dependency loop\njail: b: skipped\n", result.errors());
        assertEquals(1, result.status());
        result = jail(HOSTS + "a { depend = nosuch; }\n", "-c");
        assertEquals("jail: a: depends on undefined jail \"nosuch\"\n", result.errors());
        assertEquals(1, result.status());
        jail(HOSTS, "-c", "nosuch").assertFailed("jail: \"nosuch\" not found");
        host.assertNothingLeft();
    }

    @Test
    void noMoreAtOnceThanAreAllowed() throws IOException {
        var slow = HOSTS + "exec.prestart = 'sleep 0.3';\na { }\nb { }\nc { }\n";
        long began = System.nanoTime();
        jail(slow, "-q", "-c").said();
        long parallel = System.nanoTime() - began;
        jail(slow, "-r", "*").said();
        began = System.nanoTime();
        jail(slow, "-q", "-p", "1", "-c").said();
        long single = System.nanoTime() - began;
        assertTrue(single >= 900_000_000L, "three sleeps one after the other take " + single + " ns");
        assertTrue(parallel < single, parallel + " < " + single + " ns");
    }

    /** One is killed while it runs a command, and then two have to run at once. */
    @Test
    void theSlotOfOneThatIsKilledIsFree() throws IOException {
        Files.writeString(file, HOSTS + """
                $d = %s;
                killed { exec.prestart = "touch $d/killed; kill -9 \\$PPID"; }
                before { exec.prestart = "until [ -e $d/killed ]; do sleep 0.05; done"; }
                one { depend = before; exec.prestart = "touch $d/one; until [ -e $d/other ]; do sleep 0.05; done"; }
                other { depend = before; exec.prestart = "touch $d/other; until [ -e $d/one ]; do sleep 0.05; done"; }
                """.formatted(directory));
        var result = host.run("timeout", "20", Host.BIN + "/jail", "-p", "2", "-f", file.toString(), "-c");
        assertEquals(List.of("before: created", "one: created", "other: created"), result.out().lines().sorted().toList());
        assertEquals("", result.errors());
        assertEquals(1, result.status());
    }

    /** Each of them is a process with a descriptor in the one that waits for it. */
    @Test
    void moreThanThereCanBeDescriptors() throws IOException {
        var many = new StringBuilder("path = " + TREE + ";\npersist;\n");
        for (int i = 0; i < 320; i++) {
            many.append("j").append(i).append(" { }\n");
        }
        Files.writeString(file, many);
        host.run("sh", "-c", "ulimit -n 300; exec " + Host.BIN + "/jail -q -f " + file + " -c").said();
        assertEquals(320, host.jls("name").said().lines().count());
        host.run("sh", "-c", "ulimit -n 300; exec " + Host.BIN + "/jail -q -f " + file + " -r '*'").said();
        host.assertNothingLeft();
    }

    @Test
    void everyErrorHasItsPlace() throws IOException {
        var result = jail("a {\n  path = /;\n  persist = maybe;\n  nosuch;\n  exec.start = \"$x\";\n}\nb { jid = www; persist; }\nc { } }\n",
                "-c");
        var where = "jail: " + file;
        assertEquals(where + " line 8 column 7: syntax error near \"}\"\n", result.errors());
        result = jail("a {\n  path = /;\n  persist = maybe;\n  nosuch;\n  exec.start = \"$x\";\n}\nb { jid = www; persist; }\n", "-c");
        for (var error : List.of("a: %s line 3 column 3: persist: ", "a: %s line 4 column 3: unknown parameter: nosuch",
                "a: %s line 5 column 3: exec.start: variable \"x\" not found", "b: %s line 7 column 5: jid: non-integer value \"www\"")) {
            assertTrue(result.errors().contains("jail: " + error.formatted(file)), error + " in " + result.errors());
        }
        assertEquals(4, result.errors().lines().count(), result.errors());
        assertEquals(1, result.status());
        host.assertNothingLeft();
    }

    @Test
    void otherFilesWildcardsAndNumbers() throws IOException {
        var included = Files.createDirectory(directory.resolve("jail.conf.d"));
        Files.writeString(included.resolve("1.conf"), "* { exec.start = \"echo all $name\"; }\nseven { jid = 7; }\n");
        Files.writeString(included.resolve("2.conf"), "8 { exec.start += \"echo eight $name\"; }\n");
        Files.writeString(included.resolve("3.other"), "not read {");
        var result = jail(HOSTS + ".include \"jail.conf.d/*.conf\";\n", "-q", "-c");
        assertEquals(List.of("all 8", "all seven", "eight 8"), result.said().lines().sorted().toList());
        assertEquals("7 seven\n8 8", host.jls("jid", "name").said());
    }

    @Test
    void standardInputAndWhatItDeclares() throws IOException {
        assertEquals("name=a|path=\"/x y\"|persist\nname=b|allow.mlock",
                host.run("sh", "-c", "echo 'a { path = \"/x y\"; persist; } b { allow.mlock; }' | " + Host.BIN
                        + "/jail -f - -e '|'").said());
        assertEquals("a: created", host.run("sh", "-c", "echo 'a { path = " + TREE + "; persist; }' | " + Host.BIN
                + "/jail -f - -c").said());
        assertRunning("a");
    }

    /** In whatever order they are asked for or declared: what would only be changed is made anew with what it depends on. */
    @Test
    void noJailRunsOnWhileWhatItDependsOnIsMadeAnew() throws IOException {
        var jails = List.of("web { depend = cache; }\n", "cache { depend = db; }\n", "db { $path }\n");
        int turn = 0;
        for (var asked : List.of(List.of(), List.of("db", "cache", "web"), List.of("web", "db"), List.of("web", "db", "cache", "web"))) {
            for (var flags : List.of("-mr", "-cmr")) {
                var order = turn++ % 2 == 0 ? String.join("", jails) : jails.get(2) + jails.get(1) + jails.get(0);
                var before = HOSTS + order.replace("$path", "");
                var after = HOSTS + order.replace("$path", "path = " + TREE + "/bin;");
                assertEquals("db: created\ncache: created\nweb: created", jail(before, "-c").said());
                var words = new ArrayList<Object>(List.of(flags));
                words.addAll(asked);
                assertEquals("web: removed\ncache: removed\ndb: removed\ndb: created\ncache: created\nweb: created",
                        jail(after, words.toArray()).said(), asked + " of " + order);
                assertEquals("web: updated\ncache: updated\ndb: updated".lines().sorted().toList(),
                        jail(after, flags).said().lines().sorted().toList());
                jail(after, "-q", "-r", "*").said();
            }
        }
    }

    @Test
    void whatIsOnlyToBeChangedIsNotMade() throws IOException {
        var file = HOSTS + "web { depend = db; }\ndb { $path }\n";
        assertEquals("db: created", jail(file.replace("$path", ""), "-c", "db").said());
        assertEquals("db: removed\ndb: created", jail(file.replace("$path", "path = " + TREE + "/bin;"), "-mr").said());
        assertRunning("db");
    }

    @Test
    void madeChangedAndMadeAnew() throws IOException {
        var first = HOSTS + "www { ip4.addr = 10.7.0.2; allow.mlock; }\n";
        var second = HOSTS + "www { ip4.addr = 10.7.0.2; allow.nomlock; host.hostname = other; }\n";
        var third = HOSTS + "www { ip4.addr = 10.7.0.2; path = " + TREE + "/bin; }\n";
        jail(first, "-m", "www").assertFailed("jail: \"www\" not found");
        assertEquals("www: created", jail(first, "-cm").said());
        int jid = Integer.parseInt(host.jls("jid").said());
        assertEquals("www: updated", jail(second, "-cm").said());
        assertEquals(jid + " other false", host.jls("jid", "host.hostname", "allow.mlock").said());
        jail(third, "-m").assertFailed("jail: www: path cannot be changed after creation");
        assertEquals("www: removed\nwww: created", jail(third, "-mr").said());
        assertEquals((jid + 1) + " " + TREE + "/bin", host.jls("jid", "path").said());
        assertEquals("www: updated", jail(third, "-mr").said());
        assertEquals("www: removed\nwww: created", jail(second, "-cmr").said());
        assertEquals("www: removed\nwww: created", jail(second, "-rc").said());
        assertEquals((jid + 3) + "", host.jls("jid").said());
        assertEquals("www: removed", jail(second, "-r", "www").said());
        jail(second, "-rc", "www").assertFailed("jail: \"www\" not found");
        assertEquals("www: created", jail(second, "-cmr").said());
        assertEquals("", host.jail("-R", "www").said());
        host.assertNothingLeft();
    }
}
