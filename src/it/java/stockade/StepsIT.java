package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is run around a jail, on the host and in it, as jail(8) of FreeBSD orders it. */
class StepsIT {
    private static final Tree TREE = Tree.busybox();
    private static final List<String> FORWARDS = List.of("prepare", "prestart", "created", "start", "poststart");
    private static final List<String> BACKWARDS = List.of("prestop", "stop", "poststop", "release");

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    /** What runs in the jails does not end with those who started it. */
    @AfterEach
    void end() {
        host.jail("-q", "-R", "*");
    }

    @TempDir
    Path directory;

    private Path file(String parameters) throws IOException {
        var text = new StringBuilder("www { path = " + TREE + "; host.hostname = w; ip4.addr = 10.7.0.2; persist; command = 'echo command';\n");
        FORWARDS.forEach(step -> text.append("exec." + step + " = 'echo " + step + "';\n"));
        BACKWARDS.forEach(step -> text.append("exec." + step + " = 'echo " + step + "';\n"));
        return Files.writeString(directory.resolve("jail.conf"), text + parameters + "}\n");
    }

    private static String lines(String words) {
        return words.replace(", ", "\n");
    }

    @Test
    void theOrder() throws IOException {
        var file = file("");
        assertEquals(lines("prepare, prestart, www: created, created, start, command, poststart"),
                host.jail("-f", file, "-c", "www").said());
        assertEquals(lines("prestop, stop, www: removed, poststop, release"), host.jail("-f", file, "-r", "www").said());
        host.assertNothingLeft();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "exec.prepare; ",
        "exec.prestart; prepare",
        "exec.created; prepare, prestart, www: created, www: removed",
        "exec.start; prepare, prestart, www: created, created, www: removed",
        "command; prepare, prestart, www: created, created, start, www: removed",
        "exec.poststart; prepare, prestart, www: created, created, start, command, www: removed"})
    void aStepThatFailsIsTheLast(String step, String before) throws IOException {
        var result = host.jail("-f", file(step + " = false;\n"), "-c", "www");
        assertEquals("jail: www: false: failed\n", result.errors());
        assertEquals(lines(before == null ? "" : before), result.out().strip());
        assertEquals(1, result.status());
        host.assertNothingLeft();
    }

    /** As with FreeBSD: what exec.prepare and exec.prestart do would be done under a jail that runs. */
    @ParameterizedTest
    @CsvSource({"name=www, www", "name=7, 7", "jid=7, 7", "jid=7 name=other, 7"})
    void nothingIsRunForAJailThatIsThereAlready(String given, String told) {
        host.jail("-c", "jid=7", "name=www", "path=" + TREE, "persist").said();
        var words = "-c " + given + " path=" + TREE + " persist exec.prepare=echo exec.prestart=echo";
        host.jail((Object[]) words.split(" ")).assertFailed("jail: \"" + told + "\" already exists");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "exec.prestart; exit 255; failed", "exec.prestart; exit 143; failed", "exec.prestart; kill $$; exited on signal 15",
        "exec.start; exit 255; failed", "exec.start; kill $$; exited on signal 15", "exec.start; kill -9 $$; exited on signal 9"})
    void howACommandFailed(String step, String command, String told) throws IOException {
        var result = host.jail("-f", file(step + " = '" + command + ";';\n"), "-q", "-c", "www");
        assertEquals("jail: www: /bin/sh -c " + command + ";: " + told + "\n", result.errors());
        assertEquals(1, result.status());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"exec.prestop; ", "exec.stop; prestop"})
    void aJailWhoseEndFailsStays(String step, String before) throws IOException {
        host.jail("-f", file(""), "-q", "-c", "www").said();
        var result = host.jail("-f", file(step + " = false;\n"), "-r", "www");
        assertEquals("jail: www: false: failed\n", result.errors());
        assertEquals(lines(before == null ? "" : before), result.out().strip());
        assertEquals("www", host.jls("name").said());
    }

    /** As with FreeBSD: nobody could do later what is not done now. */
    @Test
    void whenAJailIsGoneAllIsDoneThatIsLeft() throws IOException {
        var file = file("exec.poststop = false, 'exit 3;', 'echo last';\n");
        host.jail("-f", file, "-q", "-c", "www").said();
        var result = host.jail("-f", file, "-rc", "www");
        assertEquals("jail: www: false: failed\njail: www: /bin/sh -c exit 3;: failed\n", result.errors());
        assertEquals(lines("prestop, stop, www: removed, last, release"), result.out().strip());
        assertEquals(1, result.status());
        host.assertNothingLeft();
    }

    @Test
    void alsoIfNothingCanBeSaid() throws IOException {
        var done = directory.resolve("done");
        var file = file("exec.prestop = true; exec.stop = true; exec.poststop = 'echo poststop >>" + done + "';\n"
                + "exec.release = 'echo release >>" + done + "';\n");
        host.jail("-f", file, "-q", "-c", "www").said();
        var result = host.run("sh", "-c", "exec " + Host.BIN + "/jail -f " + file + " -r www >/dev/full");
        result.assertFailed("jail: www: write: No space left on device");
        assertEquals("poststop\nrelease\n", Files.readString(done));
        host.assertNothingLeft();
    }

    @Test
    void aJailOfTheCommandLineIsNotMadeAnewThen() {
        host.jail("-q", "-c", "path=" + TREE, "name=www", "persist").said();
        var result = host.jail("-rc", "path=" + TREE, "name=www", "persist", "exec.poststop=false", "exec.release=echo release");
        assertEquals("release\n", result.out());
        assertEquals("jail: false: failed\n", result.errors());
        assertEquals(1, result.status());
        host.assertNothingLeft();
    }

    /** As with FreeBSD, whose administrator has jail -R then. */
    @Test
    void aJailWhoseEndTakesTooLongStays() throws IOException {
        var file = file("exec.stop = 'sleep 60';\nexec.timeout = 1;\n");
        host.jail("-f", file, "-q", "-c", "www").said();
        var result = host.jail("-f", file, "-r", "www");
        assertEquals("jail: www: sleep 60: timed out\n", result.errors());
        assertEquals("prestop\n", result.out());
        assertEquals(1, result.status());
        assertEquals("www", host.jls("name").said());
        assertEquals("", host.jail("-R", "www").said());
        host.assertNothingLeft();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1  | trap 'echo asked >>/log' TERM       | asked | 1000 | 60000", // it says that it heard, and goes on
        "0  | trap 'echo asked >>/log' TERM       | ''    | 0    | 60000", // it is killed at once
        "40 | trap 'echo asked >>/log; exit' TERM | asked | 0    | 40000"}) // it ends by itself
    void howLongTheProcessesHave(int timeout, String atTheSignal, String log, long least, long most) throws IOException {
        var tree = Tree.busybox().script("run", atTheSignal
                + "\necho ready >/ready\nwhile :; do sleep 0.1; done\n").file("log", "");
        host.jail("-q", "-c", "name=www", "path=" + tree, "persist", "exec.start=/run >/dev/null 2>&1 &",
                "exec.poststart=until [ -e " + tree + "/ready ]; do sleep 0.1; done").said();
        var file = Files.writeString(directory.resolve("jail.conf"), "www { stop.timeout = " + timeout + "; }\n");
        long began = System.nanoTime();
        assertEquals("www: removed", host.jail("-f", file, "-r", "www").said());
        long took = (System.nanoTime() - began) / 1_000_000;
        host.assertNothingLeft();
        assertEquals(log, Host.read(tree.path("log")).strip());
        assertTrue(took >= least && took < most, took + " ms");
    }

    /** Also one that is to persist: it does only when all its steps are done. */
    @Test
    void aStartThatIsKilledLeavesNothing() throws IOException {
        var start = host.startJail("-q", "-f", file("exec.prepare = true;\nexec.prestart = true;\nexec.created = true;\n"
                + "exec.start = 'echo up; sleep 600';\n"), "-c", "www");
        assertEquals("up", start.line());
        assertEquals("www", host.jls("name").said());
        start.kill();
        host.assertNothingLeft();
    }

    /** Also one that has nothing running in it any more: the next one has its name and address. */
    @Test
    void aJailOfStepsIsGoneWhenJailReturns() {
        for (int i = 0; i < 30; i++) {
            assertEquals("", host.jail("-q", "-c", "name=www", "path=" + TREE, "ip4.addr=10.7.0.2", "exec.start=true", "command=true").said());
            assertEquals(List.of(), Host.list(host.path("/run/stockade/jail")), "run " + i);
            host.jail("-q", "-c", "name=www", "path=" + TREE, "ip4.addr=10.7.0.2", "persist").said();
            host.jail("-m", "name=www", "nopersist").said();
            assertEquals(List.of(), Host.list(host.path("/run/stockade/jail")), "run " + i);
        }
    }

    /** What comes behind the command is about a jail that is there. */
    @Test
    void removalEndsAStartInSteps() {
        var start = host.startJail("-q", "-c", "name=www", "path=" + TREE, "exec.start=true", "exec.poststart=touch /run/after", "persist",
                "command=sh", "-c", "echo up; exec sleep 600");
        assertEquals("up", start.line());
        host.jail("-q", "-r", "www").said();
        var result = start.end();
        assertEquals("", result.errors());
        assertEquals(143, result.status());
        assertFalse(Files.exists(host.path("/run/after")));
        host.assertNothingLeft();
    }

    @Test
    void aCommandThatTakesTooLong() throws IOException {
        for (var step : List.of("exec.prestart", "exec.start")) {
            var result = host.jail("-f", file(step + " = 'echo slow; sleep 60';\nexec.timeout = 1;\n"), "-c", "www");
            assertEquals("jail: www: /bin/sh -c echo slow; sleep 60: timed out\n", result.errors());
            assertEquals(1, result.status());
            host.assertNothingLeft();
        }
    }

    @Test
    void theJailIsInTheEnvironmentOfTheHost() throws IOException {
        var file = file("exec.created = 'echo $JID $JNAME $JPATH';\nexec.start = 'echo ${JID}none';\n");
        var said = host.jail("-f", file, "-q", "-c", "www").said();
        var jid = host.jls("jid").said();
        assertTrue(said.contains("\n" + jid + " www " + TREE + "\n"), said);
        assertTrue(said.contains("\nnone\n"), said);
    }

    @Test
    void asWhom() throws IOException {
        var tree = Tree.busybox().file("etc/passwd", "root:x:0:0::/:\nworker:x:7:7::/dev:/bin/sh\n");
        var file = file("path = " + tree + ";\nexec.prestart = 'id -u';\nexec.system_user = daemon;\nexec.start = 'id -u; pwd; echo $SHELL-$FOO';\n"
                + "exec.jail_user = worker;\nexec.clean;\n");
        var said = host.run("env", "FOO=secret", "SHELL=/x", Host.BIN + "/jail", "-f", file.toString(), "-q", "-c", "www").said();
        assertEquals(lines("prepare, 1, created, 7, /dev, /bin/sh-, command, poststart"), said);
    }

    @Test
    void theConsole() throws IOException {
        var log = directory.resolve("console.log");
        var file = file("exec.consolelog = " + log + ";\nexec.start = 'echo start; echo problem >&2';\n");
        assertEquals(lines("prepare, prestart, created, poststart"), host.jail("-f", file, "-q", "-c", "www").said());
        host.jail("-f", file, "-q", "-r", "www").said();
        assertEquals("start\nproblem\ncommand\nstop\n", Files.readString(log));
    }

    /** A jail's root can put links into the way of what the host's root opens. */
    @Test
    void noConsoleWhereAJailsLinksLead() throws IOException {
        var victim = Files.createDirectory(directory.resolve("victim"));
        var tree = Tree.busybox().directory("var").link("var/log", victim.toString());
        Files.createFile(tree.path("var/log/shown")); // where nothing keeps from following
        var alias = Files.createSymbolicLink(directory.resolve("alias"), tree.root());
        for (var log : List.of(tree + "/var/log/console", "/" + tree + "/var/./log/console")) {
            host.jail("-q", "-c", "path=" + TREE, "persist", "name=w", "exec.start=true", "exec.consolelog=" + log)
                    .assertFailed("jail: exec.consolelog: " + tree + "/var/log is a symbolic link");
        }
        host.jail("-q", "-c", "path=" + TREE, "persist", "exec.start=true", "exec.consolelog=" + alias + "/bin/console")
                .assertFailed("jail: exec.consolelog: " + alias + " is a symbolic link");
        host.jail("-q", "-c", "path=" + tree, "persist", "exec.start=true", "exec.consolelog=" + tree + "/bin/console")
                .assertFailed("jail: exec.consolelog: " + tree + "/bin: is within the jail");
        assertEquals(List.of("shown"), Host.list(victim));
        assertFalse(Files.exists(tree.path("bin/console")));
    }

    @Test
    void theAddressesOfTheHostname() throws IOException {
        var hosts = Files.writeString(directory.resolve("hosts"), "10.7.0.9 named.example\n10.7.0.10 named.example\n");
        host.run("mount", "--bind", hosts.toString(), "/etc/hosts").said();
        assertEquals("10.7.0.9,10.7.0.10", host.jail("-q", "-h", "-c", "path=" + TREE, "name=n", "host.hostname=named.example",
                "persist").said() + host.jls("-j", "n", "ip4.addr").said());
        host.run("umount", "/etc/hosts").said();
        host.jail("-h", "-c", "path=" + TREE, "host.hostname=other.example", "persist")
                .assertFailed("jail: host.hostname other.example: Try again"); // no server can be reached
    }
}
