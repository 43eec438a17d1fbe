package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener on all addresses of a jail is reached on each of them, and on nobody else's. */
class ListenerIT {
    private static final Tree TREE = Tree.busybox().program("/bin/bash");
    private static final List<String> IP4 = List.of("10.9.0.2", "10.9.0.3", "10.9.0.4");
    private static final List<String> IP6 = List.of("fd00::2", "fd00::3");
    private static final List<String> FOREIGN = List.of("10.9.0.1", "127.0.0.1", "fd00::1", "::1", "10.9.0.9", "fd00::9");
    private static final String ALL = String.join(",", IP4) + "," + String.join(",", IP6);

    @RegisterExtension
    final Host host = new Host("10.9.0.1");

    private int jail(String addresses) {
        host.run("ip", "address", "replace", "fd00::1/128", "dev", "lo", "nodad");
        return host.background(TREE, addresses);
    }

    private void removeHostsIp6() {
        host.run("ip", "address", "delete", "fd00::1/128", "dev", "lo");
    }

    private Running listen(int jid, String... words) {
        var running = host.start(Stream.concat(Stream.of(Host.BIN + "/jexec", "" + jid, "wild"), Stream.of(words))
                .toArray(String[]::new));
        assertTrue(running.line().startsWith("ready "), running.out());
        return running;
    }

    private static String[] ask(String protocol, String address, int port) {
        // the socket is connected: an answer from elsewhere would not be heard
        return new String[] {"bash", "-c", "exec 3<>/dev/" + protocol + "/" + address + "/" + port
                + (protocol.equals("udp") ? "; echo >&3" : "") + "; timeout 0.5 head -n 1 <&3"};
    }

    private String fromHost(String protocol, String address, int port) {
        return host.run(ask(protocol, address, port)).out().strip();
    }

    private String fromJail(int jid, String protocol, String address, int port) {
        return host.jexec(Stream.concat(Stream.of(jid), Stream.of(ask(protocol, address, port))).toArray()).out().strip();
    }

    @ParameterizedTest
    @CsvSource({"4, tcp", "6, tcp", "46, tcp", "4, udp", "6, udp", "46, udp"})
    void onEveryAddressAndOnNoOther(String families, String protocol) {
        int jid = jail(ALL);
        int other = jail("10.9.0.8,fd00::8");
        try (var listener = listen(jid, families, protocol, "80")) {
            var reached = new ArrayList<String>();
            if (families.contains("4")) {
                reached.addAll(IP4);
            }
            if (families.contains("6")) {
                reached.addAll(IP6);
            }
            for (var address : reached) {
                var expected = families.equals("46") && address.indexOf(':') < 0 ? "::ffff:" + address : address;
                assertTrue(List.of(address, expected).contains(fromHost(protocol, address, 80)), address);
                assertTrue(List.of(address, expected).contains(fromJail(other, protocol, address, 80)), address);
                assertTrue(List.of(address, expected).contains(fromJail(jid, protocol, address, 80)), address);
            }
            var foreign = new ArrayList<>(FOREIGN);
            Stream.concat(IP4.stream(), IP6.stream()).filter(address -> !reached.contains(address)).forEach(foreign::add);
            for (var address : foreign) {
                assertEquals("", fromHost(protocol, address, 80), address);
            }
        }
        assertEquals("", fromHost(protocol, families.equals("6") ? "fd00::3" : "10.9.0.3", 80), "after its end");
        removeHostsIp6();
    }

    /** The same port, by all addresses each, in two jails and on the host's own. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void itTakesThePortFromNobody(String protocol) {
        int jid = jail(ALL);
        int other = jail("10.9.0.7,10.9.0.8,fd00::8");
        try (var first = listen(jid, "46", protocol, "80"); var second = listen(other, "46", protocol, "80");
                var hosts = host.start(TREE.path("bin/net").toString(), protocol.equals("udp") ? "udp-serve" : "serve",
                        "10.9.0.1", "80", "host")) {
            assertEquals("10.9.0.1:80", hosts.line());
            assertTrue(fromHost(protocol, "10.9.0.4", 80).endsWith("10.9.0.4"));
            assertTrue(fromHost(protocol, "10.9.0.8", 80).endsWith("10.9.0.8"));
            assertEquals("fd00::8", fromHost(protocol, "fd00::8", 80));
            fromHost(protocol, "10.9.0.1", 80);
            assertTrue(hosts.line().startsWith("from "));
        }
        removeHostsIp6();
    }

    @Test
    void anyPortThatIsFree() {
        int jid = jail(ALL);
        var listener = host.start(Host.BIN + "/jexec", "" + jid, "wild", "4", "tcp", "0");
        int port = Integer.parseInt(listener.line().substring("ready ".length()));
        assertEquals("10.9.0.3", fromHost("tcp", "10.9.0.3", port));
        listener.end();
        removeHostsIp6();
    }

    @Test
    void reservedPortsAreTheRootsHereToo() {
        int jid = jail(ALL);
        assertEquals("bind: EACCES", host.jexec("-U", "user", jid, "wild", "46", "tcp", "81").said());
        assertEquals("bind: EACCES", host.jexec("-U", "user", jid, "wild", "4", "udp", "81").said());
        host.jail("-m", "jid=" + jid, "allow.noreserved_ports").said();
        assertEquals("bind: EACCES", host.jexec(jid, "wild", "4", "tcp", "81").said());
        removeHostsIp6();
    }

    @Test
    void aPortThatIsTaken() {
        int jid = jail(ALL);
        try (var listener = listen(jid, "4", "tcp", "80")) {
            assertEquals("bind: EADDRINUSE", host.jexec(jid, "wild", "4", "tcp", "80").said());
            assertEquals("bind: EADDRINUSE", host.jexec(jid, "wild", "46", "tcp", "80").said());
        }
        try (var listener = listen(jid, "4", "tcp", "80", "reuse"); var second = listen(jid, "4", "tcp", "80", "reuse")) {
            assertEquals("10.9.0.3", fromHost("tcp", "10.9.0.3", 80));
        }
        removeHostsIp6();
    }

    @Test
    void oneAddressOfEachFamilyIsSeveral() {
        int jid = jail("10.9.0.2,fd00::2");
        try (var listener = listen(jid, "46", "tcp", "80")) {
            assertEquals("::ffff:10.9.0.2", fromHost("tcp", "10.9.0.2", 80));
            assertEquals("fd00::2", fromHost("tcp", "fd00::2", 80));
        }
        removeHostsIp6();
    }

    /** With the last jail that needs it the program goes that the host's network ran for it. */
    @Test
    void nothingIsLeftInTheHostsNetwork() {
        int jid = jail(ALL);
        int other = jail("10.9.0.7,10.9.0.8");
        try (var listener = listen(other, "4", "tcp", "80")) {
            host.jail("-r", jid).said();
            assertEquals("10.9.0.8", fromHost("tcp", "10.9.0.8", 80), "it is there as long as one jail needs it");
        }
        assertEquals(1, links());
        host.jail("-r", other).said();
        for (int i = 0; i < 100 && links() > 0; i++) { // a child of the warden's may not have come to close it
            Host.pause();
        }
        assertEquals(0, links());
        removeHostsIp6();
    }

    /** How many processes of this host have the link of a BPF program open. */
    private long links() {
        return host.run("sh", "-c", "for f in $(grep -lx jail-warden /proc/[0-9]*/comm 2>/dev/null); do ls -l ${f%comm}fd 2>/dev/null; done"
                + " | grep 'bpf[-_]link' | wc -l").said().equals("0") ? 0 : 1;
    }
}
