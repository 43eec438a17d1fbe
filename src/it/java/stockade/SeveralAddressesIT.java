package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jails that have several addresses of a family. */
class SeveralAddressesIT extends JailAddresses {
    @ParameterizedTest
    @CsvSource({
        "tcp bind fd00:8::2 80 name, [fd00:8::2]:80", "tcp bind fd00:8::4 80 name, [fd00:8::4]:80",
        "udp bind fd00:8::2 53 name, [fd00:8::2]:53", "udp bind fd00:8::4 53 name, [fd00:8::4]:53",
        "tcp4 bind 10.8.0.2 80 name, 10.8.0.2:80", "tcp4 bind 10.8.0.4 80 name, 10.8.0.4:80",
        "udp4 bind 10.8.0.2 53 name, 10.8.0.2:53", "udp4 bind 10.8.0.4 53 name, 10.8.0.4:53",
        "tcp bind ::ffff:10.8.0.4 80 name, [::ffff:10.8.0.4]:80", "udp bind ::ffff:10.8.0.4 53 name, [::ffff:10.8.0.4]:53",
        "tcp bind ::1 80 name, [fd00:8::2]:80", "tcp4 bind 127.0.0.1 80 name, 10.8.0.2:80",
        "tcp bind fd00:8::1 80 name, bind: EADDRNOTAVAIL", "tcp bind fd00:8::3 80 name, bind: EADDRNOTAVAIL",
        "udp bind fd00:8::1 53 name, bind: EADDRNOTAVAIL", "udp bind fd00:8::3 53 name, bind: EADDRNOTAVAIL",
        "tcp4 bind 10.8.0.1 80 name, bind: EADDRNOTAVAIL", "tcp4 bind 10.8.0.3 80 name, bind: EADDRNOTAVAIL",
        "udp4 bind 10.8.0.1 53 name, bind: EADDRNOTAVAIL", "udp4 bind 10.8.0.3 53 name, bind: EADDRNOTAVAIL",
        "tcp bind ::ffff:10.8.0.1 80 name, bind: EADDRNOTAVAIL", "udp bind ::ffff:10.8.0.3 53 name, bind: EADDRNOTAVAIL",
        "tcp4 bind 127.0.0.2 80 name, bind: EADDRNOTAVAIL",
    })
    void eachOfSeveralAddressesCanBeBoundAndNoOther(String use, String result) {
        host.background(TREE, OTHER + ",10.8.0.5,fd00:8::5");
        int jid = host.background(TREE, SEVERAL);
        assertEquals(result, inJail(jid, use));
        assertTrue(onHost(use).endsWith(":" + use.split(" ")[3]), "outside");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp connect fd00:8::1 8080 host read, [fd00:8::2] host",
        "tcp connect ::ffff:10.8.0.1 8080 host read, [::ffff:10.8.0.2] host",
        "tcp4 connect 10.8.0.1 8080 host read, 10.8.0.2 host",
        "tcp bind fd00:8::4 0 connect fd00:8::1 8080 host read, [fd00:8::4] host",
        "tcp bind ::ffff:10.8.0.4 0 connect ::ffff:10.8.0.1 8080 host read, [::ffff:10.8.0.4] host",
        "tcp4 bind 10.8.0.4 0 connect 10.8.0.1 8080 host read, 10.8.0.4 host",
        "tcp4 bind 10.8.0.4 0 connect 10.8.0.1 8080 disconnect connect 10.8.0.1 8080 host read, 10.8.0.4 host",
    })
    void theFirstAddressIsTheSourceUnlessAnotherIsBound(String use, String result) {
        var server = startOnHost("tcp bind :: 8080 listen say ready accept host accept host accept host");
        assertEquals("ready", server.line());
        assertEquals(result, inJail(SEVERAL, use));
    }

    @Test
    void anExplicitSourceOutlivesADisconnect() {
        startOnHost("tcp bind :: 8080 listen accept host accept host").hasEnded();
        assertEquals("[fd00:8::4] host", inJail(SEVERAL,
                "tcp bind fd00:8::4 0 connect fd00:8::1 8080 disconnect connect fd00:8::1 8080 host read"));
    }

    @ParameterizedTest
    @CsvSource({
        "udp sendto fd00:8::1 5353 x, [fd00:8::2]:",
        "udp connect fd00:8::1 5353 send x, [fd00:8::2]:",
        "udp sendto ::ffff:10.8.0.1 5353 x, [::ffff:10.8.0.2]:",
        "udp sendto4 10.8.0.1 5353 x, [::ffff:10.8.0.2]:",
        "udp4 sendto 10.8.0.1 5353 x, [::ffff:10.8.0.2]:",
        "udp4 connect 10.8.0.1 5353 send x, [::ffff:10.8.0.2]:",
        "udp bind fd00:8::4 0 sendto fd00:8::1 5353 x, [fd00:8::4]:",
        "udp bind fd00:8::4 0 connect fd00:8::1 5353 send x, [fd00:8::4]:",
        "udp bind ::ffff:10.8.0.4 0 sendto ::ffff:10.8.0.1 5353 x, [::ffff:10.8.0.4]:",
        "udp4 bind 10.8.0.4 0 sendto 10.8.0.1 5353 x, [::ffff:10.8.0.4]:",
        "udp4 bind 10.8.0.4 0 connect 10.8.0.1 5353 send x, [::ffff:10.8.0.4]:",
        "udp forge fd00:8::4 sendto fd00:8::1 5353 x, [fd00:8::4]:", // by IPV6_PKTINFO
        "udp4 forge 10.8.0.4 sendto 10.8.0.1 5353 x, [::ffff:10.8.0.4]:",
        "udp forge 10.8.0.4 sendto ::ffff:10.8.0.1 5353 x, [::ffff:10.8.0.4]:",
        "udp forge fd00:8::1 sendto fd00:8::1 5353 x, [fd00:8::2]:",
        "udp4 forge 10.8.0.1 sendto 10.8.0.1 5353 x, [::ffff:10.8.0.2]:",
        "udp forge fd00:8::3 sendto fd00:8::1 5353 x, [fd00:8::2]:",
    })
    void theFirstAddressIsTheSourceOfDatagramsUnlessAnotherIsChosen(String use, String source) {
        host.background(TREE, OTHER);
        var server = startOnHost("udp bind :: 5353 say ready echo");
        assertEquals("ready", server.line());
        assertEquals("", inJail(SEVERAL, use));
        var line = server.line();
        assertTrue(line.startsWith("x from " + source), line);
    }

    @Test
    void theFirstIsTheOneThatIsNamedFirst() {
        startOnHost("udp bind :: 5353 echo echo");
        assertEquals("[fd00:8::4]", inJail(MORE6 + "," + OWN6, "udp connect fd00:8::1 5353 host"));
        assertEquals("10.8.0.4", inJail(MORE4 + "," + OWN4, "udp4 connect 10.8.0.1 5353 host"));
        assertEquals("10.8.0.4", byParameters("ip6.addr=fd00:8::2,fd00:8::4 ip4.addr=10.8.0.4,10.8.0.2",
                "net6 udp4 connect 10.8.0.1 5353 host"));
    }

    @Test
    void anExplicitSecondAddressIsReached() {
        for (var use : List.of("udp bind fd00:8::4 5353 name echo", "udp4 bind 10.8.0.4 5353 name echo",
                "udp bind ::ffff:10.8.0.4 5353 name echo")) {
            var server = startInJail(SEVERAL, use);
            server.line();
            var to = use.contains("10.8") ? "::ffff:10.8.0.4" : MORE6;
            assertEquals("hello from [" + to + "]:5353", onHost("udp sendto " + to + " 5353 hello receive"));
            server.end();
        }
        for (var use : List.of("tcp bind fd00:8::4 8080 listen name accept jail",
                "tcp4 bind 10.8.0.4 8080 listen name accept jail")) {
            var server = startInJail(SEVERAL, use);
            server.line();
            assertEquals("jail", onHost("tcp connect " + (use.contains("10.8") ? "::ffff:10.8.0.4" : MORE6) + " 8080 read"));
            server.end();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tcp4 bind 10.8.0.4 8080 listen say ready accept host, tcp4 bind 0.0.0.0 8080 listen name accept jail,"
                + " tcp4 connect 10.8.0.4 8080 read, host",
        "udp4 bind 10.8.0.4 8080 say ready echo, udp4 bind 0.0.0.0 8080 name receive,"
                + " udp4 sendto 10.8.0.4 8080 x receive, x from 10.8.0.4:8080",
        "tcp bind fd00:8::4 8080 listen say ready accept host, tcp option 41 26 1 bind :: 8080 listen name accept jail,"
                + " tcp connect fd00:8::4 8080 read, host",
    })
    void theWildcardTakesNoPortOfTheHostsOnTheSecondAddress(String service, String attack, String use, String result) {
        host.run("ip", "address", "add", MORE4 + "/32", "dev", "lo").said();
        host.run("ip", "address", "add", MORE6 + "/128", "dev", "lo").said();
        try {
            var server = startOnHost(service);
            assertEquals("ready", server.line());
            var jailed = startInJail(SEVERAL, attack);
            jailed.line();
            assertEquals(result, onHost(use));
            assertFalse(jailed.out().contains("from "), jailed.out());
            jailed.end();
        } finally {
            host.run("ip", "address", "delete", MORE4 + "/32", "dev", "lo").said();
            host.run("ip", "address", "delete", MORE6 + "/128", "dev", "lo").said();
        }
    }

    @Test
    void rawSocketsHaveAllOfTheJailsAddresses() {
        int jid = rawJail(SEVERAL);
        for (var source : List.of(OWN6, MORE6)) {
            assertEquals("done", inJail(jid, "raw:255 packet 253 " + source + " fd00:8::1 fd00:8::1 0 say done"));
            assertTrue(host.jexec(jid, "ping6", "-I", source, "-c", "1", HOST6).said().contains("1 packets received"));
        }
        for (var source : List.of(OWN4, MORE4)) {
            assertEquals("done", host.jexec(jid, "raw", "send", "253", source, HOST4).said());
        }
        assertEquals("sendto: EPERM", inJail(jid, "raw:255 packet 253 fd00:8::3 fd00:8::1 fd00:8::1 0 say done"));
        assertEquals("EPERM", host.jexec(jid, "raw", "send", "253", OTHER4, HOST4).said());
    }

    @Test
    void pingFromTheSecondAddress() {
        int jid = rawJail(SEVERAL);
        assertTrue(host.jexec(jid, "ping", "-I", MORE4, "-c", "1", HOST4).said().contains("1 packets received"));
    }

    @Test
    void anAddressThatAJailHadIsNotTheNextOnes() {
        int first = host.background(TREE, SEVERAL);
        host.jail("-r", first).said();
        host.run("ip", "address", "add", MORE6 + "/128", "dev", "lo").said();
        assertEquals("bind: EADDRNOTAVAIL", oneLine(host.jail((Object[]) words("-n", first, TREE, "jail",
                OWN6 + "," + STRANGER6, "net6", "tcp", "bind", MORE6, "80", "name")).said()));
        host.run("ip", "address", "delete", MORE6 + "/128", "dev", "lo").said();
    }

    @Test
    void moreAddressesThanTheMibHas() {
        host.run(Host.BIN + "/sysctl", "-q", "security.jail.jail_max_af_ips=1").said();
        host.jail(TREE, "jail", "10.8.0.2,10.8.0.4", "true").assertFailed("jail: too many IPv4 addresses");
        host.jail(TREE, "jail", "fd00:8::2,fd00:8::4", "true").assertFailed("jail: too many IPv6 addresses");
        host.assertNothingLeft();
        host.jail(TREE, "jail", BOTH, "true").said();
    }
}
