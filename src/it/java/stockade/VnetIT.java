package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A jail with a network stack of its own. */
class VnetIT {
    private static final Tree TREE = Tree.busybox().program("/bin/bash").program("/sbin/ip");

    @RegisterExtension
    final Host host = new Host("10.9.0.1");

    private int jail(Object... parameters) {
        var words = Stream.concat(Stream.of("-i", "-c", "path=" + TREE, "vnet"), Stream.of(parameters)).toList();
        return Integer.parseInt(host.startJail(Stream.concat(words.stream(), Stream.of("command=sleep", "600")).toArray())
                .line());
    }

    private Running listen(int jid, String... words) {
        var running = host.start(Stream.concat(Stream.of(Host.BIN + "/jexec", "" + jid, "wild"), Stream.of(words))
                .toArray(String[]::new));
        assertTrue(running.line().startsWith("ready "), running.out());
        return running;
    }

    private static String[] ask(String address, int port) {
        return new String[] {"bash", "-c", "exec 3<>/dev/tcp/" + address + "/" + port + "; timeout 1 head -n 1 <&3"};
    }

    private String fromHost(String address) {
        return host.run(ask(address, 80)).out().strip();
    }

    private String fromJail(int jid, String address) {
        return host.jexec(Stream.concat(Stream.of(jid), Stream.of(ask(address, 80))).toArray()).out().strip();
    }

    @Test
    void hostAndJailsReachEachOther() {
        host.run("ip", "address", "add", "fd00::1/128", "dev", "lo", "nodad").said();
        int first = jail("ip4.addr=10.9.0.2,10.9.0.4/24", "ip6.addr=fd00::2");
        int second = jail("ip4.addr=10.9.0.3", "ip6.addr=fd00::3");
        int shared = host.background(TREE, "10.9.0.5");
        try (var one = listen(first, "46", "tcp", "80"); var two = listen(second, "46", "tcp", "80");
                var three = listen(shared, "4", "tcp", "80");
                var hosts = host.start(TREE.path("bin/net").toString(), "serve", "10.9.0.1", "80", "host\n", "9")) {
            assertEquals("10.9.0.1:80", hosts.line());
            for (var address : List.of("10.9.0.2", "10.9.0.4", "10.9.0.3")) {
                assertEquals("::ffff:" + address, fromHost(address));
                assertEquals("::ffff:" + address, fromJail(first, address));
                assertEquals("::ffff:" + address, fromJail(second, address));
                assertEquals("::ffff:" + address, fromJail(shared, address));
            }
            assertEquals("fd00::2", fromHost("fd00::2"));
            for (int jid : List.of(first, second)) {
                assertEquals("host", fromJail(jid, "10.9.0.1"));
                assertEquals("10.9.0.5", fromJail(jid, "10.9.0.5"));
            }
            assertEquals("from 10.9.0.2", hosts.line());
            assertEquals("from 10.9.0.3", hosts.line());
            hosts.kill();
        }
        host.run("ip", "address", "delete", "fd00::1/128", "dev", "lo").said();
    }

    @Test
    void theStackIsTheJailsToConfigure() {
        int jid = jail("ip4.addr=10.9.0.2");
        assertTrue(host.jexec(jid, "ip", "-o", "address").said().contains("inet 10.9.0.2/32 scope global eth0"));
        assertTrue(host.jexec(jid, "ip", "route").said().startsWith("default via 169.254.1.1 dev eth0"));
        assertEquals("", host.jexec(jid, "ip", "link", "set", "eth0", "mtu", "1400").said());
        assertEquals("", host.jexec(jid, "ip", "address", "add", "10.8.0.1/24", "dev", "lo").said());
        assertEquals("done", host.jexec(jid, "permit", "socket", "2", "3", "1").said(), "raw sockets of its own stack");
        assertEquals("done", host.jexec(jid, "raw", "option", "2", "1", "25").said(), "SO_BINDTODEVICE");
        assertEquals("EPROTONOSUPPORT", host.jexec(jid, "permit", "socket", "17", "3", "768").said());
        for (var packets : List.of(10, 10 | 02000000, 10 | 04000, 10 | 02004000)) { // the same by SOCK_PACKET
            assertEquals("EPERM", host.jexec(jid, "permit", "socket", "2", packets, "768").said());
            assertEquals("done", host.run(Tree.probe("permit").toString(), "socket", "2", packets.toString(), "768").said());
        }
        assertFalse(host.run("ip", "-o", "address").said().contains("10.8.0.1"));
        assertEquals("new", host.jls("-j", jid, "vnet").said());
        assertEquals("0\n", host.jexec(jid, "sh", "-c", "wc -l </proc/net/unix | grep -c '^[5-9]'").out(), "nothing of the host's");
    }

