package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every file of /proc and /sys by which root changes the kernel is tried by a jail's root. */
class ProcWriteIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";
    private static final String SWEEP = Tree.probe("sweep").toString();
    private static final String WRITABLE = "find %s -type f -perm /222 2>/dev/null; true";
    /** A name that is not there, a user who is not the owner, a mount that is for reading only. */
    private static final Set<String> REFUSALS = Set.of("ENOENT", "EACCES", "EPERM", "EROFS");

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private Set<String> ofHost(String directories) {
        return new LinkedHashSet<>(host.run("sh", "-c", WRITABLE.formatted(directories)).said().lines().toList());
    }

    /** What the probe says of paths, by each first word. */
    private static Set<String> answers(Running probe, Set<String> paths) {
        probe.type(String.join("\n", paths) + "\n");
        var lines = probe.end().said().lines().toList();
        assertEquals(paths.size(), lines.size());
        return lines.stream().map(line -> line.split(" ")[0]).collect(Collectors.toCollection(TreeSet::new));
    }

    private void assertRefused(Running probe, Set<String> paths) {
        var answers = answers(probe, paths);
        assertTrue(REFUSALS.containsAll(answers), answers.toString());
    }

    /** The settings of the kernel and their values, but for the last pid, which changes with each fork. */
    private List<String> settings() {
        var paths = ofHost("/proc/sys").stream().filter(path -> !path.endsWith("/ns_last_pid")).toList();
        return host.start(SWEEP, "values").type(String.join("\n", paths) + "\n").end().said().lines().toList();
    }

    private static Running jexec(Host host, Object jid, String... command) {
        var words = new ArrayList<>(List.of(Host.BIN + "/jexec", jid.toString()));
        words.addAll(List.of(command));
        return host.start(words.toArray(String[]::new));
    }

    /** In a jail of every kind: that of a stack of its own has settings of its own, too, which the mount keeps. */
    @ParameterizedTest
    @ValueSource(strings = {"ip4.addr=" + ADDRESS, "ip4=inherit", "vnet", "exec.allow=/bin/busybox,/bin/sweep",
        "allow.sysvipc allow.raw_sockets allow.mlock allow.chflags allow.set_hostname allow.read_msgbuf"})
    void noSettingOfTheKernelCanBeWritten(String parameters) {
        var paths = ofHost("/proc/sys /sys");
        assertTrue(paths.size() > 500, "the host has only " + paths.size());
        var before = settings();
        var still = new ArrayList<>(settings());
        var words = new ArrayList<Object>(List.of("-i", "-c", "path=" + TREE));
        words.addAll(List.of(parameters.split(" ")));
        words.addAll(List.of("command=/bin/busybox", "sleep", "600"));
        var jid = host.startJail(words.toArray()).line();
        assertRefused(jexec(host, jid, "/bin/sweep"), paths);
        var inside = new LinkedHashSet<>(host.jexec(jid, "/bin/busybox", "sh", "-c", WRITABLE.formatted("/proc/sys /sys")).out()
                .lines().toList());
        assertTrue(inside.size() > 100, "the jail sees only " + inside.size());
        assertRefused(jexec(host, jid, "/bin/sweep"), inside);
        still.retainAll(before); // others change by themselves
        var after = settings();
        assertEquals(List.of(), still.stream().filter(value -> !after.contains(value)).toList());
    }

    /** The same opened by the host's root; and written, what is of the test's own namespaces. */
    @Test
    void outsideTheyCanBeWritten() {
        var own = ofHost("/proc/sys/net/ipv4/conf/lo");
        assertTrue(own.size() > 10, own.toString());
        var answers = answers(host.start(SWEEP), own);
        assertTrue(answers.contains("written"), answers.toString());
        assertEquals(Set.of("written"), answers(host.start(SWEEP), Set.of("/proc/sys/kernel/hostname")));
        assertEquals(Set.of("opened"), answers(host.start(SWEEP, "open"), ofHost("/proc/sys/fs /proc/sys/vm").stream()
                .filter(path -> !path.contains("binfmt_misc")).collect(Collectors.toSet())));
    }

    /** The files by which a kernel runs a program of the host's, or another for a file. */
    @ParameterizedTest
    @ValueSource(strings = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug",
        "/proc/sys/kernel/poweroff_cmd", "/proc/sys/kernel/usermodehelper/bset", "/proc/sys/fs/binfmt_misc/register",
        "/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/sys/kernel/debug/sched/features", "/sys/power/state"})
    void whatHasTheKernelRunSomethingIsRefused(String path) {
        assertTrue(Set.of("opened", "ENOENT").containsAll(answers(host.start(SWEEP, "open"), Set.of(path))));
        assertRefused(host.startJail(TREE, "jail", ADDRESS, "sweep", "open"), Set.of(path));
    }

    /** Of the file systems by which the kernel is told, none can be had: not by mounting, not by a tree that has them. */
    @ParameterizedTest
    @ValueSource(strings = {"sysfs", "cgroup2", "binfmt_misc", "debugfs", "tracefs", "securityfs", "bpf"})
    void fileSystemsOfTheKernel(String type) {
        var outside = host.run(Tree.probe("breach").toString(), "mount", type).said();
        assumeFalse(outside.equals("ENODEV"), "this kernel has no " + type);
        assertEquals("done", outside);
        assertEquals("EPERM", host.jail(TREE, "jail", ADDRESS, "breach", "mount", type).said());
        var tree = Tree.busybox();
        var at = tree.path("mnt").toString();
        host.run("mount", "-t", type, "none", at).said();
        try {
            var result = host.jail(tree, "jail", ADDRESS, "sh", "-c", "ls -A /mnt; grep -c ' /mnt ' /proc/mounts");
            assertEquals("0\n", result.out(), "the jail has " + type);
        } finally {
            host.run("umount", at).said();
        }
    }

    @Test
    void theWholeHostAsTheTreeHasNoneOfThem() {
        var paths = ofHost("/sys /proc/sys");
        var sweep = Tree.probe("sweep").toString();
        assertRefused(host.startJail("-c", "path=/", "allow.exposed_path", "ip4.addr=" + ADDRESS, "command=" + sweep), paths);
    }

    /** The program that the kernel runs for a cgroup that is empty, which only the host's root is to name. */
    @Test
    void releaseAgent() {
        assertEquals("done", host.run(Tree.probe("breach").toString(), "release_agent").said());
        assertEquals("EPERM", host.jail(TREE, "jail", ADDRESS, "breach", "release_agent").said());
        assertEquals("", host.jail(TREE, "jail", ADDRESS, "sh", "-c", "find / -name 'release_agent' -o -name 'cgroup.procs'").out());
    }
}
