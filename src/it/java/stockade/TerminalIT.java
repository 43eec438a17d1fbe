package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command whose caller has a terminal gets one of the jail's own. */
class TerminalIT {
    private static final Tree TREE = Tree.busybox().program("/usr/bin/bash");
    private static final String ADDRESS = "10.7.0.2";

    @RegisterExtension
    final Host host = new Host();

    /** Runs a shell command of the host on a terminal; its first line on stderr is the terminal's path. */
    private Running onTerminal(String command) {
        return host.start(Tree.probe("pty").toString(), "33", "77", "sh", "-c", command);
    }

    private static String jail(String... command) {
        var words = new ArrayList<>(List.of(Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS));
        for (var word : command) {
            words.add("'" + word.replace("'", "'\\''") + "'");
        }
        return String.join(" ", words);
    }

    /** What a command in a jail on a terminal shows, with a line's end as a program writes it. */
    private String shown(String... command) {
        var result = onTerminal(jail(command)).end();
        assertEquals(0, result.status(), result.toString());
        return result.out().replace("\r\n", "\n").strip();
    }

    private static String terminal(Running running) {
        for (int i = 0; i < 500 && !running.errors().contains("\n"); i++) {
            Host.pause();
        }
        return running.errors().lines().findFirst().orElseThrow();
    }

    @Test
    void theTerminalIsTheJailsOwn() {
        assertTrue(shown("tty").matches("/dev/pts/[0-9]+"));
        assertEquals("yes", shown("sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo yes"));
        var fileSystem = "stat -Lc %d $(tty)";
        var both = onTerminal(fileSystem + "; " + jail("sh", "-c", fileSystem)).end().out().strip().split("\r\n");
        assertEquals(2, both.length);
        assertNotEquals(both[0], both[1], "the file systems of the host's and the jail's terminals");
    }

