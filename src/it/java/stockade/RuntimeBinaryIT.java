package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The way of CVE-2019-5736: a tree has the program that makes the jail run itself, and somebody in the jail writes to what
 * runs then, to be run by the host's root the next time. And of CVE-2024-21626: a working directory that is outside.
 */
class RuntimeBinaryIT {
    private static final String ADDRESS = "10.7.0.2";
    private static final Path BINARY = Path.of("target/stockade").toAbsolutePath();
    private static final int MOST_TRIES = 300;

    @RegisterExtension
    final Host host = new Host();

    private final Tree tree = Tree.busybox().link("bin/linked", "/proc/self/exe").script("bin/script", "#!/proc/self/exe\n");
    private final String secret = Tree.empty().file("secret", "").path("secret").toString();

    /** Has the program that makes jails run in reach of who hunts for it, until it is caught. */
    private static String caught(Running hunter, Runnable bait) {
        assertEquals("ready", hunter.line());
        for (int i = 0; hunter.out().lines().count() < 2; i++) {
            assertTrue(i < MOST_TRIES, "never seen: " + hunter.errors());
            if (hunter.isAlive()) {
                bait.run();
            }
        }
        return hunter.line();
    }

    @Test
    void whereNothingConfinesItTheProgramIsOverwritten() throws IOException {
        var runtime = Tree.empty().copy(Path.of("/bin/busybox"), "runtime").path("runtime");
        host.run("mount", "--bind", "/proc", tree + "/proc").said();
        try {
            var told = caught(host.start("chroot", tree.toString(), "/bin/hunt", "runtime"),
                    () -> host.run("bash", "-c", "exec -a chroot " + runtime + " " + tree + " /bin/linked"));
            assertEquals("open done truncate done chmod done link", told.substring(0, told.lastIndexOf(' ')));
            assertFalse(Arrays.equals(Files.readAllBytes(Path.of("/bin/busybox")), Files.readAllBytes(runtime)));
        } finally {
            host.run("umount", tree + "/proc").said();
        }
    }

    /** It can be read there, as any user of the host can read it. */
    @ParameterizedTest
    @ValueSource(strings = {"linked", "script"})
    void jexecIntoAHostileJail(String program) throws IOException {
        var before = Files.readAllBytes(BINARY);
        int jid = host.background(tree, ADDRESS);
        var told = caught(host.start(Host.BIN + "/jexec", "" + jid, "hunt", "stockade"), () -> host.jexec(jid, program));
        assertEquals("open EACCES truncate EACCES chmod EPERM link", told.substring(0, told.lastIndexOf(' ')));
        assertFalse(told.endsWith("done"), told);
        assertTrue(Arrays.equals(before, Files.readAllBytes(BINARY)), "the program was written to");
    }

    /** With what it is made of, a jail has no more than any program of its own. */
    @Test
    void whatRunsThenIsConfined() {
        for (var program : new String[] {"linked", "script"}) {
            assertEquals(1, host.jail(tree, "jail", ADDRESS, "sh", "-c", program + " 2>/dev/null; echo $?").said().lines().count());
        }
        int jid = host.background(tree, ADDRESS);
        var result = host.jexec(jid, "linked", "jail", "/", "inner", "127.0.0.1", "true");
        assertEquals(1, result.status(), result.toString());
        assertTrue(result.errors().startsWith("jail: "), result.errors());
        assertEquals("" + jid, host.jls("jid").said());
    }

    /** What the process has open before it becomes the command, and what its caller has. */
    @Test
    void workingDirectoriesThatAreOutside() {
        host.run("mount", "--bind", "/proc", tree + "/proc").said();
        assertEquals("out", host.run("sh", "-c", "exec 9</; exec chroot " + tree
                + " /bin/sh -c 'cd /proc/self/fd/9/ && exec escape here \"$1\"' sh " + secret).said());
        host.run("umount", tree + "/proc").said();
        int jid = host.background(tree, ADDRESS);
        var give = Tree.probe("give").toString();
        for (int i = 0; i < 52; i++) {
            assertStaysInside("/proc/self/fd/" + i, host.run(give, "descriptors", Host.BIN + "/jexec", "-d", "/proc/self/fd/" + i,
                    "" + jid, "escape", "here", secret));
        }
        for (var directory : new String[] {"/proc/1/root", "/proc/1/cwd", "/proc/1/task/1/root", "/proc/self/root/..",
            "/proc/self/cwd/../..", "/proc/thread-self/cwd/..", "../../../../.."}) {
            assertStaysInside(directory, host.jexec("-d", directory, jid, "escape", "here", secret));
            tree.file("etc/passwd", "root:x:0:0:root:" + directory + ":/bin/sh\nevil:x:0:0::" + directory + ":/bin/sh\n");
            assertStaysInside(directory, host.jexec("-l", "-U", "evil", jid, "escape", "here", secret));
            assertStaysInside(directory, host.jail("-l", "-U", "evil", tree, "jail", "10.7.0.3", "/bin/escape", "here", secret));
        }
    }

    private static void assertStaysInside(String directory, Result result) {
        assertTrue(result.out().equals("inside\n") || result.status() == 1 && result.out().isEmpty(), directory + ": " + result);
    }
}
