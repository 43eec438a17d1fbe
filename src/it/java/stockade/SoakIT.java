package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Thousands of starts and stops beside a jail that stays, with commands in that: nothing grows. */
class SoakIT {
    private static final Tree TREE = Tree.busybox();
    private static final int AT_ONCE = 100;
    private static final int WARM_UP = 500;
    /** Kernel objects of which each jail has at least one, by what they are called in /proc/slabinfo. */
    private static final List<String> OBJECTS = List.of("mnt_cache", "net_namespace", "pid_namespace", "shmem_inode_cache",
            "sock_inode_cache", "task_struct", "user_namespace", "uts_namespace");

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    @Test
    void hundredsOfJailsLeaveNothing() throws Exception {
        soak(120, 120);
    }

    @Tag("long")
    @Test
    void thousandsOfJailsLeaveNothing() throws Exception {
        soak(10_000, 1_000);
    }

    private void soak(int starts, int commands) throws Exception {
        int jid = host.background(TREE, "10.7.0.2", "sleep", "3600");
        startAndStop(AT_ONCE);
        execute(jid, WARM_UP); // until the collectors of garbage have been at work
        host.jexec(jid, "net", "bind", "tcp", "0.0.0.0", "80").said(); // from now on it has an usher
        var before = figures(jid);
        long begin = System.nanoTime();
        startAndStop(starts);
        execute(jid, commands);
        var seconds = (System.nanoTime() - begin) / 1_000_000_000;
        var after = figures(jid);
        for (int i = 0; i < 100 && !isFlat(before, after, starts); i++) {
            TimeUnit.MILLISECONDS.sleep(100); // the kernel does away with some things later
            after = figures(jid);
        }
        System.out.println(starts + " starts and " + commands + " commands in " + seconds + " s\nbefore " + before + "\nafter  "
                + after);
        for (var name : before.keySet()) {
            assertTrue(after.get(name) - before.get(name) <= tolerance(name, starts),
                    name + ": " + before.get(name) + " before, " + after.get(name) + " after");
        }
        host.jail("-r", jid).said();
    }

    private static boolean isFlat(Map<String, Long> before, Map<String, Long> after, int starts) {
        return before.keySet().stream().allMatch(name -> after.get(name) - before.get(name) <= tolerance(name, starts));
    }

    /** What is the machine's alone changes by what else runs; one leaked by each jail would be {@code starts} more. */
    private static long tolerance(String name, int starts) {
        return name.startsWith("machine's ") ? Math.max(starts / 10, 1000) : name.endsWith(" KiB") ? 256 : 0;
    }

    private void startAndStop(int times) {
        for (int done = 0; done < times; done += AT_ONCE) {
            assertEquals("", host.run("sh", "-ec", "for i in $(seq " + AT_ONCE + "); do \"$@\"; done", "sh", Host.BIN + "/jail",
                    TREE.toString(), "jail", "10.7.0.3", "net", "bind", "tcp", "0.0.0.0", "80").said()
                    .replace("10.7.0.3:80", "").strip());
        }
    }

    private void execute(int jid, int times) {
        for (int done = 0; done < times; done += AT_ONCE) {
            assertEquals("", host.run("sh", "-ec", "for i in $(seq " + AT_ONCE + "); do \"$@\"; done", "sh", Host.BIN + "/jexec",
                    "" + jid, "net", "bind", "tcp", "0.0.0.0", "80").said().replace("10.7.0.2:80", "").strip());
        }
    }

    private Map<String, Long> figures(int jid) throws IOException {
        var figures = new TreeMap<String, Long>();
        for (var name : List.of("warden", "init", "usher")) {
            var process = Path.of("/proc/" + host.process(jid, "jail-" + name));
            figures.put(name + "'s descriptors", (long) Host.list(process.resolve("fd")).size());
            figures.put(name + "'s memory in KiB", number("(?m)^Pss: +(\\d+)", process.resolve("smaps_rollup")));
        }
        figures.put("mounts", (long) host.mounts().size());
        figures.put("machine's mounts", Files.readString(Path.of("/proc/self/mountinfo")).lines().count());
        for (var kind : List.of("nr_descendants", "nr_dying_descendants")) {
            figures.put(kind.contains("dying") ? "machine's dying cgroups" : "cgroups",
                    number(kind + " (\\d+)", host.cgroup().resolve("cgroup.stat")));
        }
        host.mapEntries().map(line -> line.split(" ")).forEach(map -> figures.put("BPF map " + map[0], Long.valueOf(map[1])));
        figures.put("machine's open files", number("^(\\d+)", Path.of("/proc/sys/fs/file-nr")));
        figures.put("machine's ipc namespaces", namespaces("ipc"));
        figures.put("machine's network namespaces", namespaces("net"));
        Files.readString(Path.of("/proc/slabinfo")).lines().map(line -> line.split(" +"))
                .filter(words -> OBJECTS.contains(words[0])).forEach(words -> figures.put("machine's " + words[0], Long.valueOf(words[1])));
        return figures;
    }

    /** How many namespaces of a kind processes are in. */
    private static long namespaces(String kind) {
        return Host.list(Path.of("/proc")).stream().filter(name -> name.matches("\\d+")).map(pid -> {
            try {
                return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + kind)).toString();
            } catch (IOException e) {
                return ""; // it has ended
            }
        }).distinct().count();
    }

    private static long number(String expression, Path file) throws IOException {
        var matcher = Pattern.compile(expression).matcher(Files.readString(file));
        assertTrue(matcher.find(), expression + " in " + file);
        return Long.parseLong(matcher.group(1));
    }
}
