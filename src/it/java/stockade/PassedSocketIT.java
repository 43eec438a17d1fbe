package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jails that pass each other sockets, so that two ushers may be at one, or one at what is not of its jail. */
class PassedSocketIT extends JailAddresses {
    private static final String PLACE = "/given";

    private String given(int from, String kind, int to, String use) {
        var giver = start(from, kind + " give " + PLACE + " wait");
        assertEquals("gives", giver.line());
        try (giver) {
            return inJail(to, "taken:" + PLACE + " " + use);
        }
    }

    /** With IPV6_V6ONLY cleared, what is bound to the host's :: has the port of the host's IPv4, too. */
    @Test
    void aSocketOfInheritedIp6IsNotMadeToServeTheHostsIp4() {
        int inherits = background("ip4.addr=" + OWN4 + " ip6=inherit");
        for (var other : List.of("ip6.addr=" + OTHER6, "ip4.addr=" + OTHER4, "vnet")) {
            int jid = background(other);
            assertEquals("setsockopt: EPERM", given(inherits, "tcp", jid, "option 41 26 0 say had"), other);
            assertEquals("setsockopt: EPERM", given(inherits, "tcp option 0 24 1 bind fd00:8::1 0", jid, "option 41 26 0 say had"),
                    other); // with an address, but without a port
            host.jail("-r", jid).said();
        }
        assertEquals("setsockopt: EPERM", inJail(inherits, "tcp option 41 26 0 say had"));
        assertEquals("had", inJail(OTHER, "tcp option 41 26 1 option 41 26 0 say had"));
        var server = start(inherits, "tcp bind :: 8888 listen say ready wait");
        assertEquals("ready", server.line());
        assertEquals("0.0.0.0:8888", onHost("tcp4 bind 0.0.0.0 8888 listen name"));
    }

    /** Of a family that it has not, its own usher would not keep the address that the socket has. */
    @ParameterizedTest
    @CsvSource({"10.8.0.2, tcp", "10.8.0.2, udp", "'10.8.0.2,10.8.0.4', tcp", "'10.8.0.2,10.8.0.4', udp"})
    void aJailDoesNotBindWhatIsOfAnotherFamily(String addresses, String kind) {
        int jid = background("ip4.addr=" + addresses);
        int other = background("ip4.addr=" + OTHER4 + " ip6.addr=" + OTHER6);
        var server = start(jid, kind + "4 bind 10.8.0.2 5000 say ready wait");
        assertEquals("ready", server.line());
        assertEquals("bind: EPERM [fd00:8::3]:0",
                given(other, kind + " option 41 26 0", jid, "try bind ::ffff:10.8.0.2 5000 name"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.8.0.2", "10.8.0.2,10.8.0.4"})
    void aJailLeavesAnothersSocketsAlone(String addresses) {
        int jid = background("ip4.addr=" + addresses);
        int other = background("ip4.addr=" + OTHER4);
        assertEquals("bind: EPERM", given(other, "udp4", jid, "bind 0.0.0.0 5000 name"));
        assertEquals("setsockopt: EPERM", given(other, "udp4", jid, "option 1 2 1 name")); // SO_REUSEADDR
        assertEquals("setsockopt: EPERM", given(other, "tcp4", jid, "option 1 15 1 name")); // SO_REUSEPORT
        assertEquals("10.8.0.3", given(other, "tcp4", jid, "listen host"));
        assertEquals("10.8.0.2:5000", inJail(jid, "udp4 option 1 2 1 option 1 15 1 bind 0.0.0.0 5000 name"));
    }

    /** What is connected is found before what its jail has steered to. */
    @ParameterizedTest
    @CsvSource({"udp, fd00:8::1", "udp, ::ffff:10.8.0.1", "udp4, 10.8.0.1"})
    void aJailDoesNotConnectAnothersDatagramSockets(String kind, String address) {
        int jid = background("ip4.addr=" + OTHER4 + " ip6.addr=" + OTHER6);
        var connect = "connect " + address + " 6200 say done";
        for (var parameters : List.of("ip4.addr=" + OWN4 + " ip6.addr=" + OWN6, "ip6.addr=" + OWN6, "ip4.addr=" + OWN4)) {
            int other = background(parameters);
            assertEquals("connect: EPERM", given(jid, kind, other, connect), parameters);
            host.jail("-r", other).said();
        }
        assertEquals("done", given(jid, kind, jid, connect));
    }

    /** What is bound to one address is not for all of them, whatever jail has given it the mark of such (IP_BIND_ADDRESS_NO_PORT). */
    @Test
    void aSocketBoundToOneAddressIsNotMadeOneForAll() {
        int jid = background("ip4.addr=10.8.0.2,10.8.0.4,10.8.0.5");
        int inherits = background("ip4=inherit");
        var attacker = start(jid, "tcp4 option 1 2 1 bind 10.8.0.4 8080 give " + PLACE + " pause option 1 15 1 try listen say done wait");
        assertEquals("gives", attacker.line());
        assertEquals("had", inJail(inherits, "taken:" + PLACE + " option 0 24 1 say had"));
        var victim = start(jid, "tcp4 option 1 2 1 bind 0.0.0.0 8080 listen say ready accept one accept two");
        assertEquals("ready", victim.line());
        attacker.type("\n");
        assertEquals("listen: EADDRINUSE", attacker.line());
        assertEquals("one", onHost("tcp4 connect 10.8.0.4 8080 read"));
        assertEquals("two", onHost("tcp4 connect 10.8.0.5 8080 read"));
    }

    /** One that has changed its family between looks had the usher ask for an address that the jail has not. */
    @Test
    void aSocketThatIsDisconnectedElsewhereDoesNotEndTheUsher() {
        int jid = background("ip4.addr=10.8.0.2,10.8.0.4");
        int other = background("ip6.addr=" + OTHER6);
        var giver = start(other, "udp option 41 26 0 give " + PLACE + " pause disconnect say again wait");
        assertEquals("gives", giver.line());
        var taker = start(jid, "taken:" + PLACE + " try connect ::ffff:10.8.0.1 9 say taken pause option 41 26 1"
                + " sendto fd00:8::3 9 x disconnect name");
        taker.await("taken");
        giver.type("\n").await("again");
        taker.type("\n").end();
        assertEquals("10.8.0.2", inJail(jid, "tcp4 listen host"));
    }
}
