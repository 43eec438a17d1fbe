package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Raw sockets of IPv6 in a jail that may have them. */
class Ip6RawIT extends JailAddresses {
    @Test
    void pingWorks() {
        int jid = rawJail(BOTH);
        assertTrue(host.jexec(jid, "ping6", "-I", OWN6, "-c", "1", HOST6).said().contains("1 packets received"));
        assertEquals("type 129", inJail(jid, "raw:58 bind fd00:8::2 0 icmp 128 fd00:8::1 type"));
        host.jail("-m", "jid=" + jid, "allow.noraw_sockets").said();
        assertEquals("socket: EPERM", inJail(jid, "raw:58"));
    }

    @Test
    void pingWorksWithoutASource() {
        int jid = rawJail(BOTH);
        assertTrue(host.jexec(jid, "ping6", "-c", "1", HOST6).said().contains("1 packets received"));
        assertEquals("type 129", inJail(jid, "raw:58 icmp 128 fd00:8::1 type"));
    }

    @Test
    void aRawSocketAsksAndAnswersAndTellsNoRouterOrNeighbour() {
        int jid = rawJail(BOTH);
        for (int type : new int[] {128, 129}) {
            assertEquals("done", inJail(jid, "raw:58 bind fd00:8::2 0 icmp " + type + " fd00:8::1 say done"));
            assertEquals("done", inJail(jid, "raw:255 packet 58 fd00:8::2 fd00:8::1 fd00:8::1 " + type + " say done"));
        }
        // errors; multicast listeners; routers, neighbours, redirect; the same of version 2, routers of multicasts
        for (int type : new int[] {0, 1, 2, 3, 4, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 143, 151, 152, 255}) {
            for (var to : List.of(HOST6, OWN6)) {
                assertEquals("sendto: EPERM", inJail(jid, "raw:58 bind fd00:8::2 0 icmp " + type + " " + to + " say done"));
                assertEquals("sendto: EPERM",
                        inJail(jid, "raw:255 packet 58 fd00:8::2 " + to + " " + to + " " + type + " say done"));
            }
            assertEquals("done", onHost("raw:58 bind fd00:8::2 0 icmp " + type + " fd00:8::1 say done"));
        }
        for (int protocol : new int[] {2, 103}) {
            assertEquals("socket: EPERM", inJail(jid, "raw:" + protocol + " say done"));
            assertEquals("done", onHost("raw:" + protocol + " say done"));
        }
    }

    @Test
    void headersBeforeAnIcmpMessageDoNotHideIt() {
        int jid = rawJail(BOTH);
        var listener = startOnHost("raw:58 bind fd00:8::1 0 sniff");
        assertEquals("ready", listener.line());
        for (var chain : List.of("58", "0,58", "43,58", "44,58", "60,58", "0,60,58", "60,44,58")) {
            assertEquals("sendto: EPERM",
                    inJail(jid, "raw:255 packet " + chain + " fd00:8::2 fd00:8::1 fd00:8::1 136 say done"), chain);
            assertEquals("sendto: EPERM",
                    inJail(jid, "raw:255 packet " + chain + " fd00:8::2 fd00:8::2 fd00:8::2 136 say done"), chain);
        }
        for (int header : new int[] {43, 44, 60}) {
            assertEquals("sendto: EPERM", inJail(jid, "raw:" + header + " bind fd00:8::2 0 icmp 58 fd00:8::1 say done"));
        }
        assertEquals("ready\n", listener.out());
        for (var chain : List.of("58", "60,58", "44,58")) {
            assertEquals("done", onHost("raw:255 packet " + chain + " fd00:8::2 fd00:8::1 fd00:8::1 136 say done"), chain);
            assertEquals("fd00:8::2>fd00:8::1", listener.line(), chain);
        }
    }