    @Test
    void theHostsStackIsNot() {
        int jid = jail("ip4.addr=10.9.0.2");
        var before = host.run("sh", "-c", "ip -o address; ip route; ip -o link").said();
        for (var words : List.of("ip link delete jail" + jid, "ip address add 10.9.0.9/32 dev jail" + jid,
                "ip route add 10.10.0.0/16 via 10.9.0.1 dev jail" + jid)) {
            assertFalse(host.jexec(Stream.concat(Stream.of(jid), Stream.of(words.split(" "))).toArray()).status() == 0, words);
        }
        assertEquals(before, host.run("sh", "-c", "ip -o address; ip route; ip -o link").said());
        // its own end is its own to lose, and the host's goes with it
        assertEquals("", host.jexec(jid, "ip", "link", "delete", "eth0").said());
        assertFalse(host.run("ip", "-o", "link").said().contains("jail" + jid));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.0.77", "10.9.0.1", "10.9.0.3", "192.168.9.9"})
    void aForgedSourceDoesNotLeaveIt(String source) {
        int jid = jail("ip4.addr=10.9.0.2");
        jail("ip4.addr=10.9.0.3");
        var sniffer = host.start(TREE.path("bin/raw").toString(), "sniff", "253");
        assertEquals("ready", sniffer.line());
        assertEquals("done", host.jexec(jid, "raw", "send", "253", source, "10.9.0.1").said());
        assertEquals("done", host.jexec(jid, "raw", "send", "253", "10.9.0.2", "10.9.0.1").said());
        sniffer.await("10.9.0.2>10.9.0.1");
        assertEquals(List.of("10.9.0.2>10.9.0.1", "end"), sniffer.end().out().lines().skip(1).toList());
    }

    @Test
    void theLoopbackAddressIsTheJails() {
        int jid = jail("ip4.addr=10.9.0.2");
        try (var hosts = host.start(TREE.path("bin/net").toString(), "serve", "127.0.0.1", "80", "host\n");
                var jails = listen(jid, "4", "tcp", "80")) {
            assertEquals("127.0.0.1:80", hosts.line());
            assertEquals("127.0.0.1", fromJail(jid, "127.0.0.1"));
            hosts.kill();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"vnet ip4=inherit; vnet jails cannot have IP address restrictions",
        "vnet ip4.addr=10.9.0.1; vnet: the host has the address 10.9.0.1"})
    void whatCantBe(String words, String message) {
        host.jail(Stream.concat(Stream.concat(Stream.of("-c", "path=" + TREE), Stream.of(words.split(" "))),
                Stream.of("command=true")).toArray()).assertFailed("jail: " + message);
        host.assertNothingLeft();
    }

    @Test
    void nothingIsLeftAlsoOfOneWhoseWardenWasKilled() {
        int jid = jail("ip4.addr=10.9.0.2", "ip6.addr=fd00::2");
        assertTrue(host.run("ip", "-o", "link").said().contains("jail" + jid));
        ProcessHandle.of(host.process(jid, "jail-warden")).orElseThrow().destroyForcibly();
        Host.pause();
        host.jls().said();
        assertFalse(host.run("ip", "-o", "link").said().contains("jail" + jid));
        assertEquals("", host.run("ip", "route", "show", "10.9.0.2").said());
        assertEquals("", host.jail("-c", "path=" + TREE, "vnet", "ip4.addr=10.9.0.2", "command=true").said());
    }

    /** A jail of the host's stack passes its sockets to one of a stack of its own, by the tree that both have. */
    @Test
    void socketsOfTheHostsNetworkAreNotItsOwn() {
        int shared = host.background(TREE, "10.9.0.5");
        int jid = jail("ip4.addr=10.9.0.2");
        var giver = host.start(Host.BIN + "/jexec", "" + shared, "pass", "give", "/tmp/socket");
        assertEquals("ready", giver.line());
        var server = host.start(TREE.path("bin/net").toString(), "serve", "127.0.0.1", "8080", "host\n");
        assertEquals("127.0.0.1:8080", server.line());
        for (var use : List.of("connect 127.0.0.1 8080", "bind 10.9.0.1 8081", "bind 0.0.0.0 8081", "device")) {
            assertEquals("EPERM", host.jexec(Stream.concat(Stream.of(jid, "pass", "take", "/tmp/socket"),
                    Stream.of(use.split(" "))).toArray()).said(), use);
        }
        assertEquals("ECONNREFUSED", host.jexec(shared, "pass", "take", "/tmp/socket", "connect", "127.0.0.1", "8080").said());
        var pass = TREE.path("bin/pass").toString();
        var hosts = host.start(pass, "give", TREE.path("tmp/other").toString());
        assertEquals("ready", hosts.line());
        assertEquals("done", host.run(pass, "take", TREE.path("tmp/other").toString(), "connect", "127.0.0.1", "8080").said());
        hosts.kill();
        giver.kill();
        server.kill();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "10.9.0.2", "127.0.0.1"})
    void reservedPortsAreForItsRootUntilTheyAreNobodys(String address) {
        int jid = jail("ip4.addr=10.9.0.2");
        assertEquals("bind: EACCES", host.jexec("-U", "user", jid, "net", "bind", "tcp", address, "80").said());
        assertEquals(address + ":80", host.jexec(jid, "net", "bind", "tcp", address, "80").said());
        host.jail("-m", "jid=" + jid, "allow.noreserved_ports").said();
        assertEquals("bind: EACCES", host.jexec(jid, "net", "bind", "tcp", address, "80").said());
        assertEquals(address + ":1024", host.jexec(jid, "net", "bind", "tcp", address, "1024").said());
        host.jail("-m", "jid=" + jid, "allow.reserved_ports").said();
        assertEquals(address + ":80", host.jexec(jid, "net", "bind", "tcp", address, "80").said());
    }

