package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Eight writers make, change and remove jails, each its own, with which all must go well, and all of them the same few;
 * two readers list them meanwhile.
 */
class ConcurrencyIT {
    private static final Tree TREE = Tree.busybox();
    private static final int WRITERS = 8;
    private static final int READERS = 2;
    private static final List<String> SHARED = List.of("one", "two", "three");
    /** What one who comes too late or too early is told of a jail that all have. */
    private static final String LOST_RACE = "jail: (\"?[a-z]+\"?:? (already exists|not found)"
            + "|.*IPv4 addresses clash.*|([a-z]+: )?the jail has ended)\n";

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private final Set<Integer> jids = ConcurrentHashMap.newKeySet();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger listed = new AtomicInteger();

    @Test
    void manyAtOnceForSeconds() throws Exception {
        runFor(10);
    }

    @Tag("long")
    @Test
    void manyAtOnceForMinutes() throws Exception {
        runFor(300);
    }

    private void runFor(int seconds) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long seed = Long.getLong("concurrency.seed", System.nanoTime() & 0xffff);
        System.out.println("concurrency.seed=" + seed);
        var results = new ArrayList<Future<Void>>();
        try (var threads = Executors.newFixedThreadPool(WRITERS + READERS)) {
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                var random = new Random(seed + writer);
                results.add(threads.submit(until(end, () -> write(writer, random))));
            }
            for (int i = 0; i < READERS; i++) {
                results.add(threads.submit(until(end, this::read)));
            }
        }
        for (var result : results) {
            result.get();
        }
        System.out.println(made + " jails made, " + jids.size() + " jids, listed " + listed + " times");
        SHARED.forEach(name -> host.jail("-r", name));
        host.assertNothingLeft();
    }

    private static Callable<Void> until(long end, Runnable work) {
        return () -> {
            while (System.nanoTime() < end) {
                work.run();
            }
            return null;
        };
    }

    private void write(int writer, Random random) {
        if (random.nextInt(3) == 0) {
            own("own" + (char) ('a' + writer), "10.8." + writer + ".");
        } else {
            shared(SHARED.get(random.nextInt(SHARED.size())), random);
        }
    }

    private String create(String name, String address) {
        return host.jail("-i", "-c", "name=" + name, "path=" + TREE, "host.hostname=" + name + ".example.org",
                "ip4.addr=" + address, "persist").said();
    }

    private void noteMade(String jid) {
        made.incrementAndGet();
        assertTrue(jids.add(Integer.parseInt(jid)), "jid " + jid + " was given twice");
    }

    /** Nobody else touches these. */
    private void own(String name, String addresses) {
        var jid = create(name, addresses + "1");
        noteMade(jid);
        assertEquals(jid + " " + name + " " + addresses + "1", host.jls("-j", name, "jid", "name", "ip4.addr").said());
        assertEquals("", host.jail("-m", "name=" + name, "ip4.addr=" + addresses + "2", "allow.raw_sockets").said());
        assertEquals(addresses + "2:80", host.jexec(name, "net", "bind", "tcp", "0.0.0.0", "80").said());
        assertEquals("", host.jail("-m", "jid=" + jid, "name=" + name + "-again", "host.hostname=again").said());
        assertEquals(jid + " " + addresses + "2 again",
                host.jls("-j", name + "-again", "jid", "ip4.addr", "host.hostname").said());
        host.jail("-r", name + "-again").said();
        assertEquals(1, host.jls("-j", jid).status());
    }

    private void shared(String name, Random random) {
        var address = "10.9.0." + (1 + random.nextInt(3));
        var result = switch (random.nextInt(5)) {
            case 0, 1 -> host.jail("-i", "-c", "name=" + name, "path=" + TREE, "ip4.addr=" + address, "persist");
            case 2 -> host.jail("-m", "name=" + name, "ip4.addr=" + address);
            case 3 -> host.jail("-m", "name=" + name, "host.hostname=changed", "allow.raw_sockets=" + random.nextInt(2));
            default -> host.jail("-r", name);
        };
        if (result.status() == 0) {
            assertEquals("", result.errors());
            if (result.out().matches("\\d+\n")) {
                noteMade(result.out().strip());
            }
        } else {
            assertEquals(1, result.status(), result.toString());
            assertTrue(result.errors().matches(LOST_RACE), result.toString());
        }
    }

    /** All that is listed is whole, and there once. */
    private void read() {
        var seen = new HashSet<String>();
        for (var line : host.jls("jid", "name", "path", "ip4.addr", "host.hostname", "persist").said().lines().toList()) {
            var words = line.split(" ");
            assertEquals(6, words.length, line);
            assertTrue(words[0].matches("\\d+") && words[1].matches("[a-z-]+") && words[2].equals(TREE.toString())
                    && words[3].matches("10\\.[89]\\.\\d\\.\\d"), line);
            assertTrue(seen.add(words[0]) && seen.add(words[1]), line);
        }
        host.jls().said();
        host.jls(List.of("-v", "-n", "-s").get(listed.get() % 3)).said();
        listed.incrementAndGet();
    }
}
