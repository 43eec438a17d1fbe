package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Users of a jail with several addresses who would take each other's ports of the further ones, where nothing is really bound. */
class PortOwnerIT extends JailAddresses {
    private static final String FOUR = OWN4 + "," + MORE4;

    /** bind(2) to the wildcard, and listen(2) when another one has the port of the second address. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWildcardThatListensLaterTakesNothing(boolean reuses) {
        var kind = "tcp4" + (reuses ? " option 1 2 1" : "");
        int jid = background("ip4.addr=" + FOUR);
        var attacker = startAsUser(jid, kind + " bind 0.0.0.0 8100 say bound pause try listen accept attacker");
        assertEquals("bound", attacker.line());
        var victim = start(jid, kind + " bind 10.8.0.4 8100 listen say ready accept victim");
        assertEquals("ready", victim.line());
        attacker.type("\n");
        assertEquals("listen: EADDRINUSE", attacker.line());
        assertEquals("victim", onHost("tcp4 connect 10.8.0.4 8100 read"));
    }

    /** The other way round: who listens first has it, as outside. */
    @Test
    void anAddressOfAWildcardThatListensIsNotHadTwice() {
        for (var outside : new boolean[] {true, false}) {
            int jid = outside ? 0 : background("ip4.addr=" + FOUR);
            var first = "tcp4 option 1 2 1 bind " + (outside ? OWN4 : MORE4) + " 8100 say bound pause listen say had";
            var second = "tcp4 option 1 2 1 bind 0.0.0.0 8100 listen say ready wait";
            var one = outside ? startOnHost(first) : start(jid, first);
            assertEquals("bound", one.line());
            var other = outside ? startOnHost(second) : startAsUser(jid, second);
            assertEquals("ready", other.line());
            one.type("\n");
            assertEquals("listen: EADDRINUSE", one.line());
            other.end();
        }
    }

    /** Where the wildcard stands for one address of a family, too. */
    @Test
    void theOnlyAddressOfAFamilyIsNotHadTwice() {
        int jid = background("ip4.addr=" + OWN4 + " ip6.addr=" + OWN6);
        var one = start(jid, "tcp option 41 26 1 option 1 2 1 bind :: 8100 say bound pause listen say had");
        assertEquals("bound", one.line());
        var other = startAsUser(jid, "tcp option 1 2 1 bind :: 8100 listen say ready wait");
        assertEquals("ready", other.line());
        one.type("\n");
        assertEquals("listen: EADDRINUSE", one.line());
    }

    @Test
    void whatListensNoMoreIsNotFound() {
        int jid = background("ip4.addr=" + FOUR);
        var left = startAsUser(jid, "tcp4 bind 0.0.0.0 8100 listen disconnect say left wait");
        assertEquals("left", left.line());
        assertEquals("10.8.0.4:8100", inJail(jid, "tcp4 bind 10.8.0.4 8100 listen name"));
    }

    /** After connect(2) to nobody it has no port any more, whatever getsockname(2) tells, and the kernel finds it one that is left. */
    @Test
    void aSocketThatHasGivenUpItsPortTakesNoOthers() {
        host.run("sh", "-c", "echo 40000 40001 > /proc/sys/net/ipv4/ip_local_port_range").said();
        int jid = background("ip4.addr=" + FOUR + " ip6.addr=" + OWN6);
        var attacker = startAsUser(jid, "tcp bind :: 0 port listen disconnect say left pause try listen accept attacker");
        var port = attacker.line();
        assertEquals("left", attacker.line());
        var left = port.equals("40000") ? "40001" : "40000";
        var victim = start(jid, "tcp4 bind 10.8.0.4 " + left + " listen say ready accept victim");
        assertEquals("ready", victim.line());
        var other = start(jid, "tcp4 bind 10.8.0.2 " + port + " say bound wait");
        assertEquals("bound", other.line());
        attacker.type("\n");
        assertEquals("listen: EADDRINUSE", attacker.line());
        assertEquals("victim", onHost("tcp4 bind 10.8.0.1 50000 connect 10.8.0.4 " + left + " read"));
    }

