package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a jail takes until it gets no more leaves the host and other jails theirs. */
class ExhaustionIT {
    private static final Tree TREE = Tree.busybox();

    @RegisterExtension
    final Host host = Host.withLimits();

    private String start(String... parameters) {
        var words = new ArrayList<Object>(List.of("-i", "-c", "path=" + TREE));
        words.addAll(List.of(parameters));
        words.addAll(List.of("command=sleep", "600"));
        return host.startJail(words.toArray()).line();
    }

    private Running hog(String jid, String what, int most) {
        return host.start(Host.BIN + "/jexec", "-U", "user", jid, "hog", what, "" + most);
    }

    private int onHost(String what, int most) {
        var hog = host.start(Tree.probe("hog").toString(), what, "" + most);
        int taken = Integer.parseInt(hog.line());
        hog.kill();
        return taken;
    }

    @ParameterizedTest
    @CsvSource({"processes, 60", "threads, 60"})
    void pids(String what, int most) {
        var jid = start("rctl.maxproc=50");
        var other = start("rctl.maxproc=50");
        int taken = Integer.parseInt(hog(jid, what, most).line());
        assertTrue(taken < 50, "" + taken);
        assertEquals("jexec: fork: Resource temporarily unavailable\n", host.jexec(jid, "true").errors());
        assertEquals("alive", host.jexec(other, "echo", "alive").said());
        assertEquals(most, onHost(what, most));
        host.jail("-r", jid).said();
        assertEquals(other, host.jls("jid").said());
    }

    /** They end faster than init takes them in, which hears its warden nevertheless. */
    @Test
    void orphans() {
        var jid = start("rctl.maxproc=5000");
        assertEquals("30", host.start(Host.BIN + "/jexec", jid, "hog", "orphans", "30").line());
        var jexec = host.start(Host.BIN + "/jexec", jid, "sh", "-c", "echo alive; exec sleep 600");
        jexec.await("alive");
        host.jail("-r", jid).said();
        assertEquals("", host.jls("jid").said());
    }

    /** Who stops all processes of a user stops commands that are about to be the user's, but not init, which makes them. */
    @Test
    void stoppedCommands() {
        var jid = start();
        host.start(Host.BIN + "/jexec", "-U", "user", jid, "sh", "-c", "echo ready; while :; do kill -STOP -1; done")
                .await("ready");
        for (int i = 0; i < 20; i++) {
            host.start(Host.BIN + "/jexec", "-U", "user", jid, "sleep", "600");
            assertEquals("alive", host.jexec(jid, "echo", "alive").said());
        }
    }

    /** A tmpfs is memory, too: of the jail that has it. Its own init may be among what is ended. */
    @Test
    void memory() {
        var fill = new String[] {"dd", "if=/dev/zero", "of=/dev/shm/x", "bs=1M", "count=60"};
        var words = new ArrayList<Object>(List.of(start()));
        words.addAll(List.of(fill));
        assertEquals(0, host.jexec(words.toArray()).status());
        var other = start("rctl.memoryuse=30M");
        words.set(0, start("rctl.memoryuse=30M"));
        assertTrue(host.jexec(words.toArray()).status() != 0, "no limit");
        assertEquals("alive", host.jexec(other, "echo", "alive").said());
    }

    /** Slots for asynchronous reading and writing, which are the machine's and no user's: a jail has none. */
    @Test
    void asynchronousReadingAndWriting() {
        assertEquals(3, onHost("asynchronous", 3));
        var jid = start();
        assertEquals("0", hog(jid, "asynchronous", 1000).line());
        assertEquals("0", host.start(Host.BIN + "/jexec", jid, "hog", "asynchronous", "1000").line());
        assertEquals(3, onHost("asynchronous", 3));
    }
}
