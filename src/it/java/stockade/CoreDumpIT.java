package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the kernel writes of a process that it ends. */
class CoreDumpIT {
    private static final String ADDRESS = "10.7.0.2";
    private static final int SIGSEGV = 11;
    private static final String CRASH = "ulimit -c unlimited; cd \"$1\"; sh -c 'kill -SEGV $$'";

    @RegisterExtension
    final Host host = new Host();

    private final Tree tree = Tree.busybox();
    private final Tree outside = Tree.empty();

    /** Where the host has a program for it, it is that program's to know that it looks at what a jail made. */
    @BeforeEach
    void theKernelWritesFiles() {
        var pattern = Host.read(Path.of("/proc/sys/kernel/core_pattern"));
        assumeTrue(pattern.startsWith("core"), "the host's core_pattern is " + pattern);
    }

    private static List<String> cores(Tree tree, String directory) {
        return Host.list(tree.path(directory)).stream().filter(name -> name.startsWith("core")).toList();
    }

    @Test
    void aCoreIsTheJails() {
        host.run("sh", "-c", CRASH, "sh", outside.toString());
        assertEquals(1, cores(outside, "").size(), "the host writes none");
        outside.path(cores(outside, "").get(0)).toFile().delete();

        var caller = "cd " + outside + "; ulimit -c unlimited; exec \"$@\"";
        var result = host.run("sh", "-c", caller, "sh", Host.BIN + "/jail", tree.toString(), "jail", ADDRESS, "sh", "-c", CRASH, "sh", "/tmp");
        assertEquals(128 + SIGSEGV, result.status(), result.toString());
        assertEquals(List.of(), cores(outside, ""));
        assertEquals(1, cores(tree, "tmp").size());
        assertEquals(0, tree.attribute("tmp/" + cores(tree, "tmp").get(0), "uid"));
    }

    /** A name that the kernel will use leads where the jail can't write itself. */
    @Test
    void noCoreThroughALink() {
        var victim = outside.file("victim", "as it was").mode("victim", 0666).path("victim");
        host.run("sh", "-c", "ln -s " + victim + " " + tree + "/tmp/core; ln -s /../../../../../../" + victim + " " + tree + "/home/core").said();
        for (var directory : List.of("/tmp", "/home")) {
            host.jail(tree, "jail", ADDRESS, "sh", "-c", CRASH, "sh", directory);
        }
        assertEquals("as it was", Host.read(victim));
    }
}
