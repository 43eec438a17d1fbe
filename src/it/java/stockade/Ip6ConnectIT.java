package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom sockets of IPv6 reach, and as whom, from a jail that has one address of each family. */
class Ip6ConnectIT extends JailAddresses {
    @Test
    void withoutIp4NothingLeavesForMappedAddresses() {
        var server = startOnHost("udp4 bind 10.8.0.1 5353 echo");
        var listener = startOnHost("tcp4 bind 127.0.0.1 8080 listen say ready accept host");
        assertEquals("ready", listener.line());
        assertEquals("sendmsg: ENETUNREACH", inJail(OWN6, "udp sendto ::ffff:10.8.0.1 5353 x receive"));
        assertEquals("connect: ENETUNREACH", inJail(OWN6, "tcp connect ::ffff:127.0.0.1 8080 read"));
        assertEquals("connect: EAFNOSUPPORT", inJail(OWN6, "udp connect4 10.8.0.1 5353 forge 10.8.0.1 send x say sent"));
        assertEquals("", server.out());
        assertEquals("ready\n", listener.out());
        assertEquals("x from [::ffff:10.8.0.1]:5353", onHost("udp sendto ::ffff:10.8.0.1 5353 x receive"));
        assertEquals("[::ffff:127.0.0.1] host", onHost("tcp connect ::ffff:127.0.0.1 8080 host read"));
    }

    @Test
    void withoutIp4MappedAddressesAreUnreachableAtOnce() {
        var said = inJail(OWN6, "tcp connect ::ffff:10.8.0.1 8080");
        assertFalse(said.equals("connect: EINPROGRESS"), said); // the probe's limit of time
    }

    @Test
    void loopbackIsTheJailItself() {
        var server = startOnHost("tcp bind ::1 8080 listen name accept host");
        var server4 = startOnHost("tcp4 bind 127.0.0.1 8080 listen name accept host");
        assertEquals("[::1]:8080", server.line());
        assertEquals("127.0.0.1:8080", server4.line());
        for (var address : List.of("::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0")) {
            assertEquals("connect: ECONNREFUSED", inJail(BOTH, "tcp connect " + address + " 8080 read"));
            var opened = inJail(BOTH, "tcp fast-open " + address + " 8080 read");
            assertFalse(opened.contains("host"), opened);
        }
        int jid = host.background(TREE, BOTH, "sh", "-c", "net6 tcp bind ::1 8080 listen accept jail accept jail accept jail &"
                + " net6 tcp4 bind 127.0.0.1 8080 listen accept jail4 accept jail4 accept jail4; wait");
        awaitInJail(jid, "8080", 2);
        for (var address : List.of("::1", "::", OWN6)) {
            assertEquals("[fd00:8::2] [fd00:8::2]:8080 jail", inJail(jid, "tcp connect " + address + " 8080 host peer read"));
        }
        for (var address : List.of("127.0.0.1", "0.0.0.0", OWN4)) {
            assertEquals("[::ffff:10.8.0.2] [::ffff:10.8.0.2]:8080 jail4",
                    inJail(jid, "tcp connect ::ffff:" + address + " 8080 host peer read"));
        }
        assertEquals("[::1] host", onHost("tcp connect ::1 8080 host read"));
        assertEquals("[::ffff:127.0.0.1] host", onHost("tcp connect ::ffff:127.0.0.1 8080 host read"));
    }

    /** Waits until so many sockets of the host that are the jail's listen on a port. */
    private void awaitInJail(int jid, String port, int count) {
        for (int i = 0; i < 500; i++) {
            var listening = host.run("ss", "-Hltn", "src", OWN4 + ":" + port, "or", "src", "[" + OWN6 + "]:" + port).out();
            if (listening.lines().count() >= count) {
                return;
            }
            Host.pause();
        }
        throw new AssertionError("jail " + jid + " does not listen");
    }

