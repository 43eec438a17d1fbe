package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a jail shares with the machine, and so might take from the host, from other jails, or from their root's time. */
class SharedMachineIT {
    private static final Tree TREE = Tree.busybox();

    @RegisterExtension
    final Host host = new Host();

    private String start(String address) {
        return host.startJail("-i", TREE, "jail", address, "sleep", "600").line();
    }

    private int taken(Object... command) {
        return Integer.parseInt(host.start(Stream.of(command).map(Object::toString).toArray(String[]::new)).line());
    }

    /** Once with all that a jail's users may have taken, the host's root still has its own. */
    @Test
    void inotify() {
        var jid = start("10.7.0.2");
        int limit = taken(Host.BIN + "/jexec", "-U", "user", jid, "hog", "inotify", 100_000);
        assertTrue(limit > 0 && limit < 100_000, "no limit: " + limit);
        assertEquals(limit / 2, taken(Tree.probe("hog"), "inotify", limit / 2));
    }

    @Test
    void terminals() {
        var jid = start("10.7.0.2");
        var other = start("10.7.0.3");
        assertEquals(256, taken(Host.BIN + "/jexec", "-U", "user", jid, "hog", "terminals", 5000));
        assertEquals(10, taken(Host.BIN + "/jexec", other, "hog", "terminals", 10));
    }

    /** Sockets of all addresses, of which each but the first is found through a table. */
    @Test
    void wildcards() {
        var jid = start("10.7.0.2,10.7.0.3");
        var other = start("10.7.0.4,10.7.0.5");
        assertEquals(4096, taken(Host.BIN + "/jexec", jid, "hog", "wildcards", 5000));
        assertEquals(10, taken(Host.BIN + "/jexec", other, "hog", "wildcards", 10));
    }

    /** Handing a socket in waits for the caller, which here is hardly ever scheduled. */
    @Test
    void aJailThatKeepsItsSocketsWaitingCanBeEntered() {
        var jid = start("10.7.0.2");
        var attack = host.start(Host.BIN + "/jexec", "-U", "user", jid, "hog", "callers", "200");
        attack.line();
        host.run("sleep", "2").said();
        long before = System.nanoTime();
        assertEquals("", host.remove(jid, 1).said());
        assertTrue(System.nanoTime() - before < 5_000_000_000L, "jail -r waited for the jail");
    }

    /** The usher may be the last to close a socket. */
    @Test
    void nobodyWaitsForASocketThatLingers() {
        var jid = start("10.7.0.2");
        int waited = Integer.parseInt(host.jexec("-U", "user", jid, "lose", "linger", "10.7.0.2", 30).said());
        assertTrue(waited < 15, waited + " s");
    }

    /** Users of sockets are compared by SO_REUSEPORT and by packet filters. */
    @Test
    void socketsAreOfTheJailsRoot() {
        var jid = start("10.7.0.2");
        var server = host.start(Host.BIN + "/jexec", jid, "net", "serve", "0.0.0.0", "8080", "jailed");
        server.line();
        var user = Integer.toUnsignedString(Integer.MIN_VALUE + (Integer.parseInt(jid) << 16));
        assertEquals(user, host.run("sh", "-c", "awk '$4 == \"0A\" { print $8 }' /proc/net/tcp").said());
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "2, 2", "1, 1", "1, 2", "1, 5", "16, 3"})
    void aLooseSocketIsNoStandardInput(String domain, String type) {
        var jid = start("10.7.0.2");
        var refused = "stdin: Is a socket that could be used for other connections";
        host.run(Tree.probe("give").toString(), "socket", domain, type, Host.BIN + "/jexec", jid, "true")
                .assertFailed("jexec: " + refused);
        host.run(Tree.probe("give").toString(), "socket", domain, type, Host.BIN + "/jail", TREE.toString(), "jail",
                "10.7.0.3", "true").assertFailed("jail: " + refused);
    }

    @Test
    void aConnectedLocalSocketIs() {
        var jid = start("10.7.0.2");
        assertEquals("ran", host.run(Tree.probe("give").toString(), "pair", Host.BIN + "/jexec", jid, "echo", "ran").said());
    }

    /** The command ends at once; what it left behind writes to the slow terminal without end. */
    @Test
    void aTerminalThatIsFloodedIsLeft() {
        var jid = start("10.7.0.2");
        var result = host.run("sh", "-c", "timeout 20 script -qec '" + Host.BIN + "/jexec " + jid + " hog flood; echo left'"
                + " /dev/null | while dd bs=4096 count=1 status=none | tee /dev/stderr | grep -q .; do sleep 0.05; done");
        assertTrue(result.errors().contains("left"), "still relaying");
    }
}
