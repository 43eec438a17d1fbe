package stockade;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** All of a host that a jail must not change, as it is at one moment: lines, each with what it is about in front. */
final class HostState {
    /** What changes by itself, or by anybody's use of the machine, and what reading itself counts. */
    private static final Pattern VOLATILE = Pattern.compile("/proc/sys/(fs/(.*-nr|dentry-state|inode-state|aio-nr|quota/.*)"
            + "|kernel/(random/.*|ns_last_pid|pty/nr)|net/netfilter/nf_conntrack_count)");

    private final List<String> lines = new ArrayList<>();

    private HostState() {
    }

    /**
     * @param host what has these mounts and this network
     * @param files below which no file may change, on the host
     */
    static HostState of(Host host, Path... files) {
        var state = new HostState();
        state.add("mount", Host.read(Path.of("/proc/" + host.pid() + "/mountinfo")));
        state.add("link", host.run("ip", "-d", "link", "show").said().replaceAll("qlen \\d+", ""));
        state.add("address", host.run("ip", "address", "show").said());
        state.add("route", host.run("ip", "route", "show", "table", "all").said());
        state.add("route6", host.run("ip", "-6", "route", "show", "table", "all").said());
        state.add("rule", host.run("ip", "rule", "show").said());
        state.add("neighbour", host.run("ip", "neighbour", "show").said());
        state.add("group", host.run("ip", "maddress", "show").said());
        state.add("listener", host.run("sh", "-c", "cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" { print $2 }'; "
                + "cat /proc/net/udp /proc/net/udp6 /proc/net/raw /proc/net/raw6 /proc/net/packet | awk '{ print $2, $4 }'").said());
        state.add("unix", host.run("sh", "-c", "awk '$4 == \"00010000\" { print $8 }' /proc/net/unix | sort").said());
        state.add("hostname", host.run("sh", "-c", "hostname; cat /proc/sys/kernel/domainname").said());
        state.add("module", Files.exists(Path.of("/proc/modules")) ? Host.read(Path.of("/proc/modules")).replaceAll("(?m)^(\\S+) .*$", "$1") : "");
        state.add("binfmt", host.run("sh", "-c", "cat /proc/sys/fs/binfmt_misc/* 2>/dev/null || :").said());
        state.add("swap", Host.read(Path.of("/proc/swaps")));
        state.add("sysvipc", host.run("sh", "-c", "cat /proc/sysvipc/*").said());
        state.add("device", host.run("sh", "-c", "find /dev ! -path '/dev/pts/*' ! -path '/dev/shm/*' -printf '%p %M %U %G %l\\n'").said());
        state.addSysctls(host);
        for (var directory : files) {
            state.addFiles(directory);
        }
        return state;
    }

    private void add(String what, String text) {
        text.lines().forEach(line -> lines.add(what + " " + line.strip()));
    }

    private void addSysctls(Host host) {
        var values = host.run("sh", "-c", "grep -rs '' /proc/sys || :").said();
        values.lines().filter(line -> !VOLATILE.matcher(line).lookingAt()).sorted().forEach(line -> lines.add("sysctl " + line));
    }

    private void addFiles(Path directory) {
        try (var paths = Files.walk(directory)) {
            for (var path : paths.sorted().toList()) {
                var attributes = Files.readAttributes(path, "unix:ino,mode,uid,gid,size,nlink,ctime", LinkOption.NOFOLLOW_LINKS);
                lines.add("file " + path + " " + new TreeMap<>(attributes));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is in one of both, the earlier with "-" in front. */
    String differences(HostState later) {
        var counts = new TreeMap<String, Integer>();
        lines.forEach(line -> counts.merge(line, -1, Integer::sum));
        later.lines.forEach(line -> counts.merge(line, 1, Integer::sum));
        return counts.entrySet().stream().filter(entry -> entry.getValue() != 0)
                .map(Map.Entry::getKey).map(line -> (counts.get(line) < 0 ? "-" : "+") + line).collect(Collectors.joining("\n"));
    }
}
