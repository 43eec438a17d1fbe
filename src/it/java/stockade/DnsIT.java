package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** unbound, a server of names over UDP and TCP, and dig. */
class DnsIT extends Services {
    private static final int UNBOUND = 100;
    private static final Tree DIG = Tree.busybox().program("/usr/bin/dig");

    /** A tree with a zone of its own. */
    private static Tree tree(String address) {
        return Tree.busybox().program("/usr/sbin/unbound", "/usr/bin/dig").user("unbound", UNBOUND, "/var/lib/unbound")
                .file("etc/unbound/unbound.conf", """
                        server:
                            interface: 0.0.0.0
                            interface: ::0
                            access-control: 10.6.0.0/24 allow
                            access-control: fd00:6::/64 allow
                            username: unbound
                            chroot: /etc/unbound
                            pidfile: ""
                            use-syslog: no
                            logfile: /etc/unbound/log
                            log-queries: yes
                            local-zone: example. static
                            local-data: "www.example. A %s"
                            local-data: 'large.example. TXT %s'
                        """.formatted(address, ("\"" + "x".repeat(200) + "\" ").repeat(4)))
                .owner("etc/unbound", UNBOUND);
    }

    private static String[] ask(String server, String... words) {
        return Stream.concat(Stream.of("/usr/bin/dig", "@" + server, "+short", "+tries=1", "+timeout=5"),
                Stream.of(words)).toArray(String[]::new);
    }

    @Test
    void twoJailsAnswerOnPort53OverUdpAndTcp() {
        var first = tree("192.0.2.1");
        serve(first, "first.example", FIRST, "/usr/sbin/unbound");
        serve(tree("192.0.2.2"), "second.example", SECOND, "/usr/sbin/unbound");
        for (var protocol : List.of("+notcp", "+tcp")) {
            for (var server : List.of(FIRST4, FIRST6, SECOND4, SECOND6)) {
                var answer = server.equals(FIRST4) || server.equals(FIRST6) ? "192.0.2.1" : "192.0.2.2";
                var own = server.contains(":") ? HOST6 : HOST4;
                assertEquals(answer, host.run(ask(server, "-b", own, protocol, "www.example")).said());
                var client = server.contains(":") ? CLIENT6 : CLIENT4; // not both, see below
                assertEquals(answer, inJail(client, ask(server, protocol, "www.example")).said());
            }
        }
        assertEquals("192.0.2.1", in("first.example", ask("127.0.0.1", "www.example")).said());
        assertEquals("192.0.2.1", in("first.example", ask("::1", "www.example")).said());
        var asked = Stream.of(HOST4, CLIENT4, HOST6, CLIENT6).map(address -> address + " www.example. A IN").toList();
        var log = Host.read(first.path("etc/unbound/log")).lines().filter(line -> line.endsWith(" A IN"))
                .map(line -> line.substring(line.indexOf("info: ") + 6)).toList();
        assertEquals(Stream.of(asked, asked, List.of(FIRST4 + " www.example. A IN", FIRST6 + " www.example. A IN"))
                .flatMap(List::stream).toList(), log);
        for (var protocol : List.of("udp", "tcp")) {
            assertFreeOnTheHost(protocol, 53);
        }
    }

    private Result inJail(String addresses, String... command) {
        return host.jail(words(List.of(DIG, "client.example", addresses), command));
    }

    @Test
    void aJailOfBothFamiliesAsksOverTcpOfIpv6() {
        serve(tree("192.0.2.1"), "first.example", FIRST, "/usr/sbin/unbound");
        assertEquals("192.0.2.1", inClient(DIG, ask(FIRST6, "+tcp", "www.example")).said());
    }

    /** An answer that a datagram of 512 bytes has no room for. */
    @Test
    void whatIsTooLargeForADatagramIsAskedForAgainOverTcp() {
        serve(tree("192.0.2.1"), "first.example", FIRST, "/usr/sbin/unbound");
        assertEquals("", inClient(DIG, ask(FIRST4, "+noedns", "+ignore", "TXT", "large.example")).said());
        var answer = inClient(DIG, ask(FIRST4, "+noedns", "TXT", "large.example"));
        assertTrue(answer.out().contains("x".repeat(200)), answer.toString());
    }

    @Test
    void itGivesUpRootAndTheTree() {
        serve(tree("192.0.2.1"), "first.example", FIRST, "/usr/sbin/unbound");
        assertEquals("unbound /etc/unbound", in("first.example", "sh", "-c",
                "p=$(pidof unbound); echo $(stat -c %U /proc/$p) $(readlink /proc/$p/root)").said());
    }
}