    @Test
    void reservedPortsCanBeNobodysFromTheStart() {
        int jid = jail("ip4.addr=10.9.0.2", "allow.noreserved_ports");
        assertEquals("bind: EACCES", host.jexec(jid, "net", "bind", "tcp", "0.0.0.0", "80").said());
    }

    /** Also while another network than the host's is that of the command that changes the jail. */
    @Test
    void socketsOfTheHostsNetworkAreNotItsOwnAfterAChangeEither() {
        int shared = host.background(TREE, "10.9.0.5");
        int jid = jail("ip4.addr=10.9.0.2");
        host.run("unshare", "-n", Host.BIN + "/jail", "-m", "jid=" + jid, "allow.noreserved_ports").said();
        var giver = host.start(Host.BIN + "/jexec", "" + shared, "pass", "give", "/tmp/socket");
        assertEquals("ready", giver.line());
        assertEquals("EPERM", host.jexec(jid, "pass", "take", "/tmp/socket", "bind", "0.0.0.0", "8081").said());
        assertEquals("0.0.0.0:8081", host.jexec(jid, "net", "bind", "tcp", "0.0.0.0", "8081").said());
        giver.kill();
    }

    /** Errors that tell the host of routes to others. */
    @Test
    void icmpErrorsAboutOthersDoNotLeaveIt() {
        int jid = jail("ip4.addr=10.9.0.2");
        var sniffer = host.start(TREE.path("bin/raw").toString(), "sniff", "1");
        assertEquals("ready", sniffer.line());
        for (int type : new int[] {3, 4, 5, 11, 12}) {
            assertEquals("done", host.jexec(jid, "raw", "icmp", type, "10.9.0.1").said());
        }
        assertEquals("done", host.jexec(jid, "raw", "icmp", 13, "10.9.0.1").said());
        sniffer.await("10.9.0.2>10.9.0.1");
        assertEquals(1, sniffer.end().out().lines().filter(line -> line.equals("10.9.0.2>10.9.0.1")).count());
    }

    @Test
    void anInterfaceOfTheSameNameIsNotTouched() {
        host.run("sh", "-ec", "ip link add jail5 type veth peer name other").said();
        host.jail("-c", "jid=5", "path=" + TREE, "vnet", "ip4.addr=10.9.0.2", "command=true")
                .assertFailed("jail: create jail5: File exists");
        assertTrue(host.run("ip", "-o", "link").said().contains(": jail5@"));
        host.run("ip", "link", "delete", "jail5").said();
    }

    @Test
    void withoutAnythingThereIsLoopback() {
        int jid = jail();
        assertEquals(1, host.jexec(jid, "ip", "-o", "link").said().lines().count());
        assertEquals("1", host.jexec(jid, "sh", "-c", "ping -c 1 127.0.0.1 | grep -c '1 packets received'").said());
    }
}