    @Test
    void datagramsToLoopbackStayInTheJail() {
        var server = startOnHost("udp bind ::1 5353 say ready echo");
        assertEquals("ready", server.line());
        var jailed = startInJail(BOTH, "udp bind ::1 5353 name echo echo echo wait");
        assertEquals("[fd00:8::2]:5353", jailed.line());
        int jid = Integer.parseInt(host.jls("jid").said());
        for (var address : List.of("::1", "::")) {
            assertEquals("hello from [fd00:8::2]:5353", inJail(jid, "udp sendto " + address + " 5353 hello receive"));
            assertTrue(jailed.line().startsWith("hello from [fd00:8::2]:"));
        }
        assertEquals("hello from [fd00:8::2]:5353", inJail(jid, "udp connect ::1 5353 send hello receive"));
        assertEquals("hello from [::1]:5353", onHost("udp sendto ::1 5353 hello receive"));
        assertTrue(server.line().startsWith("hello from [::1]:"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "tcp connect fd00:8::1 8080 host read",
        "tcp bind fd00:8::2 0 connect fd00:8::1 8080 host read",
        "tcp bind ::1 0 connect fd00:8::1 8080 host read",
        "tcp option 41 26 1 bind :: 0 connect fd00:8::1 8080 host read",
        "tcp sticky fd00:8::1 connect fd00:8::1 8080 host read", // IPV6_PKTINFO for all of its packets
    })
    void peersSeeTheJailsAddress(String use) {
        var server = startOnHost("tcp bind fd00:8::1 8080 listen say ready accept host accept host");
        assertEquals("ready", server.line());
        assertEquals("[fd00:8::2] host", inJail(BOTH, use));
        assertEquals("from [fd00:8::2]", server.line());
        assertEquals("[fd00:8::1] host", onHost("tcp connect fd00:8::1 8080 host read"));
        assertEquals("from [fd00:8::1]", server.line());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "tcp connect ::ffff:10.8.0.1 8080 host read",
        "tcp bind :: 0 connect ::ffff:10.8.0.1 8080 host read",
        "tcp bind ::ffff:0.0.0.0 0 connect ::ffff:10.8.0.1 8080 host read",
        "tcp bind ::ffff:10.8.0.2 0 connect ::ffff:10.8.0.1 8080 host read",
    })
    void peersOfMappedAddressesDoToo(String use) {
        var server = startOnHost("tcp4 bind 10.8.0.1 8080 listen say ready accept host accept host");
        assertEquals("ready", server.line());
        assertEquals("[::ffff:10.8.0.2] host", inJail(BOTH, use));
        assertEquals("from 10.8.0.2", server.line());
        assertEquals("[::ffff:10.8.0.1] host", onHost("tcp connect ::ffff:10.8.0.1 8080 host read"));
        assertEquals("from 10.8.0.1", server.line());
    }

    private void startServers() {
        for (var use : List.of("udp bind fd00:8::1 5353 say ready echo echo", "udp4 bind 10.8.0.1 5353 say ready echo echo",
                "tcp bind fd00:8::1 8080 listen say ready accept host accept host",
                "tcp4 bind 10.8.0.1 8080 listen say ready accept host accept host")) {
            assertEquals("ready", startOnHost(use).line());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "udp bind :: 0 sendto fd00:8::1 5353 x receive, x from [fd00:8::1]:5353",
        "udp bind :: 0 sendto ::ffff:10.8.0.1 5353 x receive, x from [::ffff:10.8.0.1]:5353",
        "udp bind :: 0 connect ::ffff:10.8.0.1 5353 send x receive, x from [::ffff:10.8.0.1]:5353",
        "tcp bind :: 0 connect ::ffff:10.8.0.1 8080 read, host",
    })
    void aSocketOfTheWildcardReachesOthers(String use, String result) {
        startServers();
        assertEquals(result, onHost(use));
        assertEquals(result, inJail(BOTH, use));
    }

    @ParameterizedTest
    @CsvSource({
        "udp bind :: 0 connect fd00:8::1 5353 send x receive, x from [fd00:8::1]:5353",
        "tcp bind :: 0 connect fd00:8::1 8080 read, host",
    })
    void aSocketOfTheWildcardCanConnectToIp6(String use, String result) {
        startServers();
        assertEquals(result, onHost(use));
        assertEquals(result, inJail(BOTH, use));
    }

    @Test
    void jailsReachOneAnotherByTheirAddresses() {
        var server = startInJail(OTHER6, "tcp bind :: 8080 listen name accept other");
        assertEquals("[fd00:8::3]:8080", server.line());
        assertEquals("[fd00:8::2] [fd00:8::3]:8080 other", inJail(BOTH, "tcp connect fd00:8::3 8080 host peer read"));
        assertEquals("from [fd00:8::2]", server.line());
    }

