package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What jps(8) says of the processes of running jails. */
class JpsIT {
    private static final Tree TREE = Tree.busybox();
    private static final String HEADER = "  JID USER         PID   JPID STAT      TIME COMMAND";

    @RegisterExtension
    final Host host = new Host();

    /** What runs in the jails does not end with those who started it. */
    @AfterEach
    void end() {
        host.jail("-q", "-R", "*");
    }

    private record Row(int jid, String user, long pid, int innerPid, String state, String time, String command) {
        static Row of(String line) {
            var words = line.strip().split(" +", 7);
            return new Row(Integer.parseInt(words[0]), words[1], Long.parseLong(words[2]), Integer.parseInt(words[3]), words[4],
                    words[5], words[6]);
        }
    }

    private List<Row> rows(Object... words) {
        var lines = List.of(host.jps(words).out().split("\n"));
        assertEquals(HEADER, lines.get(0));
        return lines.stream().skip(1).map(Row::of).toList();
    }

    private Row await(Predicate<Row> wanted, Object... words) {
        for (int i = 0; i < 200; i++) {
            var found = rows(words).stream().filter(wanted).toList();
            if (!found.isEmpty()) {
                return found.get(0);
            }
            Host.pause();
        }
        throw new AssertionError(host.jps(words).toString());
    }

    private Row await(String command) {
        return await(row -> row.command.equals(command));
    }

    private int start(String name, Tree tree, String address) {
        return Integer.parseInt(host.startJail("-i", "-n", name, tree, "jail", address, "sleep", "600").line());
    }

    private Running inJail(Object... words) {
        var command = new ArrayList<>(List.of(Host.BIN + "/jexec"));
        List.of(words).forEach(word -> command.add(word.toString()));
        return host.start(command.toArray(String[]::new));
    }

    @Test
    void noJails() {
        assertEquals(HEADER.strip(), host.jps().said());
        assertEquals("", host.jps("-q").said());
    }

    @Test
    void processesAreThoseThatTheJailSees() {
        int jid = start("www", TREE, "10.7.0.2");
        inJail("-U", "user", "www", "sleep", "601");
        inJail("-u", "nobody", "www", "sleep", "602"); // whom the jail does not know
        await("sleep 602");
        await("sleep 601");
        var rows = rows();
        assertEquals(Set.of("root jail-init", "root sleep 600", "user sleep 601", "65534 sleep 602"),
                rows.stream().map(row -> row.user + " " + row.command).collect(Collectors.toSet()));
        for (var row : rows) {
            assertEquals(jid, row.jid);
            assertTrue(row.time.matches("0:0[0-9]\\.[0-9][0-9]"), row.time);
            var status = Host.read(Path.of("/proc/" + row.pid + "/status"));
            assertTrue(status.contains("\nNSpid:\t" + row.pid + "\t" + row.innerPid + "\n"), status);
        }
        assertEquals(1, await("jail-init").innerPid);
        assertTrue(host.processes(jid).size() > rows.size()); // the warden is there
        assertEquals(rows.size(), Integer.parseInt(host.jexec("www", "sh", "-c",
                "n=0; for p in /proc/[0-9]*; do n=$((n + 1)); done; echo $((n - 1))").said()));
    }

    @Test
    void statesAndTimes() {
        start("www", TREE, "10.7.0.2");
        inJail("www", "sh", "-c", "while :; do :; done");
        var busy = await(row -> row.command.startsWith("sh -c while") && !row.time.equals("0:00.00"));
        assertTrue(busy.state.startsWith("R"), busy.state);
        assertEquals("Ss", await(row -> row.command.equals("jail-init") && !row.state.startsWith("R")).state);
        inJail("www", "sh", "-c", "renice -n 5 -p $$; exec sleep 603");
        assertEquals("SN", await(row -> row.command.equals("sleep 603") && !row.state.startsWith("R")).state);
    }

    @Test
    void killEndsWhatIsListed() {
        start("www", TREE, "10.7.0.2");
        var command = inJail("www", "sleep", "601");
        host.run("kill", Long.toString(await("sleep 601").pid)).said();
        assertEquals(128 + 15, command.end().status());
        assertFalse(rows().stream().anyMatch(row -> row.command.equals("sleep 601")));
        host.run("sh", "-c", "kill -9 $(\"$0\"/jps -q -J www)", Host.BIN.toString()).said();
        host.assertNothingLeftOfJails();
    }

    @Test
    void jailsByNameAndNumber() {
        int www = start("www", TREE, "10.7.0.2");
        int mail = start("mail", TREE, "10.7.0.3");
        int news = start("news", TREE, "10.7.0.4");
        assertEquals(List.of(www, www, mail, mail, news, news), rows().stream().map(Row::jid).toList());
        assertEquals(List.of(mail, mail), rows("-J", "mail").stream().map(Row::jid).toList());
        assertEquals(List.of(news, news, www, www), rows("-J", news + ",www," + news).stream().map(Row::jid).toList());
        assertEquals(HEADER.strip(), host.jps("-J", "").said());
        assertEquals(rows("-J", "www").stream().map(row -> Long.toString(row.pid)).toList(),
                List.of(host.jps("-q", "-J", "www").said().split("\n")));
        host.jps("-J", "www,nosuch").assertFailed("jps: jail \"nosuch\" not found");
        host.jps("-J", "4711").assertFailed("jps: jail 4711 not found");
        host.jps("-J", "www,").assertFailed("jps: jail \"\" not found");
    }

