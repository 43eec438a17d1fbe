package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many jails at once. */
class ManyIT {
    private static final Tree TREE = Tree.busybox();

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    @Test
    void fiftyJailsServeTheSamePort() {
        var addresses = IntStream.rangeClosed(1, 50).mapToObj(i -> "10.8.0." + i).toList();
        var jids = new HashSet<Integer>();
        var servers = new ArrayList<Running>();
        for (var address : addresses) {
            var server = host.startJail("-i", TREE, "jail", address, "net", "serve", "0.0.0.0", "80", address);
            jids.add(Integer.parseInt(server.line()));
            assertEquals(address + ":80", server.line());
            servers.add(server);
        }
        assertEquals(50, jids.size());
        assertEquals(51, host.jls().out().lines().count());
        for (var address : addresses) {
            assertTrue(host.run(Tree.probe("net").toString(), "connect", address, "80").said()
                    .endsWith(" -> " + address + ":80 " + address));
        }
        servers.forEach(server -> assertEquals(0, server.end().status()));
        assertEquals("", host.jls("jid").said());
    }

    @Test
    void eightCallersStartAndEndJailsAtOnce() throws Exception {
        try (var callers = Executors.newFixedThreadPool(8)) {
            var results = new ArrayList<Future<Result>>();
            for (int i = 0; i < 8; i++) {
                var address = "10.8.0." + (i + 1);
                for (int j = 0; j < 12; j++) {
                    results.add(callers.submit((Callable<Result>) () ->
                            host.jail("-i", TREE, "jail", "", "net", "socket", "1", "1", "0")));
                    results.add(callers.submit(() -> {
                        synchronized (address.intern()) { // one jail at a time has an address
                            return host.jail("-i", TREE, "jail", address, "sh", "-c", "exec net bind tcp 0.0.0.0 80");
                        }
                    }));
                }
            }
            var jids = new HashSet<String>();
            for (var result : results) {
                var lines = result.get().said().lines().toList();
                assertEquals(2, lines.size(), lines.toString());
                assertTrue(lines.get(1).matches("done|10\\.8\\.0\\.[1-8]:80"), lines.toString());
                assertTrue(jids.add(lines.get(0)), "jid " + lines.get(0) + " was given twice");
            }
        }
    }

    @Test
    void oneOfManyCallersGetsAName() throws Exception {
        try (var callers = Executors.newFixedThreadPool(8)) {
            var results = new ArrayList<Future<Result>>();
            for (int i = 0; i < 8; i++) {
                results.add(callers.submit(() -> host.jail("-n", "www", TREE, "jail", "", "sleep", "1")));
            }
            int started = 0;
            for (var result : results) {
                if (result.get().status() == 0) {
                    started++;
                } else {
                    result.get().assertFailed("jail: \"www\" already exists");
                }
            }
            assertEquals(1, started);
        }
    }

    @Test
    void manyCommandsInOneJailAtOnce() throws Exception {
        int jid = host.background(TREE, "10.8.0.1");
        try (var callers = Executors.newFixedThreadPool(8)) {
            var results = new ArrayList<Future<Result>>();
            for (int i = 0; i < 60; i++) {
                var word = "word" + i;
                int status = i;
                results.add(callers.submit(() -> host.jexec(jid, "sh", "-c", "echo " + word + "; exit " + status)));
            }
            for (int i = 0; i < results.size(); i++) {
                assertEquals("word" + i + "\n", results.get(i).get().out());
                assertEquals(i, results.get(i).get().status());
            }
        }
    }

    /** A process of the jail that takes all the sockets it can does not take the warden's service from others. */
    @Test
    void socketsAreHadInParallel() {
        int jid = host.background(TREE, "10.8.0.1");
        var script = "i=0; while [ $i -lt 50 ]; do net socket 2 1 0; i=$((i+1)); done | sort | uniq -c";
        var callers = IntStream.range(0, 4).mapToObj(i -> host.start(Host.BIN + "/jexec", jid + "", "sh", "-c", script))
                .toList();
        callers.forEach(caller -> assertEquals("50 done", caller.end().said()));
    }
}