    @ParameterizedTest
    @CsvSource({
        "tcp connect fd00:8::1 8080 disconnect connect fd00:8::1 8080 host, [fd00:8::2], [fd00:8::1]",
        "tcp connect ::ffff:10.8.0.1 8080 disconnect connect ::ffff:10.8.0.1 8080 host, [::ffff:10.8.0.2], [::ffff:10.8.0.1]",
        "tcp bind ::1 0 connect fd00:8::1 8080 disconnect connect fd00:8::1 8080 host, [fd00:8::2], ",
        "udp connect fd00:8::1 9 host disconnect host, [fd00:8::2] [fd00:8::2], [fd00:8::1] [::]",
        "udp connect fd00:8::1 9 disconnect connect fd00:8::1 9 host, [fd00:8::2], [fd00:8::1]",
        "udp connect ::ffff:10.8.0.1 9 disconnect connect ::ffff:10.8.0.1 9 host, [::ffff:10.8.0.2], [::ffff:10.8.0.1]",
        "udp connect ::ffff:10.8.0.1 9 disconnect connect fd00:8::1 9 host, [fd00:8::2], [fd00:8::1]",
    })
    void theJailsAddressOutlivesADisconnect(String use, String jailed, String outside) {
        var server = startOnHost("tcp bind :: 8080 listen say ready accept x accept x accept x accept x");
        assertEquals("ready", server.line());
        assertEquals(jailed, inJail(BOTH, use));
        if (outside != null) {
            assertEquals(outside, onHost(use));
        }
    }

    /** As getaddrinfo(3) of glibc tries out the sources for addresses of both families. */
    @ParameterizedTest
    @ValueSource(strings = {
        "connect fd00:8::1 9 disconnect connect ::ffff:10.8.0.1 9 host",
        "connect ::ffff:10.8.0.1 9 disconnect connect fd00:8::1 9 host",
        "connect ::ffff:10.8.0.1 9 disconnect connect fd00:8::1 9 disconnect connect ::ffff:10.8.0.1 9 host",
        "bind :: 0 connect fd00:8::1 9 disconnect connect ::ffff:10.8.0.1 9 host",
        "sendto fd00:8::1 9 x connect ::ffff:10.8.0.1 9 disconnect connect fd00:8::1 9 host",
        "connect fd00:8::1 9 disconnect connect4 10.8.0.1 9 host",
    })
    void aDatagramSocketIsConnectedToOneFamilyAfterTheOther(String use) {
        var outside = onHost("udp " + use);
        assertTrue(List.of("[::ffff:10.8.0.1]", "[fd00:8::1]").contains(outside), outside);
        assertEquals(outside.replace("8::1", "8::2").replace("8.0.1", "8.0.2"), inJail(BOTH, "udp " + use));
    }

    @Test
    void aStreamSocketIsConnectedToIp4AfterIp6() { // the other way round the kernel gets nowhere, outside either
        startOnHost("tcp bind :: 8080 listen accept a accept b").hasEnded();
        assertEquals("[::ffff:10.8.0.2] b", inJail(BOTH,
                "tcp connect fd00:8::1 8080 disconnect connect ::ffff:10.8.0.1 8080 host read"));
    }

    /** A port that its user has asked for by its number is of one family: of IPv4 in a jail that has both. */
    @Test
    void aWildcardOfAPortOfItsOwnConnectsToIp4Alone() {
        startServers();
        assertEquals("[::ffff:10.8.0.2]:5000 host", inJail(BOTH, "tcp bind :: 5000 connect ::ffff:10.8.0.1 8080 name read"));
        assertEquals("connect: EAFNOSUPPORT", inJail(BOTH, "tcp bind :: 5001 connect fd00:8::1 8080 name read")); // 5000 may wait
    }

    @ParameterizedTest
    @CsvSource({"fd00:8::1, [fd00:8::2] x from [fd00:8::1]:5353", "::ffff:10.8.0.1, [::ffff:10.8.0.2] x from [::ffff:10.8.0.1]:5353"})
    void aDatagramSocketThatHasSentCanConnect(String address, String result) {
        startServers();
        assertEquals(result, inJail(BOTH, "udp sendto " + address + " 9 x connect " + address + " 5353 host send x receive"));
    }

    @Test
    void aDatagramSocketOfIp6ThatConnectsByAnIp4AddressHasTheJails() {
        startOnHost("udp4 bind 10.8.0.1 5353 echo echo").hasEnded();
        assertEquals("[::ffff:10.8.0.1] x from [::ffff:10.8.0.1]:5353", onHost("udp connect4 10.8.0.1 5353 host send x receive"));
        assertEquals("[::ffff:10.8.0.2] x from [::ffff:10.8.0.1]:5353",
                inJail(BOTH, "udp connect4 10.8.0.1 5353 host send x receive"));
    }

    @Test
    void aWildcardDatagramSocketGetsNothingOfTheHosts() {
        var jailed = startInJail(BOTH, "udp sendto fd00:8::1 9 x port receive");
        var port = jailed.line();
        onHost("udp sendto fd00:8::1 " + port + " stolen");
        onHost("udp sendto ::1 " + port + " stolen");
        onHost("udp sendto ::ffff:10.8.0.1 " + port + " stolen");
        onHost("udp sendto fd00:8::2 " + port + " mine");
        assertTrue(jailed.line().startsWith("mine from "), jailed.out());
    }

