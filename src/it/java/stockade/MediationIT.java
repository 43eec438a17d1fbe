package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that somebody else is asked about: nobody gets around the filter that asks, and nobody else waits for the answer. */
class MediationIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";
    private static final String BREACH = Tree.probe("breach").toString();

    /** struct sockaddr_in of 10.7.0.1, which is the host's, port 8080. */
    private static final String HOSTS = "02001f900a070001" + "00".repeat(8);

    private static final Path LAST_PID = Path.of("/proc/sys/kernel/ns_last_pid");

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private int start() {
        return host.background(TREE, ADDRESS);
    }

    private static void signal(long pid, String name) {
        assertEquals(0, Tree.status(new ProcessBuilder("kill", "-s", name, Long.toString(pid))));
    }

    /** Number 272 is unshare, 0x04000000 a uts namespace, 0x40000027 getpid by the numbers of x32. */
    @ParameterizedTest
    @CsvSource({
        "listener, EBUSY, done",
        "allow_all, EPERM, done",
        "traced 272 0x04000000, EPERM, done",
        "traced_later 272 0x04000000, EPERM, done",
        "traced 0x40000027 0, killed by 31, ENOSYS",
        "traced_later 0x40000027 0, killed by 31, ENOSYS",
        "wide_ioctl 0x5412, EPERM, done", // TIOCSTI
        "wide_ioctl 0x541c, EPERM, ENOTTY", // TIOCLINUX to one that has no screen
    })
    void nobodyGetsAroundTheFilter(String breach, String inJail, String outside) {
        var words = breach.split(" ");
        var onHost = new ArrayList<>(List.of(BREACH));
        onHost.addAll(List.of(words));
        assertEquals(outside, host.run(onHost.toArray(String[]::new)).said());
        var jail = new ArrayList<Object>(List.of(TREE, "jail", ADDRESS, "breach"));
        jail.addAll(List.of(words));
        assertEquals(inJail, host.jail(jail.toArray()).said());
    }

    /** A file of FUSE, whose server answers when it likes: an argument in it has the usher wait. */
    private Running serve(Path file, String content) {
        var server = host.start(Tree.probe("stall").toString(), "serve", file.toString(), content);
        var line = server.line();
        assumeTrue(line.equals("ready"), "this kernel has no FUSE: " + line);
        return server;
    }

    @ParameterizedTest
    @CsvSource({"bind, 10.7.0.2, EADDRNOTAVAIL, done", "bind, '10.7.0.2,10.7.0.3', EADDRNOTAVAIL, done",
        "connect, '10.7.0.2,10.7.0.3', ECONNREFUSED, ECONNREFUSED"})
    void anArgumentThatStallsHasNobodyElseWait(String call, String addresses, String jailed, String outside) throws Exception {
        var file = Files.createFile(Tree.empty().path("file"));
        var server = serve(file, HOSTS);
        try {
            int jid = Integer.parseInt(host.startJail("-i", TREE, "jail", addresses, "sleep", "600").line());
            int other = host.background(TREE, "10.7.0.4");
            var caller = host.start("sh", "-c", "exec \"$@\" <" + file, "sh", Host.BIN + "/jexec", "" + jid, "stall", "call", call);
            assertEquals("calls", caller.line());
            assertEquals("asked", server.line());
            assertEquals("alive", host.jexec(jid, "echo", "alive").said());
            assertEquals("10.7.0.4:8080", host.jexec(other, "net6", "tcp4", "bind", "10.7.0.4", "8080", "name").said());
            assertEquals("" + jid, host.jls("-j", jid, "jid").said());
            server.type("\n");
            assertEquals(jailed, caller.line());
            // the page is there by now
            assertEquals(outside, host.run("sh", "-c", "exec \"$@\" <" + file, "sh", Tree.probe("stall").toString(), "call", call)
                    .said().replace("calls\n", ""));
        } finally {
            server.kill();
            host.run("umount", "-l", file.toString());
        }
    }

    /** Whether it may is asked of a caller by its number, which may be another's meanwhile: here a process of the jail's root has it. */
    @Test
    void whoHasACallersNumberLaterIsNotAsked() throws Exception {
        assumeTrue(Files.exists(LAST_PID), "this kernel lets nobody say which numbers processes get");
        var file = Files.createFile(Tree.empty().path("file"));
        var server = serve(file, "020000500a070002" + "00".repeat(8)); // port 80 of the jail's address
        try {
            int jid = start();
            assertEquals("bind: EACCES", host.jexec("-U", "user", jid, "net6", "tcp4", "bind", ADDRESS, "80", "name").said().strip());
            var caller = host.start("sh", "-c", "exec \"$@\" <" + file, "sh", Host.BIN + "/jexec", "-U", "user", "" + jid, "stall", "lend");
            assertEquals("calls", caller.line());
            assertEquals("asked", server.line());
            long pid = host.process(jid, "lent");
            caller.signal("USR1");
            assertEquals("gone", caller.line());
            giveToRoot(pid, jid);
            server.type("\n");
            assertEquals("10.7.0.2:8080", host.jexec(jid, "net6", "tcp4", "bind", "0.0.0.0", "8080", "name").said(), "the usher is done");
            assertFalse(caller.hasEnded(), caller.out());
            host.jail("-r", jid).said();
        } finally {
            server.kill();
            host.run("umount", "-l", file.toString());
        }
    }

    /** Others may come first. */
    private void giveToRoot(long pid, int jid) {
        for (int i = 0; i < 10 && !host.processes(jid).contains(pid); i++) {
            host.run("sh", "-c", "echo " + (pid - 40) + " > " + LAST_PID).said();
            assertEquals("started", host.start(Host.BIN + "/jexec", "" + jid, "sh", "-c",
                    "for i in $(seq 60); do sleep 600 & done; echo started; wait").line());
        }
        assertTrue(host.processes(jid).contains(pid), "nobody got the number " + pid);
    }

    /** Who waits for a page can't be killed, as long as the server is there: the jail is dead, and its cgroup is removed later. */
    @Test
    void aJailWhoseUsherStallsCanBeRemoved() throws Exception {
        var file = Files.createFile(Tree.empty().path("file"));
        var server = serve(file, HOSTS);
        try {
            int jid = start();
            var caller = host.start("sh", "-c", "exec \"$@\" <" + file, "sh", Host.BIN + "/jexec", "" + jid, "stall", "call", "bind");
            assertEquals("calls", caller.line());
            assertEquals("asked", server.line());
            var removal = host.remove(Integer.toString(jid), 1);
            assertTrue(removal.status() == 0 || removal.errors().endsWith("Device or resource busy\n"), removal.toString());
            assertEquals("", host.jls("jid").out());
            assertEquals("started", host.jail(TREE, "jail", "10.7.0.3", "echo", "started").out().strip());
            server.kill();
            assertTrue(caller.end().status() != 0);
        } finally {
            server.kill();
            host.run("umount", "-l", file.toString());
        }
        host.jls("jid").said();
        host.assertNothingLeftOfJails();
    }

    /** A file with holes being punched can, for seconds (docs/security.md). */
    @Test
    void nothingInAJailStallsAnArgumentForGood() {
        assertEquals("done", host.run(Tree.probe("attack").toString(), "userfaultfd").said());
        assertEquals("EPERM", host.jail(TREE, "jail", ADDRESS, "attack", "userfaultfd").said());
        assertEquals("", host.jail(TREE, "jail", ADDRESS, "sh", "-c", "ls -d /dev/fuse /dev/userfaultfd 2>/dev/null; true").said());
        assertEquals("EPERM", host.jail(TREE, "jail", ADDRESS, "breach", "mount", "fuse").said());
    }

    /** While it is stopped nothing is permitted that it would be asked about, and all else goes on. */
    @Test
    void aStoppedUsher() {
        int jid = start();
        assertEquals("10.7.0.2:8080", host.jexec(jid, "net6", "tcp4", "bind", "0.0.0.0", "8080", "name").said());
        long usher = host.process(jid, "jail-usher");
        signal(usher, "STOP");
        var caller = host.start(Host.BIN + "/jexec", "" + jid, "net6", "tcp4", "bind", "0.0.0.0", "8080", "name");
        assertFalse(caller.hasEnded(), caller.out() + caller.errors());
        assertEquals("", caller.out());
        assertEquals("EPERM", host.jexec(jid, "attack", "unshare", "0x04000000").said());
        signal(usher, "CONT");
        assertEquals("10.7.0.2:8080", caller.end().said());
    }

    /** Before the jail's first call, for which the warden would make an usher, and afterwards. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStoppedWarden(boolean withUsher) {
        int jid = start();
        if (withUsher) {
            host.jexec(jid, "net6", "tcp4", "name").said();
        }
        var jail = host.start(Host.BIN + "/jexec", "" + jid, "sh", "-c", "echo up; read line; net6 tcp4 bind 0.0.0.0 8080 name;"
                + " attack unshare 0x04000000; attack open_to_write /proc/1/mem; echo over");
        assertEquals("up", jail.line());
        long warden = host.process(jid, "jail-warden");
        signal(warden, "STOP");
        jail.type("\n");
        if (!withUsher) {
            assertFalse(jail.hasEnded());
            assertEquals("up\n", jail.out());
            signal(warden, "CONT");
        }
        assertEquals("10.7.0.2:8080", jail.line());
        assertEquals("EPERM", jail.line());
        assertEquals("EACCES", jail.line());
        assertEquals("over", jail.line());
        signal(warden, "CONT");
        host.jail("-r", jid).said();
    }

    @Test
    void aStoppedWardenCanBeKilled() {
        int jid = start();
        long warden = host.process(jid, "jail-warden");
        signal(warden, "STOP");
        signal(warden, "KILL");
        host.assertNothingLeftOfJails();
    }

    /** Calls that wait fail, and the jail ends: there is none without the one who is asked. */
    @Test
    void aKilledUsherTakesTheJailAlong() {
        int jid = start();
        host.jexec(jid, "net6", "tcp4", "name").said();
        var caller = host.start(Host.BIN + "/jexec", "" + jid, "sh", "-c",
                "echo up; while :; do net6 tcp4 bind 0.0.0.0 8080 name || exit 9; done");
        assertEquals("up", caller.line());
        signal(host.process(jid, "jail-usher"), "KILL");
        assertTrue(caller.end().status() != 0);
        host.assertNothingLeftOfJails();
    }
}
