package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** rctl.*: each limit is exceeded, and so much can be had where there is none. */
class ResourceLimitsIT {
    private static final Tree TREE = Tree.busybox();
    private static final String FILL = "dd if=/dev/zero of=/dev/null bs=40M count=1 2>/dev/null; echo $?";

    @RegisterExtension
    final Host host = Host.withLimits();

    private static Object[] words(List<String> parameters, String... command) {
        var words = new ArrayList<Object>(List.of("-i", "-c", "path=" + TREE));
        words.addAll(parameters);
        words.add("command=" + command[0]);
        words.addAll(List.of(command).subList(1, command.length));
        return words.toArray();
    }

    /** Runs a command in a jail with these parameters and returns what it says. */
    private String run(List<String> parameters, String... command) {
        var words = new ArrayList<>(List.of(words(parameters, command)));
        words.remove("-i");
        return host.jail(words.toArray()).said();
    }

    private int start(List<String> parameters) {
        return Integer.parseInt(host.startJail(words(parameters, "sleep", "600")).line());
    }

    /** How much of something the hog gets in a jail with these parameters, of so much that it wants. */
    private int taken(List<String> parameters, String what, int most) {
        var hog = host.startJail(words(parameters, "hog", what, "" + most));
        var jid = hog.line();
        int taken = Integer.parseInt(hog.line());
        host.jail("-r", jid).said();
        return taken;
    }

    @Test
    void memory() {
        assertEquals("0", run(List.of(), "sh", "-c", FILL));
        int other = start(List.of("rctl.memoryuse=20M"));
        int jid = start(List.of("rctl.memoryuse=20M"));
        assertEquals("137", host.jexec(jid, "sh", "-c", FILL).out().strip());
        assertEquals("alive", host.jexec(jid, "echo", "alive").said());
        assertEquals("alive", host.jexec(other, "echo", "alive").said());
    }

    /** The jail's init may be what is ended, and then all of the jail is, and nothing else. */
    @Test
    void memoryForNothing() {
        int other = start(List.of());
        var result = host.jail("-c", "path=" + TREE, "rctl.memoryuse=0", "command=true");
        assertFalse(result.status() == 0, result.toString());
        assertEquals("alive", host.jexec(other, "echo", "alive").said());
        assertEquals("" + other, host.jls("jid").said());
    }

    @Test
    void processes() {
        assertEquals(20, taken(List.of(), "processes", 20));
        assertEquals(9, taken(List.of("rctl.maxproc=10"), "processes", 20));
        assertEquals(9, taken(List.of("rctl.maxproc=deny=10"), "threads", 20));
        assertEquals(6, taken(List.of("rctl.nthr=7", "rctl.maxproc=10"), "threads", 20));
    }

    /** Neither the warden nor the usher count, and both still do what they must. */
    @Test
    void theJailsOwnersAreNotKeptWaiting() {
        int jid = start(List.of("rctl.maxproc=2", "rctl.pcpu=1"));
        var busy = host.start(Host.BIN + "/jexec", "" + jid, "sh", "-c", "echo busy; while :; do :; done");
        assertEquals("busy", busy.line());
        host.jexec(jid, "true").assertFailed("jexec: fork: Resource temporarily unavailable");
        host.jail("-r", jid).said();
        assertEquals("", host.jls("jid").said());
    }

    /** What a process that is busy for two seconds gets of them. */
    private double busy(List<String> parameters) {
        var told = run(parameters, "sh", "-c", "time timeout 2 sh -c 'while :; do :; done' 2>&1; true");
        var matcher = Pattern.compile("(user|sys)\\s+(\\d+)m\\s*([0-9.]+)s").matcher(told);
        double seconds = 0;
        while (matcher.find()) {
            seconds += 60 * Integer.parseInt(matcher.group(2)) + Double.parseDouble(matcher.group(3));
        }
        return seconds;
    }

    @Test
    void processorTime() {
        double limited = busy(List.of("rctl.pcpu=10"));
        double unlimited = busy(List.of());
        assertTrue(limited > 0.05 && limited < 0.4 && unlimited > 0.6, limited + " s of CPU time, without limit " + unlimited);
    }