    @Test
    void datagramsPassBothWaysWithTheJailsAddress() {
        var jailed = startInJail(OWN6, "udp bind :: 5353 name echo");
        assertEquals("[fd00:8::2]:5353", jailed.line());
        assertEquals("hello from [fd00:8::2]:5353", onHost("udp sendto fd00:8::2 5353 hello receive"));
        jailed.end();
        host.assertNothingLeft();
        var server = startOnHost("udp bind fd00:8::1 5353 say ready echo");
        assertEquals("ready", server.line());
        assertEquals("hello from [fd00:8::1]:5353", inJail(BOTH, "udp sendto fd00:8::1 5353 hello receive"));
        assertTrue(server.line().startsWith("hello from [fd00:8::2]:"), server.out());
    }

    @ParameterizedTest
    @CsvSource({
        "udp forge fd00:8::1 sendto fd00:8::1 5353 x, udp forge fd00:8::2 sendto fd00:8::1 5353 x",
        "udp forge fd00:8::3 sendto fd00:8::1 5353 x,",
        "udp forge ::1 sendto fd00:8::1 5353 x,",
        "udp sticky fd00:8::1 sendto fd00:8::1 5353 x,",
        "udp bind ::1 0 forge fd00:8::1 sendto fd00:8::1 5353 x,",
        "udp connect fd00:8::1 5353 forge fd00:8::1 send x, udp connect fd00:8::1 5353 forge fd00:8::2 send x",
        "udp connect fd00:8::1 5353 forge fd00:8::3 send x,",
        "udp connect fd00:8::1 5353 forge fd00:8::1 forge-index 1 send x,",
        "udp connect fd00:8::1 5353 disconnect forge fd00:8::1 sendto fd00:8::1 5353 x,",
        "udp connect ::1 9 forge fd00:8::1 sendto fd00:8::1 5353 x,",
    })
    void aForgedSourceDoesNotGetOut(String attack, String outside) {
        host.background(TREE, OTHER);
        var server = startOnHost("udp bind fd00:8::1 5353 say ready echo echo");
        assertEquals("ready", server.line());
        if (outside != null) {
            onHost(outside);
            assertTrue(server.line().startsWith("x from [fd00:8::2]:"), server.out());
        }
        var said = inJail(BOTH, attack + " say sent");
        assertTrue(said.equals("sent") || said.startsWith("sendmsg: "), said);
        // the server tells of the datagram that came first: of this one, if the forged one did not get out
        inJail(BOTH, "udp sendto fd00:8::1 5353 y");
        var line = server.line();
        assertTrue(line.contains(" from [fd00:8::2]:"), line);
    }

    @ParameterizedTest
    @CsvSource({
        "udp forge 10.8.0.1 sendto ::ffff:10.8.0.1 5353 x, udp forge 10.8.0.2 sendto ::ffff:10.8.0.1 5353 x",
        "udp forge ::ffff:10.8.0.1 sendto ::ffff:10.8.0.1 5353 x, udp forge ::ffff:10.8.0.2 sendto ::ffff:10.8.0.1 5353 x",
        "udp forge 10.8.0.3 sendto ::ffff:10.8.0.1 5353 x,",
        "udp forge 127.0.0.1 sendto ::ffff:10.8.0.1 5353 x,",
        "udp forge 10.8.0.1 sendto4 10.8.0.1 5353 x, udp forge 10.8.0.2 sendto4 10.8.0.1 5353 x",
        "udp connect ::ffff:10.8.0.1 5353 forge 10.8.0.1 send x, udp connect ::ffff:10.8.0.1 5353 forge 10.8.0.2 send x",
        "udp connect4 10.8.0.1 5353 forge 10.8.0.1 send x,",
        "udp connect4 10.8.0.1 5353 send x,",
        "udp connect ::ffff:10.8.0.1 5353 disconnect sendto4 10.8.0.1 5353 x,",
        "udp sendto fd00:8::1 9 x connect ::ffff:10.8.0.1 5353 send x,",
    })
    void aForgedMappedSourceDoesNotGetOut(String attack, String outside) {
        host.background(TREE, OTHER);
        var server = startOnHost("udp4 bind 10.8.0.1 5353 say ready echo echo");
        assertEquals("ready", server.line());
        if (outside != null) {
            onHost(outside);
            assertTrue(server.line().startsWith("x from 10.8.0.2:"), server.out());
        }
        var said = inJail(BOTH, attack + " say sent");
        assertTrue(said.equals("sent") || said.startsWith("sendmsg: "), said);
        inJail(BOTH, "udp sendto ::ffff:10.8.0.1 5353 y");
        var line = server.line();
        assertTrue(line.contains(" from 10.8.0.2:"), line);
    }
}
