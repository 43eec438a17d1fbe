package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Root in a jail makes any system call with any arguments, and the host is as it was. */
class SystemCallFuzzIT {
    private static final int ROUND = 5; // seconds, after which the jail is entered anew: the fuzzer can kill or starve itself

    /** For a round in which it did not. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    @ParameterizedTest
    @ValueSource(strings = {"ip4.addr=10.7.0.2", "vnet"})
    void forAWhile(String network) {
        run(network, Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ip4.addr=10.7.0.2", "ip4.addr=10.7.0.2,10.7.0.3 ip6.addr=fd07::2 allow.raw_sockets allow.sysvipc allow.mlock",
        "vnet"})
    @Tag("long")
    void forLong(String network) {
        run(network, Duration.ofSeconds(200));
    }

    /** A process of the host. */
    private String witness(String... as) {
        return host.start(Stream.concat(Stream.of(as), Stream.of("sh", "-c", "echo $$; exec sleep 600")).toArray(String[]::new)).line();
    }

    private void run(String parameters, Duration duration) {
        long first = new Random().nextLong() >>> 1;
        var tree = Tree.busybox();
        var programs = Tree.empty().copy(Path.of("/bin/busybox"), "sh").copy(Tree.probe("fuzz"), "fuzz"); // all in the tree can be broken
        host.run("mount", "-t", "tmpfs", "-o", "size=64m", "fuzz", tree.path("tmp").toString()).said();
        var witnesses = List.of(witness(), witness("setpriv", "--reuid=65534", "--clear-groups"),
                witness("setpriv", "--reuid=" + ((1L << 31) + (1 << 16)), "--clear-groups")); // the user that the jail's root is
        host.jail(Stream.concat(Stream.of("-q", "-c", "name=fuzzed", "path=" + tree, "persist", "host.hostname=fuzzed",
                "mount=" + programs + " " + tree + "/mnt nullfs ro"),
                Stream.of(parameters.split(" "))).toArray()).said();
        Supplier<HostState> state = () -> HostState.of(host, Path.of("/etc"), Path.of("target/bin"), programs.root());
        var before = state.get();
        var wall = Duration.between(Instant.ofEpochSecond(0, System.nanoTime()), Instant.now());
        int done = 0;
        var end = Instant.now().plus(duration);
        for (long seed = first; Instant.now().isBefore(done > 0 ? end : end.plus(PATIENCE)); seed++) {
            var result = host.run("timeout", "-s", "KILL", Integer.toString(ROUND + 5), Host.BIN + "/jexec", "fuzzed", "/mnt/fuzz",
                    Long.toString(seed), Integer.toString(ROUND));
            host.jexec("fuzzed", "/mnt/sh", "-c", "kill -9 -1");
            done += result.out().endsWith(" processes\n") ? 1 : 0;
            assertEquals("fuzzed", host.jls("name").said(), "after seed " + seed); // it is there still, and answers
            assertNotEquals(1, result.status(), "seed " + seed + ": " + result.errors());
        }
        assertTrue(done > 0, "each killed itself");
        var context = "from seed " + first;
        var drift = wall.minus(Duration.between(Instant.ofEpochSecond(0, System.nanoTime()), Instant.now())).abs();
        assertTrue(drift.compareTo(Duration.ofSeconds(1)) < 0, context + ": the clock is off by " + drift);
        assertEquals("", before.differences(state.get()), context);
        witnesses.forEach(witness -> assertEquals("sleep", Host.read(Path.of("/proc/" + witness + "/comm")).strip(), context));
        host.jail("-q", "-R", "fuzzed").said();
        host.run("umount", tree.path("tmp").toString()).said();
    }

    /** What the state is compared for is seen in it. */
    @Test
    void aChangeOfTheHostIsSeen() {
        var before = HostState.of(host, Path.of("/etc"));
        assertEquals("", before.differences(HostState.of(host, Path.of("/etc"))));
        host.run("hostname", "changed").said();
        host.run("ip", "address", "add", "10.7.0.9/32", "dev", "lo").said();
        host.run("mount", "-t", "tmpfs", "changed", "/mnt").said();
        host.run("sh", "-c", "echo 0 >/proc/sys/net/ipv4/conf/lo/accept_redirects").said();
        var differences = before.differences(HostState.of(host, Path.of("/etc")));
        for (var what : List.of("+hostname changed", "+address inet 10.7.0.9/32", "+mount ", "+sysctl /proc/sys/net/ipv4/conf/lo/accept_redirects:0",
                "+route local 10.7.0.9")) {
            assertTrue(differences.contains(what), what + " in " + differences);
        }
        host.run("umount", "/mnt").said();
        host.run("ip", "address", "delete", "10.7.0.9/32", "dev", "lo").said();
    }
}