    /** How long a jail takes, in seconds. */
    private double time(List<String> parameters, String command) {
        long before = System.nanoTime();
        run(parameters, "sh", "-ec", command + " 2>/dev/null");
        return (System.nanoTime() - before) / 1e9;
    }

    @ParameterizedTest
    @CsvSource({"readbps=1M, dd if=/home/file of=/dev/null iflag=direct bs=128k count=24",
        "readiops=throttle=20, dd if=/home/file of=/dev/null iflag=direct bs=4k count=60",
        "writebps=1M, dd if=/dev/zero of=/home/written oflag=direct bs=128k count=24",
        "writeiops=20, dd if=/dev/zero of=/home/written oflag=direct conv=notrunc bs=4k count=60"})
    void disks(String limit, String command) {
        Tree.output("dd", "if=/dev/zero", "of=" + TREE.path("home/file"), "bs=1M", "count=4", "conv=fsync", "status=none");
        double unlimited = time(List.of(), command);
        double limited = time(List.of("rctl." + limit), command);
        assertTrue(limited > 1.5 && unlimited < limited / 2, limited + " s, without limit " + unlimited);
    }

    @Test
    void systemV() {
        for (var what : List.of("segments", "queues", "semaphores")) {
            assertEquals(20, taken(List.of("allow.sysvipc"), what, 20));
        }
        assertEquals(5, taken(List.of("allow.sysvipc", "rctl.nshm=5"), "segments", 20));
        assertEquals(6, taken(List.of("allow.sysvipc", "rctl.shmsize=24K"), "segments", 20));
        assertEquals(7, taken(List.of("allow.sysvipc", "rctl.nmsgq=7"), "queues", 20));
        assertEquals(8, taken(List.of("allow.sysvipc", "rctl.nsem=8"), "semaphores", 20));
        assertEquals("3", run(List.of("rctl.nsemop=3"), "cut", "-f", "3", "/proc/sys/kernel/sem"));
    }

    @Test
    void terminals() {
        assertEquals(20, taken(List.of(), "terminals", 20));
        assertEquals(4, taken(List.of("rctl.pseudoterminals=4"), "terminals", 20));
    }

    @Test
    void limitsOfAJailThatRuns() {
        int jid = start(List.of());
        assertEquals(List.of(), host.limits(jid));
        var before = host.start(Host.BIN + "/jexec", "" + jid, "sh", "-c",
                "echo ready; read x; hog processes 20 & read x");
        before.line();
        host.jail("-m", "jid=" + jid, "rctl.maxproc=10", "rctl.memoryuse=20M").said();
        var filled = host.jexec(jid, "sh", "-c", FILL);
        assertEquals("137", filled.out().strip(), filled.toString());
        before.type("\n");
        assertEquals("7", before.line()); // beside sleep, sh and itself
        host.jail("-m", "jid=" + jid, "rctl.maxproc=3").said();
        host.jexec(jid, "true").assertFailed("jexec: fork: Resource temporarily unavailable");
        host.jail("-m", "jid=" + jid, "rctl.nomaxproc", "rctl.nomemoryuse").said();
        assertEquals("0", host.jexec(jid, "sh", "-c", FILL).said());
        host.jail("-m", "jid=" + jid, "rctl.nshm=1").assertFailed("jail: rctl.nshm cannot be changed after creation");
        host.jail("-m", "jid=" + jid, "rctl.wallclock=1")
                .assertFailed("jail: rctl.wallclock: Linux has no such limit for a jail");
        host.jail("-r", jid).said();
    }

