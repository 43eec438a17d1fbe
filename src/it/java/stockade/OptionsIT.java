package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line of jail(8). */
class OptionsIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";

    @RegisterExtension
    final Host host = new Host();

    static Stream<List<Object>> wrongCommandLines() {
        return Stream.of(
                List.of(),
                List.of(TREE),
                List.of(TREE, "jail", ADDRESS),
                List.of("relative/path", "jail", ADDRESS, "true"),
                List.of("-x", TREE, "jail", ADDRESS, "true"),
                List.of("-n"),
                List.of("-J"),
                List.of("-r"),
                List.of("-r", "-i", "www"),
                List.of("-r", "name=www"));
    }

    @ParameterizedTest
    @MethodSource("wrongCommandLines")
    void usage(List<Object> words) {
        var result = host.jail(words.toArray());
        assertEquals(1, result.status());
        assertEquals("", result.out());
        assertTrue(result.errors().contains("usage: jail ["), result.errors());
    }

    @Test
    void anIllegalOptionIsNamed() {
        assertTrue(host.jail("-x").errors().startsWith("jail: illegal option -- x\nusage: "));
        assertTrue(host.jail("-n").errors().startsWith("jail: option requires an argument -- n\nusage: "));
    }

    @Test
    void optionsEndBeforeThePath() {
        assertEquals("-i -v", host.jail("--", TREE, "jail", ADDRESS, "echo", "-i", "-v").said());
        assertEquals("-i -v", host.jail(TREE, "jail", ADDRESS, "echo", "-i", "-v").said());
    }

    @Test
    void jidIsPrintedBeforeTheCommandRuns() {
        var jail = host.startJail("-i", TREE, "jail", ADDRESS, "cat");
        int jid = Integer.parseInt(jail.line());
        assertEquals(jid + "", host.jls("jid").said());
        assertEquals("then the command", jail.type("then the command").end().out().lines().skip(1).findFirst().get());
    }

    @Test
    void jidFile() {
        var file = TREE.path("tmp/jid-file");
        var jid = host.jail("-i", "-J", file, TREE, "www.example.org", ADDRESS, "echo", "a b", "c").said().lines()
                .findFirst().orElseThrow();
        assertEquals(jid + "\t" + TREE + "\twww.example.org\t" + ADDRESS + "\techo \"a b\" c\n", Host.read(file));
        // it is there before the command is over
        int running = host.background(TREE, "10.7.0.3");
        var jail = host.startJail("-J", file, TREE, "www", ADDRESS, "sh", "-c", "echo up; cat");
        jail.line();
        assertTrue(Host.read(file).matches("[0-9]+\t.*\n"), Host.read(file));
        assertTrue(!Host.read(file).startsWith(running + "\t"));
        jail.end();
    }

    @Test
    void jidFileThatCanNotBeWrittenStopsEverything() {
        var result = host.jail("-J", "/nosuch/file", TREE, "jail", ADDRESS, "echo", "ran");
        assertEquals(1, result.status());
        assertEquals("", result.out());
        assertEquals("jail: open /nosuch/file: No such file or directory\n", result.errors());
    }

    @Test
    void quietAndVerbose() {
        assertEquals("ran", host.jail("-q", TREE, "jail", ADDRESS, "echo", "ran").said());
        assertEquals("ran", host.jail("-v", "-q", TREE, "jail", ADDRESS, "echo", "ran").said());
        assertEquals(List.of(
                "jail_set(JAIL_CREATE) persist name=www path=" + TREE + " host.hostname=web ip4.addr=" + ADDRESS,
                "created", "run command in jail: echo ran", "ran", "removed"),
                host.jail("-v", "-n", "www", TREE, "web", ADDRESS, "echo", "ran").said().lines().toList());
        assertTrue(host.jail("-v", "-U", "user", TREE, "web", ADDRESS, "true").said()
                .contains("run command in jail as user: true"));
    }

    @Test
    void verboseRemoval() {
        int jid = host.background(TREE, ADDRESS);
        assertEquals(jid + ": removed", host.jail("-v", "-r", jid).said());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "0", "1", "2", "3"})
    void securelevel(String level) {
        assertEquals("ran", host.jail("-s", level, TREE, "jail", ADDRESS, "echo", "ran").said());
    }

    @Test
    void wrongSecurelevels() {
        host.jail("-s", "x", TREE, "jail", ADDRESS, "echo", "ran")
                .assertFailed("jail: securelevel: non-integer value \"x\"");
        for (var level : List.of("4", "-2")) {
            host.jail("-s", level, TREE, "jail", ADDRESS, "echo", "ran")
                    .assertFailed("jail: securelevel: " + level + ": not between -1 and 3");
        }
    }

    @Test
    void names() {
        var first = host.startJail("-i", "-n", "www", TREE, "jail", ADDRESS, "cat");
        int jid = Integer.parseInt(first.line());
        assertEquals(jid + " www", host.jls("jid", "name").said());
        host.jail("-n", "www", TREE, "jail", "10.7.0.3", "echo", "ran").assertFailed("jail: \"www\" already exists");
        first.end();
        assertEquals("free again", host.jail("-n", "www", TREE, "jail", "10.7.0.3", "echo", "free again").said());
    }

    @ParameterizedTest
    @ValueSource(strings = {"web server", "a/b", "..", "50%", "ünïcode"})
    void oddNames(String name) {
        var jail = host.startJail("-n", name, TREE, "jail", ADDRESS, "sh", "-c", "echo up; cat");
        if (!jail.hasEnded()) {
            jail.line();
            assertEquals("in", host.jexec(name, "echo", "in").said());
            assertEquals(0, jail.end().status());
        } else {
            assertEquals(1, jail.end().status()); // refused, in one line
            assertEquals(1, jail.errors().lines().count(), jail.errors());
        }
    }

    @Test
    void aNumericNameIsAJid() {
        var jail = host.startJail("-i", "-n", "4711", TREE, "jail", ADDRESS, "cat");
        assertEquals("4711", jail.line());
        assertEquals("4711 4711", host.jls("jid", "name").said());
        host.jail("-n", "4711", TREE, "jail", "10.7.0.3", "true").assertFailed("jail: jail 4711 already exists");
        host.jail("-n", "40000", TREE, "jail", "10.7.0.3", "true")
                .assertFailed("jail: jid 40000: not between 1 and 32766");
        jail.end();
        host.jail("-n", "a", "-n", "b", TREE, "jail", ADDRESS, "true")
                .assertFailed("jail: cannot redefine parameter \"name\".");
    }

    @Test
    void withoutANameTheJidIsTheName() {
        int jid = host.background(TREE, ADDRESS);
        assertEquals(jid + "", host.jls("name").said());
    }

    @Test
    void cleanEnvironment() {
        var words = List.of(Host.BIN + "/jail", "-l", TREE.toString(), "jail", ADDRESS, "show", "environment");
        assertEquals(List.of("HOME=/root", "PATH=/bin:/usr/bin", "SHELL=/bin/sh", "TERM=vt100", "USER=root"),
                environment(host.start(words, Map.of("SECRET", "1", "TERM", "vt100")).end().said()));
        words = List.of(Host.BIN + "/jail", "-l", "-U", "user", TREE.toString(), "jail", ADDRESS, "sh", "-c",
                "pwd; exec show environment");
        var result = host.start(words, Map.of("SECRET", "1", "TERM", "vt100")).end().said();
        assertTrue(result.startsWith("/home/user\n"), result);
    }

    /** The variables that the probe shows in hexadecimal. */
    private static List<String> environment(String hex) {
        return hex.lines().map(line -> new String(HexFormat.of().parseHex(line))).sorted().toList();
    }

    @Test
    void withoutLTheEnvironmentIsTheCallers() {
        var words = List.of(Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS, "sh", "-c", "echo $MINE $HOME; pwd");
        assertEquals("1 /elsewhere\n/", host.start(words, Map.of("MINE", "1", "HOME", "/elsewhere")).end().said());
    }

    @Test
    void users() {
        // root's groups are dropped, whatever the caller's were
        assertEquals("uid 0 0 0 gid 0 0 0 groups", host.jail(TREE, "jail", ADDRESS, "show", "users").said().strip());
        assertEquals("uid 1000 1000 1000 gid 1000 1000 1000 groups 1000 2000",
                host.jail("-U", "user", TREE, "jail", ADDRESS, "show", "users").said());
        assertEquals("uid 1000 1000 1000 gid 1000 1000 1000 groups 1000 2000",
                host.jail("-U", "1000", TREE, "jail", ADDRESS, "show", "users").said());
        assertEquals("uid 65534 65534 65534 gid 65534 65534 65534 groups 65534",
                host.jail("-u", "nobody", TREE, "jail", ADDRESS, "show", "users").said());
        assertEquals("0000000000000000",
                host.jail("-U", "user", TREE, "jail", ADDRESS, "awk",
                "/CapEff/ {print $2}", "/proc/self/status").said());
        // each looks in its own database only
        host.jail("-U", "nobody", TREE, "jail", ADDRESS, "true").assertFailed("jail: nobody: no such user");
        host.jail("-u", "user", TREE, "jail", ADDRESS, "true").assertFailed("jail: user: no such user");
        host.jail("-u", "nosuch", TREE, "jail", ADDRESS, "true").assertFailed("jail: nosuch: no such user");
    }

    @Test
    void theHostnameCanHaveSixtyFourBytes() {
        var longest = "h".repeat(64);
        assertEquals(longest, host.jail(TREE, longest, ADDRESS, "hostname").said());
    }
}
