package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A jail has its address and no other: it takes no port or traffic of the host or of another jail. */
class NetworkIT {
    private static final Tree TREE = Tree.busybox();
    private static final String HOSTS = "10.7.0.1";
    /** One that the host has before the jail. */
    private static final String OWN = "10.7.0.2";
    /** One that is added for the jail. */
    private static final String ALIAS = "10.7.0.3";
    private static final String NET = Tree.probe("net").toString();

    @RegisterExtension
    final Host host = new Host(HOSTS, OWN);

    private Running startOnHost(String use) {
        return host.start((NET + " " + use).split(" "));
    }

    private String onHost(String use) {
        return startOnHost(use).end().said();
    }

    private Running startInJail(String address, String use) {
        var words = new ArrayList<Object>(List.of(TREE, "jail", address, "net"));
        words.addAll(List.of(use.split(" ")));
        return host.startJail(words.toArray());
    }

    private String inJail(String use) {
        return startInJail(OWN, use).end().said();
    }

    @ParameterizedTest
    @CsvSource({
        "bind tcp 0.0.0.0 80, 10.7.0.2:80",
        "bind tcp 127.0.0.1 80, 10.7.0.2:80",
        "bind tcp 10.7.0.2 80, 10.7.0.2:80",
        "bind udp 0.0.0.0 53, 10.7.0.2:53",
        "bind udp 127.0.0.1 53, 10.7.0.2:53",
        "bind tcp 10.7.0.1 80, bind: EADDRNOTAVAIL",
        "bind tcp 10.7.0.3 80, bind: EADDRNOTAVAIL",
        "bind udp 10.7.0.1 53, bind: EADDRNOTAVAIL",
        "bind udp 10.7.0.3 53, bind: EADDRNOTAVAIL",
        "bind tcp 127.0.0.2 8080, bind: EADDRNOTAVAIL",
        "bind udp 255.255.255.255 8080, bind: EADDRNOTAVAIL",
    })
    void bindIsHeldToTheJailsAddress(String use, String result) {
        var other = startInJail(ALIAS, "serve 0.0.0.0 99 x");
        assertEquals(ALIAS + ":99", other.line());
        assertEquals(result, inJail(use));
        if (!use.contains("255.255")) {
            assertEquals(use.split(" ")[2] + ":" + use.split(" ")[3], onHost(use));
        }
    }

    @Test
    void aPortOfTheHostIsNotTaken() {
        var server = startOnHost("serve 10.7.0.1 80 host");
        server.line();
        var jailed = startInJail(OWN, "serve 0.0.0.0 80 jail");
        assertEquals(OWN + ":80", jailed.line());
        assertEquals(HOSTS + " -> " + HOSTS + ":80 host", onHost("connect 10.7.0.1 80"));
        assertTrue(onHost("connect 10.7.0.2 80").endsWith(" -> 10.7.0.2:80 jail"));
    }

    @Test
    void loopbackIsTheJailItself() {
        var server = startOnHost("serve 127.0.0.1 8080 host");
        assertEquals("127.0.0.1:8080", server.line());
        for (var use : List.of("connect 127.0.0.1 8080", "connect 0.0.0.0 8080")) {
            assertEquals("connect: ECONNREFUSED", inJail(use));
        }
        assertFalse(inJail("fast-open 127.0.0.1 8080").contains("host"));
        int jid = host.background(TREE, OWN, "net", "serve", "127.0.0.1", "8080", "jail", "3");
        for (var use : List.of("connect 127.0.0.1 8080", "connect 0.0.0.0 8080", "connect 10.7.0.2 8080")) {
            assertEquals("10.7.0.2 -> 10.7.0.2:8080 jail",
                    host.jexec(jid, "sh", "-c", "exec net " + use).said());
        }
        assertEquals("127.0.0.1 -> 127.0.0.1:8080 host", onHost("connect 127.0.0.1 8080"));
        assertEquals("from 127.0.0.1", server.line());
    }

    @Test
    void datagramsToLoopbackStayInTheJail() {
        var server = startOnHost("udp-serve 127.0.0.1 5353");
        server.line();
        var jailed = startInJail(OWN, "udp-serve 0.0.0.0 5353");
        jailed.line();
        host.jexec(host.jls("jid").said(), "net", "udp-send", "127.0.0.1", "5353", "hello").said();
        assertEquals("from 10.7.0.2", jailed.line());
        assertEquals("127.0.0.1:5353 hello", onHost("udp-send 127.0.0.1 5353 hello"));
    }