    /** A port of the second address that the kernel chooses is none that a wildcard has. */
    @Test
    void aPortThatTheKernelChoosesIsNobodys() {
        host.run("sh", "-c", "echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range").said();
        int jid = background("ip4.addr=" + FOUR);
        var wildcard = startAsUser(jid, "udp4 bind 0.0.0.0 40001 say bound wait");
        assertEquals("bound", wildcard.line());
        for (int i = 0; i < 30; i++) {
            assertNotEquals("10.8.0.4:40001", inJail(jid, "udp4 bind 10.8.0.4 0 name"));
        }
    }

    @Test
    void aServiceOfTheHostThatBindsMeanwhileKeepsItsPort() {
        var attacker = startAsUser(background("ip4.addr=" + FOUR), "tcp4 bind 0.0.0.0 8100 say bound pause try listen accept attacker");
        assertEquals("bound", attacker.line());
        var service = startOnHost("tcp4 bind 10.8.0.4 8100 listen say ready accept service");
        assertEquals("ready", service.line());
        attacker.type("\n");
        assertEquals("listen: EADDRINUSE", attacker.line());
        assertEquals("service", onHost("tcp4 connect 10.8.0.4 8100 read"));
    }

    /** One for IPv6 alone is bound to another address than one for both, so that the kernel does not compare the two. */
    @ParameterizedTest
    @CsvSource({"tcp, listen, connect fd00:8::4 8080 read, victim", "udp, '', sendto fd00:8::4 8080 x, x from"})
    void aSocketOfIp6AloneTakesNothingOfOneForBoth(String kind, String listen, String use, String heard) {
        int jid = background("ip4.addr=" + OWN4 + " ip6.addr=" + OWN6 + "," + MORE6);
        var victim = start(jid, (kind + " bind :: 8080 " + listen + " say ready ").replace("  ", " ")
                + (kind.equals("tcp") ? "accept victim" : "receive"));
        assertEquals("ready", victim.line());
        var attack = kind + " option 41 26 1 option 1 15 1 bind :: 8080 say had";
        assertEquals("bind: EADDRINUSE", startAsUser(jid, attack).end().said());
        assertEquals("bind: EADDRINUSE", start(jid, attack).end().said());
        var told = onHost(kind + " " + use);
        assertTrue((kind.equals("tcp") ? told : victim.line()).startsWith(heard), told);
    }

    /** In a jail with both families it is one of those where a socket for both is found, not bound. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp bind :: 8080 listen", "udp bind :: 8080"})
    void thePortOfASocketForBothIsNotHadByTheNameOfTheLoopback(String use) {
        int jid = background("ip4.addr=" + OWN4 + " ip6.addr=" + OWN6);
        var victim = start(jid, use + " say ready wait");
        assertEquals("ready", victim.line());
        assertEquals("bind: EADDRINUSE", startAsUser(jid, use.substring(0, 4) + "bind ::1 8080 name").end().said());
        victim.end();
        assertEquals("[fd00:8::2]:8080", startAsUser(jid, use.substring(0, 4) + "bind ::1 8080 name").end().said());
    }

    /** For the kernel looks for what is connected first. */
    @Test
    void aPortThatTheKernelChoosesForAConnectionIsNobodys() {
        host.run("sh", "-c", "echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range").said();
        assertEquals("a connection", host.run(Tree.probe("take").toString(), "connected", "40001", HOST6).said());
        int jid = background("ip4.addr=" + OWN4 + " ip6.addr=" + OWN6);
        var victim = start(jid, "udp bind :: 40001 say bound pause receive");
        assertEquals("bound", victim.line());
        for (int i = 0; i < 30; i++) {
            assertNotEquals("[fd00:8::2]:40001", inJail(jid, "udp connect fd00:8::1 6200 name"));
        }
        assertEquals("nothing", host.jexec("-U", "user", jid, "take", "connected", "40001", HOST6).said());
        onHost("udp bind fd00:8::1 6200 sendto fd00:8::2 40001 x");
        victim.type("\n");
        assertEquals("x from [fd00:8::1]:6200", victim.line());
    }

