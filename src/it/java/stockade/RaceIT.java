package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The way of CVE-2021-30465: what jail(8) goes to in a tree is exchanged for a symbolic link to the outside while it goes
 * there, again and again. Targets of mounts are MountIT's, the writes of mkjail(8) MkjailHostileIT's.
 */
class RaceIT {
    private static final String ADDRESS = "10.7.0.2";
    private static final int MOST_TRIES = 400;

    @RegisterExtension
    final Host host = new Host();

    private final Tree tree = Tree.busybox();
    private final Tree outside = Tree.empty().directory("pts").directory("self");

    private Running swap(String path) {
        tree.link("evil", outside.toString());
        var swapper = host.start(Tree.probe("swap").toString(), tree.path(path).toString(), tree.path("evil").toString());
        assertEquals("swapped", swapper.line());
        return swapper;
    }

    /** On the host the link is followed, soon. The mounts are in a namespace of their own, or the directories could not be exchanged. */
    private void assertIsFollowed(String path) {
        var result = host.run("unshare", "--mount", "sh", "-c", "for i in $(seq 100); do mount -t tmpfs race " + tree.path(path)
                + "; grep -q '^race " + outside + " ' /proc/self/mounts && echo out && exit; done 2>/dev/null");
        assertEquals("out", result.out().strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "proc"})
    void mountPoints(String path) {
        var before = host.mounts();
        var swapper = swap(path);
        assertIsFollowed(path);
        int made = 0;
        int refused = 0;
        for (int i = 0; (made < 5 || refused < 5) && i < MOST_TRIES; i++) {
            var result = host.jail(tree, "jail", ADDRESS, "sh", "-c", "echo up; cut -d' ' -f2 /proc/mounts /evil/mounts 2>/dev/null; true");
            if (result.out().isEmpty()) {
                assertEquals(1, result.errors().lines().count(), result.toString());
                refused++;
            } else {
                assertEquals(List.of("up"), result.out().lines().filter(line -> !line.matches("/|/(dev|proc|evil)(/.*)?")).toList());
                made++;
            }
            assertEquals(List.of("pts", "self"), Host.list(outside.root()));
            assertEquals(before, host.mounts());
        }
        assertTrue(made >= 5 && refused >= 5, made + " made, " + refused + " refused");
        assertTrue(swapper.isAlive(), swapper.errors());
        swapper.kill();
    }

    /** Of the directory there is another, which has in it what is looked for in a /proc: neither is found in place of the other. */
    @Test
    void theProcThatIsCoveredIsTheOneThatIsMounted() {
        for (var name : List.of("sys", "irq", "acpi", "scsi", "bus", "fs", "asound")) {
            tree.directory("evil/" + name);
        }
        for (var name : List.of("kcore", "keys", "key-users", "kallsyms", "sysrq-trigger", "sched_debug", "latency_stats")) {
            tree.file("evil/" + name, "");
        }
        var swapper = host.start(Tree.probe("swap").toString(), tree.path("proc").toString(), tree.path("evil").toString());
        assertEquals("swapped", swapper.line());
        for (int i = 0; i < 40; i++) {
            var told = host.jail(tree, "jail", ADDRESS, "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do attack open_to_write /proc/sys/kernel/shmmax;"
                    + " attack open_to_write /evil/sys/kernel/shmmax; done").said(); // by whichever name it is there
            assertTrue(told.contains("EROFS"), told);
            assertFalse(told.contains("done"), "the kernel's settings can be written");
        }
        assertTrue(swapper.isAlive(), swapper.errors());
        swapper.kill();
    }

    /** The log of a jail's commands, whose directory is not the jail's to write but may be exchanged by somebody else. */
    @Test
    void theConsolesLog(@TempDir Path directory) throws IOException {
        var logs = Files.createDirectory(directory.resolve("logs"));
        Files.createSymbolicLink(directory.resolve("evil"), outside.root());
        var swapper = host.start(Tree.probe("swap").toString(), logs.toString(), directory.resolve("evil").toString());
        assertEquals("swapped", swapper.line());
        assertEquals("out", host.run("sh", "-c", "for i in $(seq 1000); do echo x >>" + logs + "/shell; [ -e " + outside + "/shell ] && echo out"
                + " && exit; done").said());
        int made = 0;
        int refused = 0;
        for (int i = 0; (made < 5 || refused < 5) && i < MOST_TRIES; i++) {
            var result = host.jail("-q", "-c", "path=" + tree, "exec.start=true", "exec.consolelog=" + logs + "/console", "name=race",
                    "persist");
            if (result.status() == 0) {
                host.jail("-q", "-r", "race").said();
                made++;
            } else {
                result.assertFailed("jail: exec.consolelog: " + logs + " is a symbolic link");
                refused++;
            }
        }
        assertTrue(made >= 5 && refused >= 5, made + " made, " + refused + " refused");
        swapper.kill();
        assertEquals(List.of("pts", "self", "shell"), Host.list(outside.root()));
    }
}