    @Test
    void peersSeeTheJailsAddress() {
        var server = startOnHost("serve 10.7.0.1 8080 host 2");
        server.line();
        assertEquals("10.7.0.2 -> 10.7.0.1:8080 host", inJail("connect 10.7.0.1 8080"));
        assertEquals("from 10.7.0.2", server.line());
        assertEquals("10.7.0.1 -> 10.7.0.1:8080 host", onHost("connect 10.7.0.1 8080"));
    }

    @Test
    void jailsReachOneAnotherByTheirAddresses() {
        var server = startInJail(ALIAS, "serve 0.0.0.0 8080 other");
        server.line();
        assertEquals("10.7.0.2 -> 10.7.0.3:8080 other", inJail("connect 10.7.0.3 8080"));
        assertEquals("from 10.7.0.2", server.line());
    }

    @Test
    void theJailsAddressOutlivesADisconnect() {
        var server = startOnHost("serve 10.7.0.1 8080 host 4");
        server.line();
        assertEquals("10.7.0.2", inJail("reconnect 10.7.0.1 8080"));
        assertEquals("from 10.7.0.2", server.line());
        assertEquals("from 10.7.0.2", server.line());
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen-unbound", "disconnected-listen"})
    void listeningWithoutBindIsNotReachedByTheHostsAddresses(String use) {
        var outside = startOnHost(use);
        var hostsPort = outside.line().split(":")[1];
        assertTrue(onHost("connect 10.7.0.1 " + hostsPort).startsWith("10.7.0.1 -> 10.7.0.1:"));
        var jailed = startInJail(OWN, use);
        var port = jailed.line().split(":")[1];
        for (var address : List.of("10.7.0.1", "127.0.0.1")) {
            var result = onHost("connect " + address + " " + port);
            assertTrue(result.startsWith("connect: "), result);
        }
        assertTrue(onHost("connect 10.7.0.2 " + port).endsWith(" -> 10.7.0.2:" + port));
    }

    @ParameterizedTest
    @CsvSource({
        "2 3 0, socket: EPERM", // raw
        "2 3 1, socket: EPERM", // raw ICMP
        "2 3 255, socket: EPERM",
        "2 10 768, socket: EPERM", // the old packet socket
        "2 2 1, socket: EACCES", // ICMP as datagrams
        "2 1 262, socket: EPROTONOSUPPORT", // MPTCP
        "2 2 136, socket: EPROTONOSUPPORT", // UDP-Lite
        "2 5 132, socket: ESOCKTNOSUPPORT", // SCTP
        "10 1 0, socket: EAFNOSUPPORT", // IPv6
        "10 2 0, socket: EAFNOSUPPORT",
        "17 3 768, socket: EPROTONOSUPPORT", // AF_PACKET
        "17 2 0, socket: EPROTONOSUPPORT",
        "16 3 9, socket: EPROTONOSUPPORT", // netlink: audit
        "16 3 15, socket: EPROTONOSUPPORT", // kobject events
        "16 3 12, socket: EPROTONOSUPPORT", // netfilter
        "40 1 0, socket: EPROTONOSUPPORT", // AF_VSOCK
        "38 5 0, socket: EPROTONOSUPPORT", // AF_ALG
        "44 3 0, socket: EPROTONOSUPPORT", // AF_XDP
        "2 1 6, done",
        "2 2 17, done",
        "2 1 0, done",
        "2 526337 0, done", // SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK
        "1 1 0, done",
        "16 3 0, done", // netlink: routes, of the jail's own empty network
    })
    void onlyTcpUdpAndUnixSockets(String socket, String result) {
        assertEquals(result, inJail("socket " + socket));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2 3 1", "10 1 0", "17 3 768", "16 3 15"})
    void outsideTheyCanBeHad(String socket) {
        assertEquals("done", onHost("socket " + socket));
    }

    @Test
    void netlinkShowsNothingOfTheHosts() {
        var seen = host.jail(TREE, "jail", OWN, "ip", "-o", "address").said();
        assertFalse(seen.replace(OWN, "").contains("10.7.0"), seen);
        assertTrue(host.run("ip", "-o", "address").said().contains("10.7.0.1"));
    }

    @Test
    void datagramsPassBothWaysWithTheJailsAddress() {
        var jailed = startInJail(OWN, "udp-serve 0.0.0.0 5353");
        assertEquals("10.7.0.2:5353", jailed.line());
        assertEquals("10.7.0.2:5353 hello", onHost("udp-send 10.7.0.2 5353 hello"));
        jailed.end();
        host.assertNothingLeft();
        var server = startOnHost("udp-serve 10.7.0.1 5353");
        server.line();
        assertEquals("10.7.0.1:5353 hello", inJail("udp-send 10.7.0.1 5353 hello"));
        assertEquals("from 10.7.0.2", server.line());
    }

    @Test
    void aForgedSourceDoesNotGetOut() {
        var server = startOnHost("udp-serve 10.7.0.1 5353");
        server.line();
        assertEquals("10.7.0.1:5353 hello", onHost("udp-send 10.7.0.1 5353 hello 10.7.0.2"));
        assertEquals("from 10.7.0.2", server.line());
        var second = startOnHost("udp-serve 10.7.0.1 5354");
        second.line();
        var result = inJail("udp-send 10.7.0.1 5354 hello 10.7.0.1");
        if (result.startsWith("10.7.0.1:5354")) {
            assertEquals("from 10.7.0.2", second.line()); // sent, but as what it is
        } else {
            assertEquals("", second.out().substring("10.7.0.1:5354\n".length()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.7.0.1", "10.7.0.3"})
    void aForgedSourceDoesNotGetOutOfAConnectedSocket(String forged) {
        var server = startOnHost("udp-serve 10.7.0.1 5353");
        server.line();
        var said = inJail("udp-connected-send 10.7.0.1 5353 hello " + forged);
        assertTrue(said.equals("sent") || said.startsWith("sendmsg: "), said);
        // the server tells of the datagram that came first: of this one, if the forged one did not get out
        inJail("udp-send 10.7.0.1 5353 hello");
        assertEquals("from 10.7.0.2", server.line());
    }

    @ParameterizedTest
    @CsvSource({"1023, bind: EACCES", "80, bind: EACCES", "1024, 10.7.0.2:1024"})
    void reservedPortsAreForTheJailsRoot(String port, String usersResult) {
        assertEquals(usersResult, host.jail("-U", "user", TREE, "jail", OWN, "net", "bind", "tcp", "0.0.0.0", port)
                .said());
        assertEquals("10.7.0.2:" + port, inJail("bind tcp 0.0.0.0 " + port));
    }

    @Test
    void socketsOfTheHostAreNotSeen() {
        var server = startOnHost("serve 10.7.0.1 8080 host");
        server.line();
        var port = ":1F90 ";
        assertTrue(Host.read(Path.of("/proc/" + host.pid() + "/net/tcp")).contains(port));
        var seen = host.jail(TREE, "jail", OWN, "sh", "-c", "cat /proc/net/tcp /proc/net/udp /proc/net/unix").said();
        assertFalse(seen.contains(port), seen);
        assertEquals(3, seen.lines().count(), seen);
    }

    @Test
    void abstractSocketsOfTheHostAreOutOfReach() {
        var server = startOnHost("abstract-serve stockade-it");
        assertEquals("listening", server.line());
        assertEquals("connect: ECONNREFUSED", inJail("abstract-connect stockade-it"));
        assertEquals("done", onHost("abstract-connect stockade-it"));
        assertEquals("connected", server.line());
    }

    @Test
    void aDatagramSocketKeepsTheJailsAddress() {
        assertEquals("10.7.0.2 10.7.0.2", inJail("udp-disconnect 10.7.0.1"));
        assertEquals("10.7.0.1 0.0.0.0", onHost("udp-disconnect 10.7.0.1"));
    }

    /** As in a jail of FreeBSD, where ifconfig shows a jail's addresses only. */
    @Test
    void addressesOfTheHostAreNotTold() {
        assertTrue(onHost("interfaces").contains("10.7.0.1"));
        assertEquals("127.0.0.1 10.7.0.2", inJail("interfaces").replace("\n", " "));
    }

    @ParameterizedTest
    @CsvSource({
        "configure 10.7.0.9, ioctl: EPERM",
        "namespace, ioctl: EPERM",
        "option 1 36 1, setsockopt: EPERM", // SO_MARK
        "option 0 19 1, setsockopt: EPERM", // IP_TRANSPARENT
        "option 1 33 9999999, setsockopt: EPERM", // SO_RCVBUFFORCE
        "option 6 19 1, setsockopt: EPERM", // TCP_REPAIR
    })
    void theHostsNetworkIsNotConfigured(String use, String refusal) {
        var before = host.addresses();
        assertEquals(refusal, inJail(use));
        assertEquals(before, host.addresses());
        if (!use.startsWith("configure")) {
            assertEquals("done", onHost(use));
        }
    }

    @Test
    void tooManySocketsAreRefusedToTheirProcessAlone() {
        int jid = host.background(TREE, OWN);
        assertEquals("EMFILE", host.jexec(jid, "sh", "-c", "ulimit -n 20; exec net many 30").said());
        assertEquals("all", host.jexec(jid, "net", "many", "30").said());
        assertEquals("EMFILE", host.jexec(jid, "sh", "-c", "ulimit -n 500; exec net many 3000").said());
        assertEquals("done", host.jexec(jid, "net", "socket", "2", "1", "0").said());
    }

    @Test
    void processesKilledWhileTheyWaitForASocketDoNoHarm() {
        int jid = host.background(TREE, OWN);
        for (int i = 0; i < 5; i++) {
            host.jexec(jid, "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do net restless & done; sleep 0.0" + i
                    + "; kill -9 $(pidof net)").said();
        }
        assertEquals("done", host.jexec(jid, "net", "socket", "2", "1", "0").said());
        host.jail("-r", jid).said(); // one may have been no "net" yet
    }

    @Test
    void anAliasIsThereAsLongAsTheJail() {
        var before = host.addresses();
        var jail = startInJail(ALIAS, "serve 0.0.0.0 8080 x");
        jail.line();
        assertTrue(host.addresses().contains(" " + ALIAS + "/32"), host.addresses());
        assertTrue(onHost("connect 10.7.0.3 8080").endsWith(" x"));
        assertEquals(0, jail.end().status());
        assertEquals(before, host.addresses());
    }

    @Test
    void anAddressOfTheHostStays() {
        var before = host.addresses();
        int jid = host.background(TREE, OWN);
        assertEquals(before, host.addresses());
        host.jail("-r", jid).said();
        assertEquals(before, host.addresses());
    }

    @Test
    void aJailCanHaveAnAddressOfTheLoopbackNetwork() {
        assertEquals("127.0.0.5:80", host.jail(TREE, "jail", "127.0.0.5", "net", "bind", "tcp", "127.0.0.1", "80")
                .said());
    }

    @Test
    void withoutAnAddressThereIsNoNetwork() {
        assertEquals("socket: EAFNOSUPPORT", host.jail(TREE, "jail", "", "net", "socket", "2", "1", "0").said());
        assertEquals("socket: EAFNOSUPPORT", host.jail(TREE, "jail", "", "net", "socket", "10", "1", "0").said());
        assertEquals("done", host.jail(TREE, "jail", "", "net", "socket", "1", "1", "0").said());
    }

    /** As for the kernel: whoever has CAP_NET_BIND_SERVICE in the jail, be it the root or not. */
    @ParameterizedTest
    @ValueSource(strings = {"ip4.addr=10.7.0.2", "ip4.addr=10.7.0.2,10.7.0.5", "vnet ip4.addr=10.7.7.2"})
    void reservedPortsAreForACapability(String parameters) {
        var tree = Tree.busybox();
        tree.copy(tree.path("bin/net"), "bin/capable");
        host.run("setcap", "cap_net_bind_service+ep", tree.path("bin/capable").toString()).said();
        var words = new ArrayList<Object>(List.of("-i", "-c", "path=" + tree));
        words.addAll(List.of(parameters.split(" ")));
        words.addAll(List.of("command=sleep", "600"));
        var jid = host.startJail(words.toArray()).line();
        var address = parameters.replaceAll(".*addr=([0-9.]*).*", "$1");
        for (var to : List.of("0.0.0.0", address)) {
            var bound = (parameters.startsWith("vnet") ? to : address) + ":80";
            for (var protocol : List.of("tcp", "udp")) {
                assertEquals(bound, host.jexec("-U", "user", jid, "capable", "bind", protocol, to, "80").said());
                assertEquals(bound, host.jexec(jid, "net", "bind", protocol, to, "80").said());
                assertEquals("bind: EACCES", host.jexec("-U", "user", jid, "net", "bind", protocol, to, "80").said());
            }
        }
        host.jail("-m", "jid=" + jid, "allow.noreserved_ports").said();
        assertEquals("bind: EACCES", host.jexec("-U", "user", jid, "capable", "bind", "tcp", address, "80").said());
        assertEquals("bind: EACCES", host.jexec(jid, "net", "bind", "tcp", address, "80").said());
    }
}