    @Test
    void aRawSocketSendsOnlyInTheJailsName() {
        int jid = rawJail(BOTH);
        var listener = startOnHost("raw:253 sniff");
        assertEquals("ready", listener.line());
        for (var forged : List.of(HOST6, OTHER6, STRANGER6, "::1", "::", "fe80::1", "ff02::1", "::ffff:10.8.0.2")) {
            assertEquals("sendto: EPERM",
                    inJail(jid, "raw:255 packet 253 " + forged + " fd00:8::1 fd00:8::1 0 say done"), forged);
        }
        for (var use : List.of("raw:253 bind fd00:8::1 0 sendto fd00:8::1 0 x", "raw:253 bind ::1 0 sendto ::1 0 x",
                "raw:253 bind fd00:8::2 0 forge fd00:8::1 sendto fd00:8::1 0 x",
                "raw:253 connect fd00:8::1 0 forge fd00:8::1 send x", "raw:253 connect ::1 0 send x",
                "raw:253 bind fd00:8::2 0 sendto ::1 0 x", "raw:255 packet 253 fd00:8::2 ::1 fd00:8::1 0",
                "raw:255 packet 253 fd00:8::2 ::1 ff02::1 0")) {
            var said = inJail(jid, use + " say done");
            assertTrue(said.matches("(sendto|sendmsg|setsockopt): E(PERM|INVAL|NETUNREACH|ADDRNOTAVAIL)"), use + ": " + said);
        }
        assertEquals("ready\n", listener.out());
        assertEquals("done", inJail(jid, "raw:255 packet 253 fd00:8::2 fd00:8::1 fd00:8::1 0 say done"));
        assertEquals("done", inJail(jid, "raw:253 bind fd00:8::2 0 sendto fd00:8::1 0 x say done"));
        assertEquals("done", onHost("raw:255 packet 253 fd00:8::77 fd00:8::1 fd00:8::1 0 say done"));
        assertEquals("done", onHost("raw:253 bind fd00:8::2 0 sendto ::1 0 x say done"));
        listener.await("fd00:8::2>::1");
        assertEquals(List.of("fd00:8::2>fd00:8::1", "fd00:8::2>fd00:8::1", "fd00:8::77>fd00:8::1", "fd00:8::2>::1", "end"),
                listener.end().out().lines().skip(1).toList());
    }

    @Test
    void aRawSocketSeesOnlyWhatIsToTheJail() {
        int jid = rawJail(BOTH);
        int other = host.background(TREE, OTHER);
        host.jail("-m", "jid=" + other, "allow.raw_sockets").said();
        for (var how : List.of("", "disconnect ", "bind fd00:8::1 0 ", "bind :: 0 ", "bind ::1 0 ", "connect fd00:8::1 0 ")) {
            var inJail = host.start(words(Host.BIN + "/jexec", jid, "net6", ("raw:253 " + how + "sniff").split(" ")));
            var outside = startOnHost("raw:253 " + how + "sniff");
            assertEquals("ready", inJail.line());
            assertEquals("ready", outside.line());
            for (var destination : List.of(HOST6, OTHER6, "::1", OWN6)) {
                onHost("raw:253 sendto " + destination + " 0 x");
                if (!destination.equals("::1")) {
                    inJail(other, "raw:253 bind fd00:8::3 0 sendto " + destination + " 0 x");
                }
            }
            var seen = inJail.end().out().lines().filter(line -> line.contains(">")).toList();
            var seenOutside = outside.end().out().lines().filter(line -> line.contains(">")).toList();
            assertTrue(seen.stream().allMatch(packet -> packet.endsWith(">" + OWN6)), how + seen);
            assertTrue(!how.isEmpty() || !seen.isEmpty(), "" + seen);
            assertTrue(how.contains("connect")
                    || seenOutside.stream().anyMatch(packet -> !packet.endsWith(">" + OWN6)), how + seenOutside);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "58 option 41 200 1, EPERM, done", // MRT6_INIT
        "255 option 41 22 0, EPERM, done", // IPV6_ROUTER_ALERT
        "58 option 41 25 1, EPERM, done", // IPV6_RECVERR
        "58 option 41 19 1, EPERM, done", // IPV6_MULTICAST_LOOP
        "58 option 41 19 0, done, done",
        "58 option 41 58 1, EPERM, done", // IPV6_RECVDSTOPTS
        "58 option 1 6 1, EPERM, done", // SO_BROADCAST
        "58 option 1 62 1, EPERM, done", // SO_BINDTOIFINDEX
        "58 option 41 75 1, EPERM, done", // IPV6_TRANSPARENT
        "58 option 41 78 1, EPERM, done", // IPV6_FREEBIND
        "58 device lo, EPERM, done",
        "58 join ff02::1234, EPERM, done",
        "58 join-new ff02::1234, EPERM, done",
        "58 option 41 16 9, done, done", // IPV6_UNICAST_HOPS
        "58 option 41 49 1, done, done", // IPV6_RECVPKTINFO
        "58 option 1 8 9999, done, done", // SO_RCVBUF
    })
    void optionsOfRawSockets(String option, String inJail, String outside) {
        int jid = rawJail(BOTH);
        assertEquals(inJail.equals("done") ? inJail : "setsockopt: " + inJail, inJail(jid, "raw:" + option + " say done"));
        assertEquals(outside, onHost("raw:" + option + " say done"));
    }
}
