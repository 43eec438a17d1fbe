package stockade;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** To its caller, jail(8) is the command that it runs: data, arguments, environment, signals, status. */
class StdioIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";
    private static final String ALL_BYTES =
            IntStream.range(1, 256).mapToObj("%02x"::formatted).collect(Collectors.joining());

    @RegisterExtension
    final Host host = new Host();

    @Test
    void standardStreamsAreTheCallers() {
        var result = host.startJail(TREE, "jail", ADDRESS, "sh", "-c", "cat; echo error >&2").type("in").end();
        assertEquals("in", result.out());
        assertEquals("error\n", result.errors());
        assertEquals(0, result.status());
    }

    @Test
    void tenMegabytesPassUnharmed() {
        var data = new byte[10 << 20];
        new Random(1).nextBytes(data);
        var result = host.startJail(TREE, "jail", ADDRESS, "sh", "-c", "cat | cat").type(data).end();
        assertArrayEquals(data, result.output());
        assertEquals(0, result.status());
    }

    @Test
    void aReaderThatLeavesIsNoticed() {
        var pipeline = Host.BIN + "/jail " + TREE + " jail " + ADDRESS + " yes | head -n 1";
        assertEquals("y", host.run("sh", "-c", pipeline).said());
    }

    /** It is of the host's network still, and so would its name be, where a service of the host has it otherwise. */
    @Test
    void aSocketThatIsStandardInputTakesNoName() {
        var program = "import socket, subprocess, sys\nours, theirs = socket.socketpair()\nsubprocess.run(sys.argv[1:], stdin=theirs)";
        assertEquals("done", host.run("python3", "-c", program, Tree.probe("attack").toString(), "abstract", "service").said());
        assertEquals("EINVAL", host.run("python3", "-c", program, Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS, "attack", "abstract",
                "service").said());
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"})
    void aClosedStreamDoesNotMatter(String redirection) {
        var result = host.run("sh", "-c", "exec \"$@\" " + redirection, "sh", Host.BIN + "/jail", TREE.toString(),
                "jail", ADDRESS, "sh", "-c", "exit 3");
        assertEquals(3, result.status(), result.errors());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 255})
    void statusIsTheCommands(int status) {
        assertEquals(status, host.jail(TREE, "jail", ADDRESS, "sh", "-c", "exit " + status).status());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 9, 11, 15})
    void deathByASignalIs128AndMore(int signal) {
        assertEquals(128 + signal, host.jail(TREE, "jail", ADDRESS, "sh", "-c", "kill -" + signal + " $$").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP", "USR1", "USR2", "QUIT"})
    void signalsReachTheCommand(String signal) {
        var jail = host.startJail(TREE, "jail", ADDRESS, "sh", "-c",
                "trap 'echo got; exit 9' " + signal + "; echo up; while :; do sleep 0.02; done");
        assertEquals("up", jail.line());
        jail.signal(signal);
        assertEquals("got", jail.line());
        assertEquals(9, jail.end().status());
    }

    @Test
    void aSignalThatTheCommandDoesNotCatchEndsBoth() {
        var jail = host.startJail(TREE, "jail", ADDRESS, "sh", "-c", "echo up; exec tail -f /dev/null");
        jail.line();
        assertEquals(128 + 15, jail.signal("TERM").end().status());
    }

    @Test
    void theCommandStartsWithNoSignalBlockedOrIgnored() {
        var result = host.run("sh", "-c", "trap '' HUP USR1; exec \"$@\"", "sh", Host.BIN + "/jail", TREE.toString(),
                "jail", ADDRESS, "grep", "-E", "Sig(Blk|Ign)|ShdPnd", "/proc/self/status");
        assertEquals(List.of("ShdPnd:\t0000000000000000", "SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"),
                result.said().lines().toList());
    }

    @Test
    void everyByteIsAnArgument() {
        var result = host.run(Tree.probe("give").toString(), "bytes", Host.BIN + "/jail", TREE.toString(), "jail",
                ADDRESS, "show", "arguments");
        assertEquals(0, result.status(), result.errors());
        assertEquals(ALL_BYTES + "\n\n\n", result.out());
    }

    @Test
    void everyByteIsInTheEnvironment() {
        var result = host.run(Tree.probe("give").toString(), "bytes", Host.BIN + "/jail", TREE.toString(), "jail",
                ADDRESS, "show", "environment");
        assertTrue(result.said().lines().toList().contains("414c4c3d" + ALL_BYTES), result.out());
    }

    @Test
    void argumentsAndEnvironmentMayBeLong() {
        var words = IntStream.range(0, 2000).mapToObj(i -> "x".repeat(i % 50) + i).toList();
        var command = new ArrayList<String>(List.of(Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS,
                "sh", "-c", "echo $# ${#LONG} \"$2000\"; echo \"$@\" | md5sum", "sh"));
        command.addAll(words);
        var inside = host.start(command, Map.of("LONG", "y".repeat(100_000))).end().said();
        var outside = host.start(command.subList(4, command.size()), Map.of("LONG", "y".repeat(100_000))).end().said();
        assertEquals(outside, inside);
        assertTrue(inside.startsWith("2000 100000 "), inside);
    }

    @Test
    void umaskAndWorkingDirectory() {
        var result = host.run("sh", "-c", "umask 027; cd /tmp; exec \"$@\"", "sh", Host.BIN + "/jail", TREE.toString(),
                "jail", ADDRESS, "sh", "-c", "umask; pwd");
        assertEquals("0027\n/", result.said());
    }
}