    @Test
    void wrongUse() {
        for (var words : List.of(List.of("www"), List.of("-x"), List.of("-J"))) {
            var result = host.jps(words.toArray());
            assertEquals(1, result.status());
            assertTrue(result.errors().endsWith("usage: jps [-cq] [-J jail[,jail ...]]\n"), result.errors());
        }
        host.run("setpriv", "--reuid", "65534", "--clear-groups", Host.BIN + "/jps")
                .assertFailed("jps: jail_get: Operation not permitted");
    }

    @Test
    void aVnetJailIsListedToo() {
        host.startJail("-ic", "name=own", "path=" + TREE, "vnet", "command=sleep", "604").line();
        assertEquals("own", host.jls("-j", await("sleep 604").jid, "name").said());
    }

    // hostile jails

    @Test
    void aCommandLineDoesNothingToATerminalAndIsOneLine() {
        start("www", TREE, "10.7.0.2");
        host.start("sh", "-c", "exec \"$0\" www sh -c 'sleep 605; :' \"$(printf '\\033[31m\\n    1 root 1 1 S 0:00.00 x\\377')\"",
                Host.BIN + "/jexec");
        await("sleep 605");
        var row = await(r -> r.command.startsWith("sh -c"));
        assertTrue(row.command.startsWith("sh -c sleep 605; : \\x1b[31m\\x0a    1 root 1 1 S 0:00.00 x"), row.command);
        assertEquals("sh", rows("-c").stream().filter(r -> r.pid == row.pid).findFirst().orElseThrow().command);
    }

    @Test
    void aLongCommandLineIsCutAndAnEmptyOneIsTheName() {
        start("www", TREE, "10.7.0.2");
        inJail("www", "sh", "-c", "sleep 606; :", "x".repeat(100_000));
        await("sleep 606");
        assertEquals(4096, await(row -> row.command.startsWith("sh -c")).command.length());
        inJail("www", "sh", "-c", "exec env -i sh -c 'sleep 608; :'");
        await("sleep 608");
        assertTrue(rows().stream().noneMatch(row -> row.command.isEmpty()));
    }

    private static final String ROOT = "root:x:0:0::/:\n";

    @ParameterizedTest
    @ValueSource(strings = {"ro ot", "\033[31mroot", "root\t", "rööt", "", "a-name-of-more-than-thirty-two-bytes"})
    void aNameThatIsNoneIsANumber(String name) {
        start("www", Tree.busybox().file("etc/passwd", name + ":x:0:0::/:\n"), "10.7.0.2");
        assertEquals("0", await("sleep 600").user);
    }

    @ParameterizedTest
    @CsvSource({"mkfifo passwd, 0", "mkdir passwd, 0", "ln -s /dev/zero passwd, 0", "ln -s ../outside passwd, 0",
        "truncate -s 3M passwd, 0", "true, 0", "echo root:x:0:0 >passwd, root"})
    void aHostilePasswd(String script, String user) {
        var tree = Tree.busybox().file("outside", ROOT);
        tree.path("etc/passwd").toFile().delete();
        host.run("sh", "-c", "cd \"$0\" && " + script, tree.path("etc").toString()).said();
        start("www", tree, "10.7.0.2");
        assertEquals(user, await("sleep 600").user);
    }

    /** A path of the tree is one of the jail, not of the host. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLinkLeadsNowhereOutside(boolean absolute) {
        var outside = Tree.empty().file("etc/passwd", "outsider:x:0:0::/:\n");
        var tree = Tree.busybox();
        var target = absolute ? outside.path("etc").toString() : "../".repeat(20) + outside.path("etc").toString().substring(1);
        host.run("sh", "-c", "rm -r \"$0\" && ln -s \"$1\" \"$0\"", tree.path("etc").toString(), target).said();
        start("www", tree, "10.7.0.2");
        assertEquals("0", await("sleep 600").user);
        host.jexec("www", "sh", "-c", "mkdir -p \"$0\" && echo insider:x:0:0 >\"$0/passwd\"", outside.path("etc")).said();
        assertEquals("insider", await("sleep 600").user);
    }

    /** All users of a jail, each under as long a name as is taken, and processes that come and go. */
    @Test
    void muchIsBearable() {
        var passwd = new StringBuilder();
        for (int uid = 0; uid < 40000; uid++) {
            passwd.append("u".repeat(27)).append(10000 + uid).append(":x:").append(uid).append(":0::/:\n");
        }
        var tree = Tree.busybox().file("etc/passwd", passwd.toString());
        start("www", tree, "10.7.0.2");
        inJail("www", "sh", "-c", "while :; do true; done");
        inJail("www", "sh", "-c", "for i in $(seq 300); do sh -c 'sleep 607; :' " + "y".repeat(5000) + " & done; wait");
        for (int i = 0; i < 20; i++) {
            assertEquals(0, host.jps().status());
        }
        for (int i = 0; i < 200 && rows().size() <= 600; i++) {
            Host.pause();
        }
        assertTrue(rows().size() > 600);
        assertEquals("u".repeat(27) + "10000", await("sleep 607").user);
    }
}