    @Test
    void usage() {
        int limited = start(List.of("rctl.memoryuse=50M", "rctl.maxproc=7"));
        host.jexec(limited, "dd", "if=/dev/zero", "of=/dev/shm/file", "bs=1M", "count=41", "status=none").said();
        int other = start(List.of());
        var told = host.jls("-v", "-j", limited).said();
        var memory = Pattern.compile("memoryuse=(\\d+)").matcher(told);
        assertTrue(memory.find() && Integer.parseInt(memory.group(1)) > 40 << 20, told);
        assertTrue(told.contains("maxproc=1\n") && told.contains("nthr=1\n"), told);
        assertTrue(host.jls("-v", "-j", other).said().contains("maxproc=1"), told);
    }

    @Test
    void theJailSeesNothingOfTheHostsGroups() {
        var groups = run(List.of("rctl.memoryuse=50M", "rctl.maxproc=7"), "cat", "/proc/self/cgroup").lines().toList();
        assertEquals(List.of(), groups.stream().filter(line -> !line.endsWith(":/")).toList());
    }

    @ParameterizedTest
    @CsvSource({"wallclock=5, Linux has no such limit for a jail", "maxproc=log=5, no action but deny: \"log\"",
        "maxproc=many, not an amount: \"many\"", "maxproc, no amount"})
    void refusals(String parameter, String reason) {
        int equals = parameter.indexOf('=');
        host.jail("-c", "path=" + TREE, "rctl." + parameter, "command=true").assertFailed("jail: rctl."
                + parameter.substring(0, equals < 0 ? parameter.length() : equals) + ": " + reason);
    }

    @Test
    void aLimitThatTheHostCantHave() {
        var result = host.run("unshare", "--mount", "sh", "-ec", "umount -l /sys/fs/cgroup/pids 2>/dev/null"
                + " && umount -l /sys/fs/cgroup/pids || umount /sys/block || mount -t tmpfs none /sys/block;"
                + " exec \"$@\"", "sh", Host.BIN + "/jail", "-c", "path=" + TREE, "rctl.memoryuse=50M", "rctl.maxproc=5",
                "rctl.readbps=5", "command=true");
        assertEquals(1, result.status());
        assertTrue(result.errors().startsWith("jail: rctl.maxproc: this host has no pids controller in ")
                || result.errors().equals("jail: rctl.readbps: this host has no disk\n"), result.errors());
        assertEquals("", host.jls("jid").said());
        host.assertNothingLeft();
    }

    @Test
    void whatAKilledWardenLeavesIsRemoved() {
        var parameters = List.of("rctl.memoryuse=50M", "rctl.maxproc=5", "rctl.pcpu=50", "rctl.readbps=1M");
        var creator = host.startJail(words(parameters, "sh", "-c", "sleep 600 >/dev/null 2>&1 & true"));
        int jid = Integer.parseInt(creator.line());
        assertEquals(0, creator.end().status());
        assertFalse(host.limits(jid).isEmpty());
        host.run("kill", "-9", "" + host.process(jid, "jail-warden")).said();
        Host.pause();
        assertFalse(host.limits(jid).isEmpty());
        host.jls().said();
        assertEquals(List.of(), host.limits(jid));
        host.assertNothingLeft();
    }

    /** One whose registry was lost: it is nobody's to limit. */
    @Test
    void aGroupOfSomethingElseIsLeftAlone() {
        int jid = start(List.of("rctl.maxproc=5"));
        var limits = host.limits(jid).get(0);
        var other = limits.resolveSibling("" + (jid + 1));
        Tree.output("mkdir", other.toString());
        var sleep = host.start("sh", "-ec", "echo $$ >" + path(other) + "/cgroup.procs; echo in; exec sleep 600");
        sleep.line();
        host.jail("-c", "path=" + TREE, "jid=" + (jid + 1), "rctl.maxproc=5", "command=true")
                .assertFailed("jail: jail " + (jid + 1) + " already exists");
        assertEquals(jid + 2, start(List.of("rctl.maxproc=5")));
        sleep.kill();
        sleep.end();
        assertEquals("", run(List.of("jid=" + (jid + 1), "rctl.maxproc=5"), "true"));
        assertTrue(Files.exists(limits));
    }

    private static Path path(Path machines) {
        return Path.of(machines.toString().replaceFirst("/stockade-it-[^/]*", ""));
    }
}