    /** What relays it is no background job, which the terminal would stop. */
    @Test
    void aCommandThatIsGivenOnlySoMuchTimeHasOneToo(@TempDir Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("jail.conf"), "w { path = " + TREE + "; exec.timeout = 20; command = tty; }\n");
        var result = onTerminal(Host.BIN + "/jail -q -f " + file + " -c w").end();
        assertEquals(0, result.status(), result.toString());
        assertTrue(result.out().strip().matches("/dev/pts/[0-9]+"), result.toString());
    }

    @Test
    void withoutATerminalThereIsNone() {
        assertEquals("not a tty", host.jail(TREE, "jail", ADDRESS, "sh", "-c", "tty; true").said());
        assertEquals("ENXIO", host.jail(TREE, "jail", ADDRESS, "attack", "open", "/dev/tty").said());
    }

    @Test
    void noDescriptorOfTheHostsTerminalIsInTheJail() {
        // every descriptor of every process of the jail that is a terminal is on the jail's own devpts
        var devices = shown("sh", "-c", "stat -c %d /dev/pts; for fd in /proc/[0-9]*/fd/*; do"
                + " case $(readlink $fd) in /dev/pts/*|*tty*) stat -Lc %d $fd;; esac; done | sort -u");
        var lines = devices.lines().toList();
        assertEquals(2, lines.size(), devices);
        assertEquals(lines.get(0), lines.get(1));
        var jail = onTerminal(Host.BIN + "/jail -i " + TREE + " jail " + ADDRESS + " cat");
        int jid = Integer.parseInt(jail.line().strip());
        host.process(jid, "cat");
        for (long pid : host.processes(jid)) {
            var open = host.run("sh", "-c", "for fd in /proc/" + pid + "/fd/*; do stat -Lc %d $fd; done").out();
            var hosts = host.run("stat", "-c", "%d", "/dev/pts").said();
            assertFalse(open.lines().toList().contains(hosts), "process " + pid + " has a terminal of the host");
        }
    }

    @Test
    void jexecToo() {
        int jid = host.background(TREE, "10.7.0.3");
        var result = onTerminal(Host.BIN + "/jexec " + jid + " sh -c 'tty; stty size'").end();
        assertTrue(result.out().matches("/dev/pts/[0-9]+\r\n33 77\r\n"), result.toString());
    }

    @Test
    void typingReachesTheCommand() {
        var jail = onTerminal(jail("sh", "-c", "echo ready; read line; echo \"<$line>\"; exit 4"));
        jail.await("ready").type("hello\r").await("<hello>");
        assertEquals(4, jail.end().status());
    }

    @Test
    void windowSizePassesAndFollows() {
        var jail = onTerminal(jail("bash", "-c",
                "trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.02; done"));
        jail.await("33 77").await("ready");
        host.run("stty", "-F", terminal(jail), "rows", "44", "columns", "99").said();
        jail.await("44 99");
    }

    @Test
    void interruptReachesTheForegroundJob() {
        var jail = onTerminal(jail("bash", "--norc", "-i"));
        jail.await("[$#] $").type("PS1=; sleep 600; echo status $?\r");
        jail.await("status \\$\\?");
        awaitJob("sleep");
        jail.type("\003").await("\\^C");
        jail.type("echo interrupted $?\r").await("interrupted 130");
        jail.type("exit 5\r");
        assertEquals(5, jail.end().status());
    }

    private void awaitJob(String name) {
        int jid = Integer.parseInt(host.jls("jid").said());
        host.process(jid, name);
        for (int i = 0; i < 10; i++) {
            Host.pause(); // until the shell has made it the foreground job
        }
    }

    @Test
    void jobControl() {
        var jail = onTerminal(jail("bash", "--norc", "-i"));
        jail.await("[$#] $").type("sleep 600\r");
        awaitJob("sleep");
        jail.type("\032").await("Stopped\\s+sleep 600");
        jail.type("jobs -s | wc -l | sed s/^/count-/\r").await("count-1");
        jail.type("fg\r").await("(?s)Stopped.*\r\nsleep 600\r\n");
        awaitJob("sleep");
        jail.type("\003").type("echo after $?\r").await("after 130");
        jail.type("exit 0\r");
        assertEquals(0, jail.end().status());
        assertFalse(jail.out().contains("no job control"), jail.out());
    }

    @Test
    void endOfInputIsControlD() {
        var jail = onTerminal(jail("sh", "-c", "echo ready; cat; echo over"));
        jail.await("ready").type("\004").await("over");
        assertEquals(0, jail.end().status());
    }

    @Test
    void stdoutAloneCanBeATerminal() {
        var result = onTerminal("printf 'a\\nb\\n' | "
                + jail("sh", "-c", "test -t 1 && echo yes; test -t 0 || echo no; cat")).end();
        assertEquals("yes\r\nno\r\na\r\nb\r\n", result.out());
        assertEquals(0, result.status());
    }

    @Test
    void stdinAloneCanBeATerminal() {
        var file = TREE.path("tmp/output");
        var result = onTerminal(jail("sh", "-c", "test -t 0 && echo yes; test -t 1 || echo no") + " > " + file).end();
        assertEquals(0, result.status(), result.toString());
        assertEquals("yes\nno\n", Host.read(file));
    }

    /** More at once than a terminal holds, to a command that answers all of it. */
    @Test
    void pastingAndAnsweringDoNotWaitForEachOther() {
        var jail = onTerminal(jail("sh", "-c", "stty raw -echo; echo ready; head -c 500000"));
        jail.await("ready");
        jail.type("0123456789".repeat(50_000));
        var result = jail.end();
        assertEquals(0, result.status());
        assertEquals("0123456789".repeat(50_000), result.out().substring(result.out().indexOf('0')));
    }

    @Test
    void outputIsWhole() {
        var result = onTerminal(jail("seq", "100000")).end();
        assertEquals(0, result.status());
        assertEquals(100_000, result.out().lines().count());
        assertTrue(result.out().endsWith("\r\n100000\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "nosuch", "sh -c 'kill -9 $$'"})
    void theCallersTerminalIsAsBefore(String command) {
        var result = onTerminal("stty -g; " + Host.BIN + "/jail " + TREE + " jail " + ADDRESS + " " + command
                + " 2>/dev/null; stty -g").end();
        var lines = result.out().strip().split("\r\n");
        assertEquals(lines[0], lines[lines.length - 1]);
    }

    /** That none has it open, and then one has, can come between what is asked and what is read. */
    @Test
    void theTerminalCanBeClosedAndOpenedAgain() {
        int jid = host.background(TREE, "10.7.0.3");
        for (int i = 0; i < 20; i++) {
            var result = onTerminal(Host.BIN + "/jexec " + jid + " bash -c 't=$(tty); exec 0<&- 1>&- 2>&-;"
                    + " for ((i = 0; i < 5000; i++)); do : >$t; done; exit 3'").end();
            assertEquals(3, result.status(), result.toString());
        }
    }

    @Test
    void aPagerKeepsTheKeys() {
        int jid = host.background(TREE, "10.7.0.3");
        var pager = onTerminal(Host.BIN + "/jexec " + jid + " sh -c 'echo text; exec tail -f /dev/null' | { read line;"
                + " stty -icanon -echo </dev/tty; echo page $line; dd bs=1 count=20 2>/dev/null </dev/tty | tr a A;"
                + " stty icanon echo </dev/tty; }; exit 4");
        pager.await("page text");
        for (int i = 0; i < 20; i++) {
            pager.type("a");
            Host.pause();
        }
        pager.await("A{20}");
        host.jexec(jid, "killall", "tail").said();
        assertEquals(4, pager.end().status());
    }

    @Test
    void aPipelinesTerminalStaysAsItIs() {
        int jid = host.background(TREE, "10.7.0.3");
        var pipeline = onTerminal("stty -g; " + Host.BIN + "/jexec " + jid + " sh -c 'echo text; read line'"
                + " | { read line; stty -g </dev/tty; echo seen; }");
        pipeline.await("seen").type("\r");
        var lines = pipeline.end().out().split("\r*\n");
        assertEquals(lines[0], lines[1]);
    }

    /** By dd: busybox's cat lets sendfile(2) keep lines of a terminal back from a pipe. */
    @Test
    void linesCanBeTypedIntoAPipeline() {
        int jid = host.background(TREE, "10.7.0.3");
        var copy = onTerminal(Host.BIN + "/jexec " + jid + " sh -c 'echo ready; test -t 0 && dd bs=100 2>/dev/null'"
                + " | while read line || test $line; do echo \"<$line>\"; done");
        copy.await("<ready>").type("hello\r").await("<hello>").type("half\004").await("half").type("\004");
        assertEquals("<ready>\r\nhello\r\n<hello>\r\nhalf<half>\r\n", copy.end().out());
    }

    @Test
    void aPasswordTypedIntoAPipelineIsNotShown() {
        int jid = host.background(TREE, "10.7.0.3");
        var cat = onTerminal("stty -g; " + Host.BIN + "/jexec " + jid + " bash -c 'read -s -p Password: word; echo over >&2;"
                + " echo [$word]; read line' | cat; stty -g");
        cat.await("Password:");
        for (int i = 0; i < 500 && !host.run("stty", "-F", terminal(cat), "-a").said().contains(" -echo "); i++) {
            Host.pause();
        }
        cat.type("secret\r").await("over").await("\\[secret\\]").type("\004");
        var lines = cat.end().out().strip().split("\r*\n");
        assertFalse(cat.out().replace("[secret]", "").contains("secret"), cat.out());
        assertEquals(lines[0], lines[lines.length - 1]);
    }

    @Test
    void typingReachesACommandWhoseOutputIsAFile() {
        var file = TREE.path("tmp/typed");
        var jail = onTerminal(jail("sh", "-c", "echo ready >&2; cat") + " > " + file);
        jail.await("ready").type("hello\r\004");
        assertEquals(0, jail.end().status());
        assertEquals("hello\n", Host.read(file));
    }

    /** Nothing else tells of it: it is another session's, and not read from. */
    @Test
    void theCommandIsToldThatNobodySeesItsOutput() {
        int jid = host.background(TREE, "10.7.0.3");
        var jexec = onTerminal("sleep 600 | setsid " + Host.BIN + "/jexec " + jid
                + " sh -c 'while echo more; do sleep 0.02; done'");
        jexec.await("more");
        var command = Path.of("/proc/" + host.process(jid, "sh"));
        jexec.kill();
        for (int i = 0; i < 500 && Files.exists(command); i++) {
            Host.pause();
        }
        assertFalse(Files.exists(command), "the command goes on");
    }

    @Test
    void theCallersTerminalIsAsBeforeACommandThatTookTooLong(@TempDir Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("jail.conf"),
                "w { path = " + TREE + "; exec.timeout = 2; command = 'echo up; sleep 600'; }\n");
        var result = onTerminal("stty -g; " + Host.BIN + "/jail -q -f " + file + " -c w; stty -g").end();
        var lines = result.out().strip().split("\r+\n");
        assertTrue(result.out().contains("timed out"), result.toString());
        assertEquals(lines[0], lines[lines.length - 1], result.toString());
    }

    /** Both happen while jail is stopped, so that it finds them at the same time. */
    @Test
    void whatIsTypedWhenTheCommandEndsDoesNoHarm() {
        var jail = onTerminal("echo pid $$; exec " + jail("sh", "-c", "trap '' HUP; sleep 600 >/dev/null 2>&1 </dev/null &"
                + " echo ready; exec cat"));
        jail.await("ready");
        var pid = jail.out().replaceFirst("(?s).*pid ([0-9]+).*", "$1");
        var jid = host.jls("jid").said();
        host.run("kill", "-s", "STOP", pid).said();
        jail.type("x");
        host.jexec(jid, "killall", "cat").said();
        while (host.jexec(jid, "pidof", "cat").status() == 0) {
            Host.pause();
        }
        host.run("kill", "-s", "CONT", pid).said();
        var result = jail.end();
        assertEquals(128 + 15, result.status(), result.toString());
        assertEquals(jid, host.jls("jid").said());
        host.jail("-r", jid).said();
    }

    @Test
    void aHungUpTerminalEndsTheCommand() {
        var jail = onTerminal(jail("sh", "-c", "echo ready; exec cat"));
        jail.await("ready");
        jail.kill(); // the terminal's other end is gone
        host.assertNothingLeft();
    }

    @Test
    void suspendedJailCanBeContinued() {
        var jail = host.startJail(TREE, "jail", ADDRESS, "sh", "-c", "echo ready; read line; echo \"<$line>\"");
        jail.await("ready").signal("TSTP");
        for (int i = 0; i < 20; i++) {
            Host.pause();
        }
        jail.signal("CONT").type("hello\n").await("<hello>");
        assertEquals(0, jail.end().status());
    }
}
