package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a jail's warden and the commands that turn to it owe each other. */
class WardenIT {
    private static final Tree TREE = Tree.busybox();

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private int persistent() {
        return Integer.parseInt(host.jail("-i", "-c", "name=www", "path=" + TREE, "ip4.addr=10.7.0.2", "persist").said());
    }

    @Test
    void nothingOfAJailIsInTheCallersDirectory() {
        host.run("sh", "-ec", "mkdir /run/medium; mount -t tmpfs none /run/medium; cd /run/medium; " + Host.BIN + "/jail -q -c name=www path="
                + TREE + " persist; cd /; umount /run/medium; rmdir /run/medium").said();
        assertEquals("in", host.jexec("www", "echo", "in").said());
        host.jail("-r", "www").said();
    }

    /** Nor its init, which has the limits of the caller. */
    @Test
    void moreThanAWardenHasDescriptorsFor() {
        host.run("sh", "-c", "ulimit -n 64; exec " + Host.BIN + "/jail -q -c name=www path=" + TREE + " persist").said();
        var many = host.run("sh", "-c", "for i in $(seq 100); do $0 www sh -c 'sleep 1; echo in' & done 2>&1; wait", Host.BIN + "/jexec").out();
        var lines = many.lines().filter(line -> !line.equals("in")).toList();
        assertTrue(lines.size() < 100 && lines.stream().allMatch(line -> line.matches("jexec: .*([Tt]oo many open files|the warden .*)")), many);
        assertEquals("in", host.jexec("www", "echo", "in").said());
        host.jail("-r", "www").said();
        host.assertNothingLeft();
    }

    /** As many as a socket lets wait, of a warden who takes none. */
    @Test
    void aWardenThatHearsNobodyKeepsNoOtherWaiting() {
        int jid = persistent();
        var warden = "" + host.process(jid, "jail-warden");
        host.run("kill", "-STOP", warden).said();
        var waiting = host.start("sh", "-c", "for i in $(seq 100); do $0 www true & done 2>/dev/null; echo; wait", Host.BIN + "/jexec");
        waiting.line();
        Host.pause();
        host.jail("-m", "name=www", "ip4.addr=10.7.0.3").assertFailed("jail: the warden does not answer");
        assertEquals("", host.jail(TREE, "other", "10.7.0.4", "true").said());
        assertEquals("", host.jail("-q", "-r", "www").said());
        waiting.end();
        host.assertNothingLeft();
    }

    /** Its warden leaves what is left to a client only if that one sees to it. */
    @Test
    void aJailThatEndsWhileItIsChangedIsGone() {
        int jid = persistent();
        long warden = host.process(jid, "jail-warden");
        var changed = host.run("sh", "-c", "kill -STOP $1; $0 -m jid=" + jid + " persist & change=$!; sleep 0.3; kill -9 $2; sleep 0.1; kill -CONT $1; wait $change",
                Host.BIN + "/jail", "" + warden, "" + host.process(jid, "jail-init"));
        changed.assertFailed("jail: the jail has ended");
        host.assertNothingLeft();
    }

    /** Its jid is another's by then. */
    @Test
    void aStartThatFailsLateKillsNoOtherJail() {
        var late = host.startJail("-q", "-c", "jid=50", "path=" + TREE, "persist",
                "exec.created=touch /run/waits; while [ -e /run/waits ]; do sleep 0.02; done; false");
        while (!Files.exists(host.path("/run/waits"))) {
            Host.pause();
        }
        host.run("kill", "-9", "" + host.process(50, "jail-warden")).said();
        while (!host.jls("jid").said().isEmpty() || Files.exists(host.path("/run/stockade/jail/50"))) {
            Host.pause();
        }
        host.jail("-q", "-c", "jid=50", "path=" + TREE, "persist").said();
        host.run("rm", "/run/waits").said();
        assertEquals(1, late.end().status());
        assertEquals("50", host.jls("jid").said());
        assertEquals("in", host.jexec(50, "echo", "in").said());
        host.jail("-r", 50).said();
        host.assertNothingLeft();
    }
}
