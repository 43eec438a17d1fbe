package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What processes talk by without a file of their own tree does not lead across the border of a jail, in either direction. */
class IpcIT {
    private static final Tree TREE = Tree.busybox();
    private static final String IPC = Tree.probe("ipc").toString();
    private static final String BREACH = Tree.probe("breach").toString();

    @RegisterExtension
    final Host host = new Host();

    /** Of the host, of the jail and of another jail: each has its own under the same name, and sees only that. */
    @ParameterizedTest
    @CsvSource({"queue, ENOENT", "segment, ENOENT", "semaphore, ENOENT", "abstract, ECONNREFUSED"})
    void namesAreTheJailsOwn(String kind, String absent) {
        var name = (kind.equals("abstract") ? "" : "/") + "stockade-it-" + host.pid();
        int jid = host.background(TREE, "10.7.0.2");
        int other = host.background(TREE, "10.7.0.3");

        var hosts = host.start(IPC, "make", kind, name);
        assertEquals("done", hosts.line());
        assertEquals("done", host.run(IPC, "use", kind, name).said());
        assertEquals(absent, host.jexec(jid, "ipc", "use", kind, name).said());

        var jails = host.start(Host.BIN + "/jexec", "" + jid, "ipc", "make", kind, name);
        assertEquals("done", jails.line(), "the name is taken by the host's");
        assertEquals("done", host.jexec(jid, "ipc", "use", kind, name).said());
        assertEquals(absent, host.jexec(other, "ipc", "use", kind, name).said());

        hosts.end();
        assertEquals(absent, host.run(IPC, "use", kind, name).said(), "the host reaches the jail's");
        jails.end();
    }

    /** Names a process by its descriptor, which the other end of a local socket gives (SO_PEERPIDFD, Linux 6.5). */
    @ParameterizedTest
    @CsvSource({"peer_signal, EINVAL", "peer_descriptor, EPERM", "peer_namespace, EACCES", "peer_join, EPERM", "peer_advise, EACCES"})
    void theOtherEndOfASocketCanNotBeTouched(String breach, String refusal) {
        var give = Tree.probe("give").toString();
        assumeTrue(host.run(give, "pair", BREACH, breach).out().equals("done\n"), "this kernel lacks it");
        int jid = host.background(TREE, "10.7.0.2");
        assertEquals(refusal, host.run(give, "pair", Host.BIN + "/jexec", "" + jid, "breach", breach).said());
    }

    @Test
    void processesOfTheHostHaveNoNumbers() {
        int jid = host.background(TREE, "10.7.0.2");
        var victim = host.start("setsid", "sleep", "600");
        victim.awaitProgram("sleep");
        for (var breach : new String[] {"group_signal", "owner_of_signals", "kcmp"}) {
            assertEquals("done", host.run("sh", "-c", "echo | " + BREACH + " " + breach + " " + victim.pid()).said(), breach);
            assertEquals("ESRCH", host.jexec(jid, "sh", "-c", "echo | breach " + breach + " " + victim.pid()).said(), breach);
        }
    }
}
