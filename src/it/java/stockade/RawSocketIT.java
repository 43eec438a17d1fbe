package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Raw sockets of IPv4 in a jail that may have them, and the options of all sockets. */
class RawSocketIT {
    private static final String HOST_ADDRESS = "10.9.0.1";
    private static final String ADDRESS = "10.9.0.2";
    private static final Tree TREE = Tree.busybox();

    @RegisterExtension
    final Host host = new Host(HOST_ADDRESS, "10.9.0.3");

    private int rawJail() {
        int jid = host.background(TREE, ADDRESS);
        host.jail("-m", "jid=" + jid, "allow.raw_sockets").said();
        return jid;
    }

    @Test
    void aRawSocketSeesOnlyWhatIsToTheJail() {
        int jid = rawJail();
        int other = host.background(TREE, "10.9.0.4");
        for (var how : List.of("", "disconnect", "bind 10.9.0.1", "bind 0.0.0.0", "bind 127.0.0.1", "connect 10.9.0.1")) {
            var command = "raw sniff 17 " + how;
            var inJail = host.start((Host.BIN + "/jexec " + jid + " " + command.strip()).split(" "));
            var outside = host.start((TREE.path("bin/") + "/" + command.strip()).split(" "));
            assertEquals("ready", inJail.line());
            assertEquals("ready", outside.line());
            for (var destination : List.of(HOST_ADDRESS, "10.9.0.3", "10.9.0.4", "127.0.0.1", ADDRESS)) {
                host.run("bash", "-c", "echo x >/dev/udp/" + destination + "/9; true").said();
                host.jexec(other, "raw", "send_udp", destination, "9").said();
            }
            var seen = inJail.end().out().lines().filter(line -> line.contains(">")).toList();
            var seenOutside = outside.end().out().lines().filter(line -> line.contains(">")).toList();
            assertTrue(seen.stream().allMatch(packet -> packet.endsWith(">" + ADDRESS)), how + seen);
            assertTrue(!how.isEmpty() || !seen.isEmpty(), "" + seen);
            // the kernel lets a raw socket that was disconnected hear no more; one that is connected hears its peer
            assertTrue(how.contains("connect")
                    || seenOutside.stream().anyMatch(packet -> !packet.endsWith(">" + ADDRESS)), how + seenOutside);
        }
    }

    @Test
    void aRawSocketSendsOnlyInTheJailsName() {
        int jid = rawJail();
        var listener = host.start(TREE.path("bin/raw").toString(), "sniff", "253");
        assertEquals("ready", listener.line());
        for (var forged : List.of(HOST_ADDRESS, "10.9.0.3", "10.9.0.77", "127.0.0.1")) {
            assertEquals("EPERM", host.jexec(jid, "raw", "send", "253", forged, HOST_ADDRESS).said(), forged);
        }
        // 127.0.0.1 is the jail itself, and no way to what listens there on the host
        assertEquals("EPERM", host.jexec(jid, "raw", "send", "253", ADDRESS, "127.0.0.1").said());
        assertEquals("EPERM", host.jexec(jid, "raw", "plain", "253", "127.0.0.1").said());
        assertEquals("done", host.jexec(jid, "raw", "send", "253", ADDRESS, HOST_ADDRESS).said());
        for (var routing : List.of("2", "103")) { // IGMP, PIM
            assertEquals("EPERM", host.jexec(jid, "raw", "send", routing, ADDRESS, HOST_ADDRESS).said());
            assertEquals("done", host.run(TREE.path("bin/raw").toString(), "send", routing, HOST_ADDRESS, HOST_ADDRESS).said());
        }
        assertEquals("done", host.jexec(jid, "raw", "send", "253", "0.0.0.0", HOST_ADDRESS).said());
        assertEquals("done", host.jexec(jid, "raw", "plain", "253", HOST_ADDRESS).said());
        // and on the host any of that goes
        var raw = TREE.path("bin/raw").toString();
        assertEquals("done", host.run(raw, "send", "253", "10.9.0.77", HOST_ADDRESS).said());
        assertEquals("done", host.run(raw, "send", "253", ADDRESS, "127.0.0.1").said());
        listener.await("10.9.0.2>127.0.0.1");
        assertEquals(List.of("10.9.0.2>10.9.0.1", "10.9.0.2>10.9.0.1", "10.9.0.2>10.9.0.1", "10.9.0.77>10.9.0.1",
                "10.9.0.2>127.0.0.1", "end"), listener.end().out().lines().skip(1).toList());
    }

