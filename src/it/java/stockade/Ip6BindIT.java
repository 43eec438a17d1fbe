package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What sockets of IPv6 are bound to in a jail that has one address of each family: also where one socket serves both. */
class Ip6BindIT extends JailAddresses {
    @ParameterizedTest
    @CsvSource({
        "tcp bind ::1 80 name, [fd00:8::2]:80",
        "tcp option 41 26 1 bind :: 80 name, [fd00:8::2]:80", // IPV6_V6ONLY
        "tcp bind fd00:8::2 80 name, [fd00:8::2]:80",
        "tcp option 41 26 1 bind fd00:8::2 80 name, [fd00:8::2]:80",
        "tcp bind ::ffff:10.8.0.2 80 name, [::ffff:10.8.0.2]:80",
        "tcp bind ::ffff:0.0.0.0 80 name, [::ffff:10.8.0.2]:80",
        "tcp bind ::ffff:127.0.0.1 80 name, [::ffff:10.8.0.2]:80",
        "udp bind ::1 53 name, [fd00:8::2]:53",
        "udp option 41 26 1 bind :: 53 name, [fd00:8::2]:53",
        "udp bind fd00:8::2 53 name, [fd00:8::2]:53",
        "udp bind ::ffff:10.8.0.2 53 name, [::ffff:10.8.0.2]:53",
        "udp bind ::ffff:0.0.0.0 53 name, [::ffff:10.8.0.2]:53",
        "udp bind ::ffff:127.0.0.1 53 name, [::ffff:10.8.0.2]:53",
        "tcp bind fd00:8::1 80 name, bind: EADDRNOTAVAIL",
        "tcp bind fd00:8::3 80 name, bind: EADDRNOTAVAIL",
        "tcp option 41 26 1 bind fd00:8::1 80 name, bind: EADDRNOTAVAIL",
        "tcp bind ::ffff:10.8.0.1 80 name, bind: EADDRNOTAVAIL",
        "tcp bind ::ffff:10.8.0.3 80 name, bind: EADDRNOTAVAIL",
        "tcp bind ::ffff:127.0.0.2 80 name, bind: EADDRNOTAVAIL",
        "udp bind fd00:8::1 53 name, bind: EADDRNOTAVAIL",
        "udp bind fd00:8::3 53 name, bind: EADDRNOTAVAIL",
        "udp bind ::ffff:10.8.0.1 53 name, bind: EADDRNOTAVAIL",
        "udp bind ::ffff:10.8.0.3 53 name, bind: EADDRNOTAVAIL",
        "udp bind ::ffff:127.0.0.2 53 name, bind: EADDRNOTAVAIL",
        "udp bind ff02::1 5353 name, bind: EADDRNOTAVAIL",
        "tcp option 41 78 1 bind fd00:8::77 80 name, bind: EADDRNOTAVAIL", // IPV6_FREEBIND
        "udp option 41 78 1 bind fd00:8::77 80 name, bind: EADDRNOTAVAIL",
        "tcp option 0 15 1 bind ::ffff:10.8.0.77 80 name, bind: EADDRNOTAVAIL", // IP_FREEBIND
        "tcp option 41 75 1 bind fd00:8::77 80 name, setsockopt: EPERM", // IPV6_TRANSPARENT
        "udp option 41 75 1 bind fd00:8::77 80 name, setsockopt: EPERM",
        "tcp option 0 19 1 bind ::ffff:10.8.0.77 80 name, setsockopt: EPERM", // IP_TRANSPARENT
    })
    void bindIsHeldToTheJailsAddresses(String use, String result) {
        host.background(TREE, OTHER);
        assertEquals(result, inJail(BOTH, use));
        if (!use.contains("ff02")) { // which takes an interface
            var address = use.replaceAll(".* bind (\\S+) (\\d+) name", "[$1]:$2");
            assertEquals(address, onHost(use));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void theWildcardIsOneOfTheJailsAddresses(String kind) {
        assertEquals("[fd00:8::2]:80", inJail(OWN6, kind + " bind :: 80 name"));
        assertTrue(List.of("[fd00:8::2]:80", "[::ffff:10.8.0.2]:80").contains(inJail(BOTH, kind + " bind :: 80 name")));
        assertEquals("[::]:80", onHost(kind + " bind :: 80 name"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::ffff:0.0.0.0", "::ffff:127.0.0.1", "::ffff:10.8.0.1", "::ffff:10.8.0.2"})
    void withoutIp4ThereAreNoMappedAddresses(String address) {
        assertEquals("bind: EADDRNOTAVAIL", inJail(OWN6, "tcp bind " + address + " 80 name"));
        assertEquals("bind: EADDRNOTAVAIL", inJail(OWN6, "udp bind " + address + " 80 name"));
        assertEquals("[" + address + "]:80", onHost("tcp bind " + address + " 80 name"));
    }

    @Test
    void aPortOfTheHostIsNotTaken() {
        var server = startOnHost("tcp bind fd00:8::1 80 listen name accept host");
        assertEquals("[fd00:8::1]:80", server.line());
        var jailed = startInJail(OWN6, "tcp bind :: 80 listen name accept jail");
        assertEquals("[fd00:8::2]:80", jailed.line());
        assertEquals("[fd00:8::1] host", onHost("tcp connect fd00:8::1 80 host read"));
        assertEquals("[fd00:8::2]:80 jail", onHost("tcp connect fd00:8::2 80 peer read"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp listen port accept x", "tcp disconnect listen port accept x",
        "tcp option 41 26 1 listen port accept x"})
    void listeningWithoutBindIsNotReachedByTheHostsAddresses(String use) {
        var outside = startOnHost(use);
        assertEquals("x", onHost("tcp connect fd00:8::1 " + outside.line() + " read"));
        outside.end();
        var jailed = startInJail(BOTH, use);
        var port = jailed.line();
        for (var address : List.of(HOST6, "::1", "::ffff:" + HOST4, "::ffff:127.0.0.1")) {
            var said = onHost("tcp connect " + address + " " + port + " read");
            assertTrue(said.startsWith("connect: "), address + " " + said);
        }
        assertEquals("x", onHost("tcp connect fd00:8::2 " + port + " read"));
        assertEquals("from [fd00:8::2]", jailed.line());
    }

    @Test
    void listeningWithoutBindTakesNoPortOfOthers() {
        int port = Integer.parseInt(startInJail(BOTH, "tcp listen port accept x").line());
        assertEquals("connect: ECONNREFUSED", onHost("tcp connect fd00:8::1 " + port));
        assertOthersHave(port, "tcp", HOST6, OTHER6);
        assertOthersHave(port, "tcp4", HOST4, OTHER4);
    }

    @Test
    void sendingWithoutBindTakesNoPortOfOthers() {
        int port = Integer.parseInt(startInJail(BOTH, "udp sendto fd00:8::1 9 x port wait").line());
        assertOthersHave(port, "udp", HOST6, OTHER6);
        assertOthersHave(port, "udp4", HOST4, OTHER4);
    }

    /** The same in IPv4, where sockets are bound at birth. */
    @Test
    void ip4SocketsWithoutBindTakeNoPortOfOthers() {
        var jailed = startInJail(OWN4, "udp4 sendto 10.8.0.1 9 x name wait");
        assertOthersHave(portOf(OWN4, jailed.line()), "udp4", HOST4, OTHER4);
        jailed.end();
        jailed = startInJail(OWN4, "tcp4 listen name wait");
        assertOthersHave(portOf(OWN4, jailed.line()), "tcp4", HOST4, OTHER4);
    }

    private static int portOf(String address, String name) {
        assertTrue(name.startsWith(address + ":"), name);
        return Integer.parseInt(name.substring(address.length() + 1));
    }

    /** The host has a port of its address, and another jail has it of its own. */
    private void assertOthersHave(int port, String kind, String hosts, String others) {
        assertTrue(onHost(kind + " bind " + hosts + " " + port + " name").endsWith(":" + port));
        assertTrue(inJail(OTHER, kind + " bind " + others + " " + port + " name").endsWith(":" + port));
    }

    @ParameterizedTest
    @CsvSource({
        "tcp option 1 15 1 bind fd00:8::2 8080 listen say ready wait, tcp option 1 15 1 bind ::1 8080 listen say taken",
        "tcp option 1 2 1 bind fd00:8::2 8080 listen say ready wait, tcp option 1 2 1 bind ::1 8080 listen say taken",
        "tcp option 1 15 1 bind :: 8080 listen say ready wait, tcp option 1 15 1 bind ::1 8080 listen say taken",
        "tcp option 1 2 1 bind :: 8080 listen say ready wait, tcp option 1 2 1 bind ::1 8080 listen say taken",
        "tcp4 option 1 15 1 bind 10.8.0.2 8080 listen say ready wait, tcp option 1 15 1 bind ::ffff:0.0.0.0 8080 listen say taken",
        "udp option 1 15 1 bind fd00:8::2 8080 say ready wait, udp option 1 15 1 bind ::1 8080 say taken",
        "udp option 1 15 1 bind :: 8080 say ready wait, udp option 1 15 1 bind ::1 8080 say taken",
        "udp4 option 1 15 1 bind 10.8.0.2 8080 say ready wait, udp option 1 15 1 bind ::ffff:0.0.0.0 8080 say taken",
    })
    void aPortIsNotSharedWithTheHostOrAJail(String first, String second) {
        var server = startOnHost(first);
        assertEquals("ready", server.line());
        assertEquals("bind: EADDRINUSE", inJail(BOTH, second).replace("listen: ", "bind: "));
        server.end();
        boolean ip4 = first.startsWith("tcp4") || first.startsWith("udp4");
        var jailed = startInJail(ip4 ? OWN4 : OWN6, first.replace(" :: ", " ::1 "));
        assertEquals("ready", jailed.line());
        assertEquals("bind: EADDRINUSE", inJail(ip4 ? OWN4 : OWN6, ip4 ? first : second).replace("listen: ", "bind: "),
                "a jail of the same address");
        assertEquals("bind: EADDRINUSE", onHost(second.replace("::1", OWN6).replace("0.0.0.0", OWN4))
                .replace("listen: ", "bind: "), "the host");
        jailed.end();
        if (first.contains("1 15")) { // two of one user can
            server = startOnHost(first);
            assertEquals("ready", server.line());
            assertEquals("taken", onHost(second.replace("::1", OWN6).replace("0.0.0.0", OWN4)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "device lo, EPERM", "join ff02::1234, EPERM", "join-new ff02::1234, EPERM", "join4 239.1.2.3, EPERM",
        "option 41 75 1, EPERM", "option 0 19 1, EPERM", "option 1 62 1, EPERM", // SO_BINDTOIFINDEX
        "option 1 36 1, EPERM", // SO_MARK
        "option 41 78 1, done", "option 41 16 9, done", "option 1 2 1, done",
    })
    void optionsThatReachIntoTheHostsNetwork(String option, String result) {
        int jid = host.background(TREE, BOTH);
        assertEquals(result.equals("done") ? result : "setsockopt: " + result, inJail(jid, "udp " + option + " say done"));
        assertEquals("done", onHost("udp " + option + " say done"));
        if (!option.startsWith("join")) {
            assertEquals(result.equals("done") ? result : "setsockopt: " + result, inJail(jid, "tcp " + option + " say done"));
        }
    }

    @Test
    void anycastGroupsAreTheHosts() {
        link();
        host.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1").said();
        host.run("ip", "address", "add", "fd00:81::1/64", "dev", LINK, "nodad").said();
        var use = "udp anycast fd00:81:: say done";
        assertEquals("setsockopt: EPERM", inJail(BOTH, use));
        assertEquals("setsockopt: EPERM", inJail(BOTH, use.replace("fd00:81::", HOST6)));
    }

    @ParameterizedTest
    @CsvSource({
        "tcp bind ::1 1023 name, bind: EACCES, [fd00:8::2]:1023",
        "tcp bind fd00:8::2 80 name, bind: EACCES, [fd00:8::2]:80",
        "tcp bind :: 80 name, bind: EACCES,",
        "udp bind ::1 53 name, bind: EACCES, [fd00:8::2]:53",
        "tcp bind ::ffff:0.0.0.0 80 name, bind: EACCES, [::ffff:10.8.0.2]:80",
        "udp bind ::ffff:10.8.0.2 80 name, bind: EACCES, [::ffff:10.8.0.2]:80",
        "tcp bind ::1 1024 name, [fd00:8::2]:1024, [fd00:8::2]:1024",
    })
    void reservedPortsAreForTheJailsRoot(String use, String users, String roots) {
        for (var addresses : List.of(BOTH, BOTH + "," + MORE4 + "," + MORE6)) {
            int jid = host.background(TREE, addresses);
            assertEquals(users, oneLine(host.jexec((Object[]) words("-U", "user", jid, "net6", use.split(" "))).said()));
            if (roots != null) {
                assertEquals(roots, inJail(jid, use));
            }
            host.jail("-m", "jid=" + jid, "allow.noreserved_ports").said();
            assertEquals(use.contains("1024") ? roots : "bind: EACCES", inJail(jid, use));
            host.jail("-r", jid).said();
        }
    }

    @Test
    void aFamilyWithoutAddressesIsNotThere() {
        int only4 = host.background(TREE, OWN4);
        int only6 = host.background(TREE, OTHER6);
        for (int jid : List.of(only4, only6)) {
            host.jail("-m", "jid=" + jid, "allow.raw_sockets", "allow.socket_af").said();
        }
        for (var type : List.of("1 0", "2 0", "3 58", "3 255")) {
            var socket = "socket 10 " + type;
            assertEquals("socket: EAFNOSUPPORT", host.jexec((Object[]) words(only4, "net", socket.split(" "))).said(), socket);
            assertEquals("done", host.jexec((Object[]) words(only6, "net", socket.split(" "))).said(), socket);
        }
        for (var type : List.of("1 0", "2 0", "3 1", "3 255")) {
            var socket = "socket 2 " + type;
            assertEquals("socket: EAFNOSUPPORT", host.jexec((Object[]) words(only6, "net", socket.split(" "))).said(), socket);
            assertEquals("done", host.jexec((Object[]) words(only4, "net", socket.split(" "))).said(), socket);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10 3 58, socket: EPERM", "10 3 255, socket: EPERM", "10 2 58, socket: EACCES", // ICMPv6 as datagrams
        "10 1 262, socket: EPROTONOSUPPORT", "10 2 136, socket: EPROTONOSUPPORT", "10 5 132, socket: ESOCKTNOSUPPORT",
        "10 10 768, socket: EPERM", "10 1 6, done", "10 2 17, done", "10 526337 0, done",
    })
    void onlyTcpAndUdp(String socket, String result) {
        assertEquals(result, host.jail((Object[]) words(TREE, "jail", BOTH, "net", "socket", socket.split(" "))).said());
    }

    @Test
    void theHostsAddressesAreNotTold() {
        var seen = host.jail(TREE, "jail", BOTH, "sh", "-c", "ip -o address; cat /proc/net/if_inet6 /proc/net/tcp6").said();
        assertFalse(seen.contains("fd00:8::1") || seen.contains("fd000008000000000000000000000001"), seen);
        assertTrue(host.addresses().contains("fd00:8::1"));
    }
}