    /** However many sockets others bind, and whatever addresses are added, before it listens. */
    @Test
    void aBoundSocketIsFoundWhenItListens() {
        int jid = background("ip4.addr=" + FOUR);
        var server = start(jid, "tcp4 bind 0.0.0.0 8080 say bound pause listen say ready accept one accept two accept three wait");
        assertEquals("bound", server.line());
        host.jexec("-U", "user", jid, "sh", "-c", "i=0; while [ $i -lt 1100 ]; do net6 tcp4 bind 0.0.0.0 0; i=$((i+1)); done").said();
        host.jail("-m", "jid=" + jid, "ip4.addr=" + FOUR + "," + OTHER4).said();
        server.type("\n");
        assertEquals("ready", server.line());
        assertEquals("one", onHost("tcp4 connect 10.8.0.2 8080 read"));
        assertEquals("two", onHost("tcp4 connect 10.8.0.4 8080 read"));
        assertEquals("three", onHost("tcp4 connect 10.8.0.3 8080 read"));
        assertEquals("bind: EADDRINUSE", startAsUser(jid, "tcp4 bind 10.8.0.4 8080 name").end().said());
    }

    /** Those that share a port are found as long as one of them is there, under the further addresses, too. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp4", "udp4"})
    void whoSharesAPortIsFoundWhenOthersHaveClosed(String kind) {
        boolean tcp = kind.equals("tcp4");
        int jid = background("ip4.addr=" + FOUR);
        var use = kind + " option 1 2 1 option 1 15 1 bind 0.0.0.0 8080 " + (tcp ? "listen " : "") + "say ready ";
        var middle = use + (tcp ? "pause accept one accept two" : "pause receive receive");
        var group = new Running[] {start(jid, use + "wait"), start(jid, middle), start(jid, use + "wait")};
        for (var one : group) {
            assertEquals("ready", one.line());
        }
        group[0].end();
        group[2].end();
        var attack = kind + " option 1 2 1 bind 10.8.0.4 8080 name";
        assertEquals("bind: EADDRINUSE", startAsUser(jid, attack).end().said());
        for (var address : List.of(OWN4, MORE4)) {
            if (!tcp) {
                onHost("udp4 bind 10.8.0.1 6200 sendto " + address + " 8080 x");
            }
        }
        group[1].type("\n");
        if (tcp) {
            assertEquals("one", onHost("tcp4 connect 10.8.0.4 8080 read"));
            assertEquals("two", onHost("tcp4 connect 10.8.0.2 8080 read"));
        } else {
            assertEquals("x from 10.8.0.1:6200", group[1].line());
            assertEquals("x from 10.8.0.1:6200", group[1].line());
        }
        group[1].end();
        assertEquals("10.8.0.4:8080", startAsUser(jid, attack).end().said());
    }

    /** One of IPv4 and one for both families are bound to the same address. */
    @Test
    void socketsOfBothFamiliesShareAPort() {
        int jid = background("ip4.addr=" + FOUR + " ip6.addr=" + OWN6);
        var both = start(jid, "tcp option 1 15 1 bind :: 8080 listen say ready pause listen say again wait");
        assertEquals("ready", both.line());
        var ip4 = start(jid, "tcp4 option 1 15 1 bind 0.0.0.0 8080 listen say ready pause listen say again wait");
        assertEquals("ready", ip4.line());
        both.type("\n");
        assertEquals("again", both.line());
        var other = start(jid, "tcp option 1 15 1 bind :: 8080 listen say ready accept other");
        assertEquals("ready", other.line());
        ip4.type("\n");
        assertEquals("again", ip4.line());
        both.end();
        ip4.end();
        assertEquals("other", onHost("tcp connect fd00:8::2 8080 read"));
    }

    /** More than have a place to be found. */
    @Test
    void manyShareAPort() {
        int jid = background("ip4.addr=" + FOUR);
        var use = "tcp4 option 1 15 1 bind 0.0.0.0 8080 listen say ready wait";
        for (int i = 0; i < 20; i++) {
            assertEquals("ready", start(jid, use).line());
        }
        assertEquals("10.8.0.1", onHost("tcp4 bind 10.8.0.1 0 connect 10.8.0.4 8080 host"));
    }

    /** Another backlog, and those of one user that share the port. */
    @Test
    void whoListensMayListenAgain() {
        int jid = background("ip4.addr=" + FOUR);
        assertEquals("10.8.0.2:8080", inJail(jid, "tcp4 bind 0.0.0.0 8080 listen listen listen name"));
        var one = start(jid, "tcp4 option 1 15 1 bind 0.0.0.0 8090 listen say ready pause listen listen say again wait");
        assertEquals("ready", one.line());
        assertEquals("10.8.0.2:8090", inJail(jid, "tcp4 option 1 15 1 bind 0.0.0.0 8090 listen name"));
        one.type("\n");
        assertEquals("again", one.line());
    }
}