    /** What the kernel does for raw sockets past the packet filters. */
    @Test
    void aRawSocketForgesNoBroadcastsAndMulticastsForTheHost() {
        host.run("sh", "-ec", "ip link add eth9 type veth peer name peer9; ip address add 192.168.77.1/24 dev eth9;"
                + " ip link set eth9 up; ip link set peer9 up; ip route add 224.0.0.0/4 dev eth9").said();
        try {
            int jid = rawJail();
            var raw = TREE.path("bin/raw").toString();
            var victim = host.start(raw, "listen", "0.0.0.0", "5353");
            var other = host.background(TREE, "10.9.0.4");
            var jailed = host.start(Host.BIN + "/jexec", "" + other, "raw", "listen", "0.0.0.0", "5354");
            assertEquals("ready", victim.line());
            assertEquals("ready", jailed.line());
            for (var routed : List.of("192.168.77.255", "224.0.0.1", "239.1.2.3")) {
                for (var destination : List.of("127.0.0.1 5353", "192.168.77.1 5353", "10.9.0.4 5354")) {
                    var words = ("forge 127.0.0.1 " + destination.split(" ")[0] + " " + routed + " "
                            + destination.split(" ")[1]).split(" ");
                    host.jexec(Stream.concat(Stream.of(jid, "raw"), Stream.of(words)).toArray());
                }
            }
            assertEquals("ready\nend\n", jailed.end().out());
            assertEquals("ready\n", victim.out());
            host.run(raw, "forge", "127.0.0.1", "127.0.0.1", "192.168.77.255", "5353").said();
            assertTrue(victim.line().contains(">")); // whatever it takes of the datagram for addresses
        } finally {
            host.run("ip", "link", "delete", "eth9").said();
        }
    }

    @Test
    void aRawSocketReadsNoErrorsOfOthers() {
        int jid = rawJail();
        assertEquals("EPERM", host.jexec(jid, "raw", "errors", "17", "0.0.0.0").said());
        var outside = host.start(TREE.path("bin/raw").toString(), "errors", "17", "0.0.0.0");
        assertEquals("ready", outside.line());
        host.run("bash", "-c", "echo secret >/dev/udp/10.9.0.1/9").said();
        assertEquals("10.9.0.1", outside.end().out().lines().skip(1).findFirst().get());
    }

    @ParameterizedTest
    @CsvSource({
        "3 0 200 2, EPERM, done", // MRT_INIT, by IGMP
        "3 0 200 1, EPERM, EOPNOTSUPP", // and by ICMP
        "3 0 5 1, EPERM, done", // IP_ROUTER_ALERT
        "3 0 11 1, EPERM, done", // IP_RECVERR
        "3 0 34 1, EPERM, done", // IP_MULTICAST_LOOP
        "3 1 6 1, EPERM, done", // SO_BROADCAST
        "3 1 25 1, EPERM, done", // SO_BINDTODEVICE
        "2 1 25, EPERM, done",
        "1 1 25, EPERM, done",
        "2 0 35, EPERM, done", // IP_ADD_MEMBERSHIP
        "1 0 35, EPERM, EPROTO", // which is not for TCP anyway
        "3 0 35 1, EPERM, done",
        "3 0 2 1, done, done", // IP_TTL
        "3 1 8 1, done, done", // SO_RCVBUF
        "2 1 6, done, done", // SO_BROADCAST, whose source is the jail's
        "1 6 1, done, done", // TCP_NODELAY
        "2 0 50, EPERM, EADDRNOTAVAIL", // IP_UNICAST_IF
        "1 6 31, EPERM, ENOENT", // TCP_ULP, but for "tls"
    })
    void optionsThatReachIntoTheHostsNetwork(String option, String inJail, String outside) {
        host.run("ip", "link", "set", "lo", "multicast", "on").said();
        int jid = rawJail();
        var words = Stream.concat(Stream.of("raw", "option"), Stream.of(option.split(" "))).toList();
        assertEquals(inJail, host.jexec(Stream.concat(Stream.of(jid), words.stream()).toArray()).said());
        assertEquals(outside, host.run(Stream.concat(Stream.of(TREE.path("bin/raw").toString()),
                words.stream().skip(1)).toArray(String[]::new)).said());
        assertEquals("0", host.run("sysctl", "-n", "net.ipv4.conf.all.mc_forwarding").said());
    }

    @Test
    void aRawSocketAsksAndAnswersAndReportsNoErrors() {
        int jid = rawJail();
        for (int type : new int[] {0, 8, 13, 14}) {
            assertEquals("done", host.jexec(jid, "raw", "icmp", type, HOST_ADDRESS).said(), "type " + type);
        }
        for (int type : new int[] {3, 4, 5, 11, 12}) { // unreachable, quench, redirect, time exceeded, parameter problem
            assertEquals("EPERM", host.jexec(jid, "raw", "icmp", type, HOST_ADDRESS).said(), "type " + type);
            assertEquals("EPERM", host.jexec(jid, "raw", "icmp", type, ADDRESS).said(), "type " + type);
            assertEquals("done", host.run(TREE.path("bin/raw").toString(), "icmp", "" + type, HOST_ADDRESS).said());
        }
        assertEquals("EPERM", host.jexec(jid, "permit", "socket", "2", "3", "2").said(), "IGMP");
        assertEquals("EPERM", host.jexec(jid, "permit", "socket", "2", "3", "103").said(), "PIM");
    }

    @Test
    void pingWorks() {
        int jid = rawJail();
        assertTrue(host.jexec(jid, "ping", "-c", "1", HOST_ADDRESS).said().contains("1 packets received"));
        // a program of another user, by the capability on its file
        var tree = Tree.busybox();
        host.run("setcap", "cap_net_raw+ep", tree.path("bin/permit").toString()).said();
        int capable = host.background(tree, "10.9.0.4");
        assertEquals("EPERM", host.jexec("-U", "user", capable, "permit", "socket", "2", "3", "1").said());
        host.jail("-m", "jid=" + capable, "allow.raw_sockets").said();
        assertEquals("done", host.jexec("-U", "user", capable, "permit", "socket", "2", "3", "1").said());
    }
}
