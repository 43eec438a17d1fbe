package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How jails begin and end, and what jexec does in between. */
class LifeIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";
    private static final String BACKGROUND = "sleep 600 >/dev/null 2>&1 </dev/null & ";

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    /** A jail without a jail(8) that waits for it: its command has ended, a process lives on. */
    private int withoutCommand() {
        var result = host.jail("-i", "-n", "www", TREE, "jail", ADDRESS, "sh", "-c", BACKGROUND + "exit 5");
        assertEquals("", result.errors());
        assertEquals(5, result.status());
        return Integer.parseInt(result.out().strip());
    }

    @Test
    void aJailIsGoneWhenItsCommandReturns() {
        for (int i = 0; i < 50; i++) {
            assertEquals("", host.jail(TREE, "jail", ADDRESS, "true").said());
            assertEquals(List.of(), Host.list(host.path("/run/stockade/jail")), "run " + i);
        }
        for (int i = 0; i < 20; i++) {
            assertEquals(1, host.jail(TREE, "jail", ADDRESS, "nosuch").status());
            assertEquals(List.of(), Host.list(host.path("/run/stockade/jail")), "failed run " + i);
        }
    }

    @Test
    void aJailStaysAsLongAsItHasAProcess() {
        int jid = withoutCommand();
        assertEquals(jid + " www", host.jls("jid", "name").said());
        assertEquals("in", host.jexec("www", "echo", "in").said());
        assertEquals("in", host.jexec(jid, "echo", "in").said());
        assertTrue(host.addresses().contains(ADDRESS));
        host.jexec(jid, "killall", "sleep").said();
        host.assertNothingLeft();
        assertEquals("", host.jls("jid").said());
    }

    @Test
    void theLastJexecEndsTheJail() {
        int jid = withoutCommand();
        var last = host.start(Host.BIN + "/jexec", jid + "", "sh", "-c", "echo up; read x; exit 7");
        last.line();
        host.jexec(jid, "killall", "sleep").said();
        while (host.jexec(jid, "pidof", "sleep").status() == 0) {
            Host.pause(); // a machine under load takes its time to end it
        }
        assertEquals(jid + "", host.jls("jid").said());
        assertEquals(7, last.end().status());
        assertEquals("", host.jls("jid").said());
    }

    @Test
    void theHostsNisDomainIsNotTheJails() {
        host.run("sh", "-c", "echo nis.example >/proc/sys/kernel/domainname").said();
        assertEquals("nis.example", host.run("cat", "/proc/sys/kernel/domainname").said());
        assertEquals("", host.jail(TREE, "jail", "", "cat", "/proc/sys/kernel/domainname").said());
        assertEquals("nis.example", host.run("cat", "/proc/sys/kernel/domainname").said());
    }

    @Test
    void orphansAreReaped() {
        int jid = host.background(TREE, ADDRESS);
        host.jexec(jid, "sh", "-c", "for i in 1 2 3 4 5; do (sleep 0.01 &) ; done; sleep 0.2").said();
        assertEquals("0", host.jexec(jid, "sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status | wc -l").said());
    }

    @Test
    void theWholeHostCanBeTheTree() {
        assertEquals("", wholeHost("/bin/true"));
        assertEquals("uid=0(root) gid=0(root) groups=0(root)", wholeHost("id"));
        assertEquals("1", wholeHost("sh", "-c", "ls /proc | grep -c '^1$'"));
        assertEquals("jail", wholeHost("hostname"));
    }

    private String wholeHost(String program, String... arguments) {
        return host.jail(Stream.concat(Stream.of("-c", "host.hostname=jail", "ip4.addr=" + ADDRESS, "allow.exposed_path",
                "command=" + program), Stream.of(arguments)).toArray()).said();
    }

    @Test
    void jexecReturnsTheCommandsStatus() {
        int jid = host.background(TREE, ADDRESS);
        for (int status : List.of(0, 3, 255)) {
            assertEquals(status, host.jexec(jid, "sh", "-c", "exit " + status).status());
        }
        assertEquals(128 + 15, host.jexec(jid, "sh", "-c", "kill -TERM $$").status());
    }

    @Test
    void jexecPassesDataThrough() {
        int jid = host.background(TREE, ADDRESS);
        var cat = host.start(Host.BIN + "/jexec", jid + "", "sh", "-c", "cat; echo error >&2").type("in and out");
        var result = cat.end();
        assertEquals("in and out", result.out());
        assertEquals("error\n", result.errors());
    }

    @Test
    void jexecOptions() {
        int jid = host.background(TREE, ADDRESS);
        assertEquals("/tmp", host.jexec("-d", "/tmp", jid, "pwd").said());
        host.jexec("-d", "/nosuch", jid, "pwd").assertFailed("jexec: chdir /nosuch: No such file or directory");
        assertEquals(List.of("HOME=/root", "PATH=/bin:/usr/bin", "SHELL=/bin/sh", "USER=root"), host.start(
                List.of(Host.BIN + "/jexec", "-l", jid + "", "sh", "-c",
                        "env | grep -v -e PWD -e SHLVL -e TERM | sort"),
                Map.of("SECRET", "1")).end().said().lines().toList());
        assertEquals("/root", host.jexec("-l", jid, "pwd").said());
        assertEquals("uid 1000 1000 1000 gid 1000 1000 1000 groups 1000 2000",
                host.jexec("-U", "user", jid, "show", "users").said());
        // the host's nobody, whom the jail does not know
        assertEquals("uid 65534 65534 65534 gid 65534 65534 65534 groups 65534",
                host.jexec("-u", "nobody", jid, "show", "users").said());
        host.jexec("-U", "nobody", jid, "true").assertFailed("jexec: nobody: no such user");
        host.jexec("-u", "nosuch", jid, "true").assertFailed("jexec: nosuch: no such user");
        assertEquals("/", host.jexec(jid, "pwd").said());
    }

    @Test
    void jexecWithoutACommandRunsAShell() {
        int jid = host.background(TREE, ADDRESS);
        var shell = host.start(List.of(Host.BIN + "/jexec", jid + ""), Map.of("SHELL", "/bin/sh"));
        assertTrue(shell.type("hostname\n").end().out().contains("jail.example.org"));
    }

    @Test
    void jexecFailures() {
        host.jexec("www", "true").assertFailed("jexec: jail \"www\" not found");
        host.jexec("4711", "true").assertFailed("jexec: jail 4711 not found");
        int jid = host.background(TREE, ADDRESS);
        host.jexec(jid, "nosuch").assertFailed("jexec: exec nosuch: No such file or directory");
        host.jexec(jid, "/etc/passwd").assertFailed("jexec: exec /etc/passwd: Permission denied");
        for (var words : List.of(List.of(), List.of("-x", jid, "true"),
                List.of("-u", "root", "-U", "root", jid, "true"))) {
            var result = host.jexec(words.toArray());
            assertEquals(1, result.status());
            assertTrue(result.errors().contains("usage: jexec "), result.errors());
        }
        assertEquals("still here", host.jexec(jid, "echo", "still here").said());
    }

    @Test
    void killingJexecKillsItsCommandAndNotTheJail() {
        int jid = host.background(TREE, ADDRESS);
        var jexec = host.start(Host.BIN + "/jexec", jid + "", "sh", "-c", "echo up; exec tail -f /dev/null");
        jexec.line();
        long tail = host.process(jid, "tail");
        jexec.signal("KILL").end();
        awaitEnd(tail);
        assertEquals("still here", host.jexec(jid, "echo", "still here").said());
    }

    private static void awaitEnd(long pid) {
        for (int i = 0; i < 200 && isAlive(pid); i++) {
            Host.pause();
        }
        assertFalse(isAlive(pid), "process " + pid + " is still there");
    }

    private static boolean isAlive(long pid) {
        try {
            return !Files.readString(Path.of("/proc/" + pid + "/status")).contains("\nState:\tZ");
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP", "USR1"})
    void signalsToJexecReachItsCommand(String signal) {
        int jid = host.background(TREE, ADDRESS);
        var jexec = host.start(Host.BIN + "/jexec", jid + "", "sh", "-c",
                "trap 'echo got; exit 9' " + signal + "; echo up; while :; do sleep 0.02; done");
        assertEquals("up", jexec.line());
        jexec.signal(signal);
        assertEquals("got", jexec.line());
        assertEquals(9, jexec.end().status());
    }

    /** As nohup(1) has it, and shells have it for what runs in the background. */
    @ParameterizedTest
    @ValueSource(strings = {"HUP", "INT", "QUIT"})
    void whatTheCallerIgnoresIsNotForItsCommand(String signal) {
        int jid = host.background(TREE, ADDRESS);
        var jexec = host.start("sh", "-c", "trap '' " + signal + "; exec " + Host.BIN + "/jexec " + jid + " sh -c"
                + " \"trap 'echo got; exit 9' " + signal + "; trap 'exit 7' TERM; echo up; while :; do sleep 0.02; done\"");
        assertEquals("up", jexec.line());
        jexec.signal(signal).signal("TERM");
        var result = jexec.end();
        assertEquals("up\n", result.out());
        assertEquals(7, result.status());
    }

    @Test
    void signalsEndJailAgainWhenItsCommandHasEnded() {
        var jail = host.startJail("-q", "-c", "path=" + TREE, "persist",
                "exec.poststart=echo up; while kill -0 $PPID 2>/dev/null; do sleep 0.02; done", "command=true");
        assertEquals("up", jail.line());
        assertTrue(jail.signal("TERM").hasEnded());
        host.assertNothingLeft();
    }

    @Test
    void killingJailKillsTheJail() {
        var jail = host.startJail("-i", TREE, "jail", ADDRESS, "sh", "-c", "echo up; exec tail -f /dev/null");
        int jid = Integer.parseInt(jail.line());
        jail.line();
        var processes = host.processes(jid);
        assertEquals(3, processes.size());
        jail.signal("KILL").end();
        host.assertNothingLeft();
        processes.forEach(LifeIT::awaitEnd);
    }

    @Test
    void killingJailSparesABackgroundProcess() {
        var jail = host.startJail("-i", TREE, "jail", ADDRESS, "sh", "-c",
                BACKGROUND + "echo up; exec tail -f /dev/null");
        int jid = Integer.parseInt(jail.line());
        jail.line();
        long tail = host.process(jid, "tail");
        jail.signal("KILL").end();
        awaitEnd(tail);
        assertEquals("jail-init sleep", host.jexec(jid, "sh", "-c",
                "echo $(cat /proc/1/comm) $(pidof sleep >/dev/null && echo sleep)").said());
        host.jail("-r", jid).said();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jid", "name"})
    void removal(String by) {
        int jid = withoutCommand();
        assertEquals("", host.jail("-r", by.equals("jid") ? jid : "www").said());
        assertEquals(List.of(), Host.list(host.path("/run/stockade/jail")));
        assertEquals("", host.jls("jid").said());
        assertFalse(host.addresses().contains(ADDRESS));
        host.jail("-r", "www").assertFailed("jail: \"www\" not found");
    }

    @Test
    void removalEndsTheWaitingJail() {
        var jail = host.startJail("-n", "www", TREE, "jail", ADDRESS, "sh", "-c", "trap 'exit 6' TERM; echo up;"
                + " while :; do sleep 0.02; done");
        jail.line();
        host.jail("-r", "www").said();
        assertEquals(6, jail.end().status());
    }

    @Test
    void removalOfSeveralSaysWhichOnesAreMissing() {
        int first = host.background(TREE, ADDRESS);
        int second = host.background(TREE, "10.7.0.3");
        var result = host.jail("-r", first, "nosuch", second);
        assertEquals(1, result.status());
        assertEquals("jail: \"nosuch\" not found\n", result.errors());
        assertEquals(List.of(first + ": removed", second + ": removed"), result.out().lines().sorted().toList());
        host.assertNothingLeft();
    }

    /** Some of them find most jails gone that they have seen. */
    @Test
    void severalCanRemoveAllAtOnce() {
        for (int i = 0; i < 40; i++) {
            host.jail("-c", "path=" + TREE, "persist", "name=j" + i).said();
        }
        var removals = Stream.of("*", "*", "*").map(all -> host.startJail("-R", all)).toList();
        removals.forEach(removal -> removal.end().said());
        host.assertNothingLeft();
    }

    /** Both take ten seconds for SIGTERM, so they do it together. */
    @Test
    void removalKillsWhatDoesNotEnd() {
        var stubborn = host.startJail("-i", TREE, "jail", ADDRESS, "sh", "-c",
                "trap '' TERM; echo up; exec tail -f /dev/null");
        int deaf = Integer.parseInt(stubborn.line());
        stubborn.line();
        var stopped = host.startJail("-i", TREE, "jail", "10.7.0.3", "sleep", "600");
        int still = Integer.parseInt(stopped.line());
        signal(host.process(still, "jail-init"), "STOP");
        long before = System.nanoTime();
        var removals = Stream.of(deaf, still).map(jid -> host.start("sh", "-c", "echo \"$1 { stop.timeout = 4; }\" | $0 -q -f - -r $1",
                Host.BIN + "/jail", "" + jid)).toList();
        removals.forEach(removal -> removal.end().said());
        long seconds = (System.nanoTime() - before) / 1_000_000_000;
        assertTrue(seconds >= 3 && seconds <= 8, seconds + " seconds");
        assertEquals(128 + 9, stubborn.end().status());
        assertEquals(128 + 9, stopped.end().status());
        host.assertNothingLeft();
    }

    private void signal(long pid, String name) {
        host.run("kill", "-s", name, Long.toString(pid)).said();
    }

    @Test
    void aKilledWardenTakesTheJailAlong() {
        var jail = host.startJail("-i", "-n", "www", TREE, "jail", ADDRESS, "sh", "-c",
                "sleep 600 & exec tail -f /dev/null");
        int jid = Integer.parseInt(jail.line());
        host.process(jid, "tail");
        var processes = host.processes(jid);
        assertEquals(4, processes.size());
        signal(host.process(jid, "jail-warden"), "KILL");
        processes.forEach(LifeIT::awaitEnd);
        assertEquals(128 + 9, jail.end().status());
        assertEquals("", host.jls("jid").said());
        host.assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jail", "jls"})
    void aDeadJailIsRemovedByTheNextCommand(String command) {
        int jid = withoutCommand();
        var processes = host.processes(jid);
        signal(host.process(jid, "jail-warden"), "KILL");
        processes.forEach(LifeIT::awaitEnd);
        assertTrue(host.addresses().contains(ADDRESS));
        if (command.equals("jail")) {
            assertEquals("again", host.jail("-n", "www", TREE, "jail", ADDRESS, "echo", "again").said());
        } else {
            assertEquals("", host.jls("jid").said());
        }
        assertEquals(List.of(), Host.list(host.path("/run/stockade/jail")));
        assertFalse(host.addresses().contains(ADDRESS));
    }

    @Test
    void aKilledInitTakesTheJailAlong() {
        var jail = host.startJail("-i", TREE, "jail", ADDRESS, "sh", "-c", "sleep 600 & exec tail -f /dev/null");
        int jid = Integer.parseInt(jail.line());
        host.process(jid, "tail");
        var processes = host.processes(jid);
        signal(host.process(jid, "jail-init"), "KILL");
        assertEquals(128 + 9, jail.end().status());
        processes.forEach(LifeIT::awaitEnd);
        assertEquals(List.of(), Host.list(host.path("/run/stockade/jail")));
    }

    @Test
    void aKilledInitOfAJailThatNobodyWaitsFor() {
        int jid = withoutCommand();
        signal(host.process(jid, "jail-init"), "KILL");
        host.assertNothingLeft();
    }

    @Test
    void jailKilledAtAnyMomentLeavesNothing() throws InterruptedException {
        for (int i = 0; i < 60; i++) {
            var jail = host.startJail("-n", "www", TREE, "jail", ADDRESS, "sleep", "600");
            Thread.sleep(3, 0);
            for (int j = 0; j < i % 30; j++) {
                Thread.sleep(0, 500_000);
            }
            jail.kill();
        }
        host.jail("-n", "last", TREE, "jail", "10.7.0.3", "true").said();
        host.assertNothingLeft();
    }

    @Test
    void wardenKilledAtAnyMomentLeavesNothing() throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            var jail = host.startJail("-i", TREE, "jail", ADDRESS, "sh", "-c", BACKGROUND + "exec true");
            int jid = Integer.parseInt(jail.line());
            var wardens = host.processes(jid).stream().limit(1).toList(); // the first that was there
            Thread.sleep(i % 5);
            wardens.forEach(warden -> host.run("kill", "-9", warden.toString()));
            jail.end();
            host.jls();
            host.jail("-q", TREE, "jail", "10.7.0.3", "true").said();
            assertEquals("", host.jls("jid").said());
        }
    }

    @Test
    void aJailWhoseCallerIsStoppedCanBeRemoved() {
        var jail = host.startJail("-i", TREE, "jail", ADDRESS, "sh", "-c", "echo up; exec tail -f /dev/null");
        int jid = Integer.parseInt(jail.line());
        jail.line();
        jail.signal("STOP");
        host.jail("-r", jid).said();
        assertEquals("", host.jls("jid").said());
        jail.signal("CONT");
        assertEquals(128 + 15, jail.end().status());
    }

    @Test
    void aJailKeepsItsTreeIfThePathIsRenamed() {
        var tree = Tree.busybox();
        int jid = host.background(tree, ADDRESS);
        host.run("mv", tree.toString(), tree + "-moved").said();
        assertEquals("in", host.jexec(jid, "echo", "in").said());
    }

    /** As daemons do: of children that end nobody is told then. */
    @Test
    void aCallerMayIgnoreItsChildren() {
        assertEquals("in", host.run("env", "--ignore-signal=CHLD", Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS, "echo", "in").said());
        assertEquals("", host.run("env", "--ignore-signal=CHLD", Host.BIN + "/jail", "-q", "-c", "name=www", "path=" + TREE, "exec.prestart=true",
                "exec.start=true", "persist").said());
        assertEquals("in", host.jexec("www", "sh", "-c", "true; echo in").said());
        host.jail("-r", "www").said();
        host.assertNothingLeft();
    }

    @Test
    void aJailThatCantBeBuriedIsInNobodysWay() {
        var claim = "/run/stockade/address/" + ADDRESS + "/";
        int stuck = host.background(TREE, ADDRESS);
        int removed = host.background(TREE, ADDRESS);
        for (int jid : List.of(stuck, removed)) {
            host.run("sh", "-ec", "rm " + claim + jid + "; mkdir " + claim + jid).said();
        }
        host.run("kill", "-9", "" + host.process(stuck, "jail-warden")).said();
        Host.pause();
        assertEquals(removed + "", host.jls("jid").said());
        assertEquals("", host.jail("-n", "other", TREE, "jail", "10.7.0.3", "true").said());
        host.jail("-r", removed).assertFailed("jail: " + removed + ": remove " + claim + removed + ": Is a directory");
        assertEquals("", host.jls("jid").said());
        host.jail("-c", "jid=" + stuck, "path=" + TREE, "command=true").assertFailed("jail: jail " + stuck + " already exists");
        for (int jid : List.of(stuck, removed)) {
            host.run("rmdir", claim + jid).said();
        }
        assertEquals("", host.jail("-c", "jid=" + stuck, "path=" + TREE, "command=true").said());
        host.assertNothingLeft();
    }

    @Test
    void aRegistryOfAnOlderVersionIsCompleted() {
        host.jail(TREE, "jail", ADDRESS, "true").said();
        host.run("rmdir", "/run/stockade/address", "/run/stockade/alias", "/run/stockade/record").said();
        host.run("rm", "-r", "/run/stockade/life").said();
        assertEquals("", host.jail(TREE, "jail", ADDRESS, "true").said());
    }

    @Test
    void aClaimThatFailsLeavesNoOther() {
        host.jail(TREE, "jail", ADDRESS, "true").said();
        host.run("sh", "-ec", "rmdir /run/stockade/address; touch /run/stockade/address").said();
        host.jail("-n", "www", TREE, "jail", ADDRESS, "true")
                .assertFailed("jail: mkdir /run/stockade/address/" + ADDRESS + ": Not a directory");
        host.run("rm", "/run/stockade/address").said();
        host.run("mkdir", "-m", "700", "/run/stockade/address").said();
        host.assertNothingLeft();
    }
}
