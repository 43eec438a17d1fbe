package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a jail's sockets might take of the host's network or of other jails', by ways other than the usual ones. */
class TakingIT extends JailAddresses {
    private static final String TAKE = Tree.probe("take").toString();

    private String take(Object... words) {
        return host.run((String[]) words((Object[]) words)).said();
    }

    /** Only the race is lost; that it can be won shows outside. */
    @ParameterizedTest
    @CsvSource({"address, 10.8.0.2", "descriptor, 10.8.0.2", "descriptor, '10.8.0.2,10.8.0.4'"})
    void whatIsChangedWhileACallIsLookedAtTakesNothing(String race, String addresses) {
        assertEquals("another address", take(TAKE, race, OWN4, HOST4));
        assertEquals("nothing", host.jail(TREE, "jail", addresses, "take", race, OWN4, HOST4).said());
    }

    @Test
    void aNameInMemoryThatIsThereNoMoreIsNone() {
        var refused = "bind EFAULT\nconnect EFAULT\nioctl EFAULT\nioctl EFAULT";
        assertEquals(refused, take(TAKE, "memory"));
        assertEquals(refused, host.jail(TREE, "jail", SEVERAL, "take", "memory").said());
    }

    /** Without its usher a jail ends; one of its users can't bring that about. */
    @Test
    void nonsenseDoesNotEndTheUsher() {
        int jid = host.background(TREE, SEVERAL);
        host.jail("-m", "jid=" + jid, "ip4.saddrsel", "allow.raw_sockets", "allow.chflags").said();
        var user = host.start((String[]) words(Host.BIN + "/jexec", "-U", "user", jid, "take", "nonsense", 1, 2));
        assertEquals("done", host.jexec(jid, "take", "nonsense", 2, 2).said());
        assertEquals("done", user.end().said());
        assertEquals("10.8.0.2", inJail(jid, "tcp4 listen host"));
    }

    /** What the kernel has by way of options that a jail may set: an address is bound to all the same. */
    @ParameterizedTest
    @CsvSource({
        "tcp4 option 0 15 1 bind 10.8.0.99 8080 name, bind: EADDRNOTAVAIL, 10.8.0.99:8080", // IP_FREEBIND
        "udp option 41 78 1 bind fd00:8::99 53 name, bind: EADDRNOTAVAIL, [fd00:8::99]:53",
        "tcp4 option 0 24 1 bind 10.8.0.1 0 name, bind: EADDRNOTAVAIL, 10.8.0.1:0", // IP_BIND_ADDRESS_NO_PORT
        "tcp4 option 0 24 1 bind 0.0.0.0 0 listen host, 10.8.0.2, 0.0.0.0",
        "udp4 bind 255.255.255.255 53 name, bind: EADDRNOTAVAIL, 255.255.255.255:53",
        "udp4 bind 224.0.0.1 53 name, bind: EADDRNOTAVAIL, 224.0.0.1:53",
        "udp4 bind 127.0.0.2 53 name, bind: EADDRNOTAVAIL, 127.0.0.2:53",
        "tcp4 option 0 19 1 say had, setsockopt: EPERM, had", // IP_TRANSPARENT
        "tcp option 41 75 1 say had, setsockopt: EPERM, had",
        "tcp4 option 6 19 1 say had, setsockopt: EPERM, had", // TCP_REPAIR
        "udp4 option 1 12 7 say had, setsockopt: EPERM, had", // SO_PRIORITY
        "udp4 option 1 33 99999 say had, setsockopt: EPERM, had", // SO_RCVBUFFORCE
        "udp bytes 41 54 0000010400000000 say had, setsockopt: EPERM, had", // IPV6_HOPOPTS
    })
    void optionsGiveNoOtherAddress(String use, String jailed, String outside) {
        assertEquals(outside, onHost(use));
        assertEquals(jailed, inJail(BOTH, use));
    }

    /** IPV6_ADDRFORM makes a socket of IPv6 that is connected to a mapped address one of IPv4, whatever its own address. */
    @ParameterizedTest
    @CsvSource({
        "tcp connect ::ffff:10.8.0.1 8080 option 41 1 2 disconnect host listen host, 0.0.0.0 0.0.0.0",
        "udp connect ::ffff:10.8.0.1 9 option 41 1 2 disconnect name, 0.0.0.0:0",
    })
    void aSocketDoesNotBecomeOneOfIp4(String use, String outside) {
        assertEquals("ready", startOnHost("tcp4 bind 10.8.0.1 8080 listen say ready wait").line());
        assertEquals("setsockopt: EPERM", inJail(BOTH, use));
        assertEquals("ready", startOnHost("tcp4 option 1 2 1 bind 10.8.0.1 8081 listen say ready wait").line());
        assertEquals(outside, onHost(use.replace("8080", "8081")));
    }

    @ParameterizedTest
    @CsvSource({
        "udp4 bind 0.0.0.0 6100 say ready receive, udp4 option 1 6 1 bind 10.8.0.1 6200 sendto 255.255.255.255 6100 x,"
                + " x from 10.8.0.1:6200",
        "udp4 bind 0.0.0.0 6100 say ready receive, udp4 bind 10.8.0.1 6200 sendto 224.0.0.1 6100 x, x from 10.8.0.1:6200",
        "udp bind :: 6100 say ready receive, udp option 41 17 LINK bind fd00:8::1 6200 sendto ff02::1 6100 x,"
                + " x from [fd00:8::1]:6200",
    })
    void aJailHearsNoBroadcastsAndMulticasts(String use, String sending, String heard) {
        link();
        var message = sending.replace("LINK", host.run("cat", "/sys/class/net/" + LINK + "/ifindex").out().strip());
        var outside = startOnHost(use);
        assertEquals("ready", outside.line());
        onHost(message);
        assertEquals(heard, outside.line());
        outside.end();
        var jailed = startInJail(BOTH, use);
        assertEquals("ready", jailed.line());
        onHost(message);
        assertEquals("nothing", jailed.line());
    }

    @Test
    void aPortThatTheHostLetsOthersReuseIsNotTaken() {
        var server = startOnHost("udp4 option 1 2 1 bind 0.0.0.0 5353 say ready receive");
        assertEquals("ready", server.line());
        assertEquals("bind: EADDRINUSE", inJail(OWN4, "udp4 option 1 2 1 bind 0.0.0.0 5353 name receive"));
        assertEquals("", onHost("udp4 bind 10.8.0.1 6200 sendto 10.8.0.1 5353 secret"));
        assertEquals("secret from 10.8.0.1:6200", server.line());
        assertEquals("10.8.0.2:5353", onHost("udp4 option 1 2 1 bind 10.8.0.2 5353 name"), "outside it can be had");
    }

    /** Of one user, as outside. */
    @ParameterizedTest
    @ValueSource(strings = {"udp4 option 1 2 1", "udp4 option 1 15 1", "tcp4 option 1 15 1", "udp4 option 1 2 1 option 1 15 1"})
    void aJailSharesItsOwnPorts(String reuse) {
        int jid = host.background(TREE, OWN4);
        var first = start(jid, reuse + " bind 0.0.0.0 5300 name wait");
        assertEquals("10.8.0.2:5300", first.line());
        assertEquals("10.8.0.2:5300", inJail(jid, reuse + " bind 0.0.0.0 5300 name"));
        first.end();
        first = host.start((String[]) words(Host.BIN + "/jexec", "-U", "user", jid, "net6", reuse.split(" "), "bind", "0.0.0.0",
                "5300", "name", "wait"));
        assertEquals("10.8.0.2:5300", first.line());
        assertEquals("10.8.0.2:5300", host.jexec((Object[]) words("-U", "user", jid, "net6", reuse.split(" "), "bind",
                "0.0.0.0", "5300", "name")).said());
    }

    /** Of an address that the jail has no more, connected or not; the raw socket is that of the old address, too. */
    @Test
    void datagramSocketsKeptOverAChangeGetNothing() {
        int jid = rawJail(OTHER);
        var kept = List.of(start(jid, "udp4 bind 10.8.0.3 6300 connect 10.8.0.1 6200 say ready receive"),
                start(jid, "udp bind fd00:8::3 6300 connect fd00:8::1 6200 say ready receive"),
                start(jid, "udp bind :: 6400 say ready receive"),
                start(jid, "raw4:1 say ready type"),
                start(jid, "raw:58 say ready type"));
        kept.forEach(socket -> assertEquals("ready", socket.line()));
        host.jail("-m", "jid=" + jid, "ip4.addr=" + MORE4, "ip6.addr=" + MORE6).said();
        background("ip4.addr=" + OTHER4 + " ip6.addr=" + OTHER6);
        onHost("udp4 bind 10.8.0.1 6200 sendto 10.8.0.3 6300 x sendto 10.8.0.3 6400 x");
        onHost("udp bind fd00:8::1 6200 sendto fd00:8::3 6300 x sendto fd00:8::3 6400 x");
        host.run("ping", "-c", "1", "-W", "1", OTHER4);
        host.run("ping", "-c", "1", "-W", "1", OTHER6);
        kept.forEach(socket -> assertEquals("nothing", socket.line()));
    }

    /** A bind(2) that fails for its port leaves a socket bound to no address at all (__inet_bind). */
    @ParameterizedTest
    @CsvSource({
        "10.8.0.2, tcp4, bind 10.8.0.2 5000, listen",
        "10.8.0.2, udp4, bind 10.8.0.2 5000, sendto 10.8.0.2 9 x",
        "'10.8.0.2,10.8.0.4', udp4, bind 10.8.0.2 5000, sendto 10.8.0.2 9 x",
        "fd00:8::2, tcp, bind fd00:8::2 5000, option 41 26 0 listen",
        "10.8.0.2, tcp4, bind 10.8.0.2 5000, connect 10.8.0.1 8080",
    })
    void aBindThatFailsLeavesTheJailsAddress(String addresses, String kind, String bind, String use) {
        assertEquals("ready", startOnHost("tcp4 bind 10.8.0.1 8080 listen say ready accept x").line());
        int jid = host.background(TREE, addresses);
        assertEquals("ready", start(jid, kind + " " + bind + " say ready wait").line());
        var attack = start(jid, kind + " try " + bind + " " + use + " name wait");
        assertEquals("bind: EADDRINUSE", attack.line());
        var name = attack.await(":\\d+\n$|]:\\d+\n$").out().lines().reduce((a, b) -> b).orElseThrow();
        int port = name.lastIndexOf(':');
        assertEquals(addresses.split(",")[0], name.substring(0, port).replaceAll("[\\[\\]]", ""));
        var hosts = "10.8.0.1" + name.substring(port);
        assertEquals(hosts, onHost((kind.equals("tcp") ? "tcp4" : kind) + " bind " + hosts.replace(':', ' ') + " name"));
    }

    /** Where the kernel finds a port is not for a jail to say: it could have it find none, and then take one it wants. */
    @ParameterizedTest
    @CsvSource({
        "ip4.addr=10.8.0.2, tcp4 option 0 51 1 say had, setsockopt: ENOPROTOOPT", // IP_LOCAL_PORT_RANGE
        "ip4=inherit, tcp4 option 0 51 1 say had, had",
        "ip4.addr=10.8.0.2, udp4 option 1 15 1 bytes 1 51 0000000000000000 say had, setsockopt: EPERM", // SO_ATTACH_REUSEPORT_CBPF
    })
    void optionsThatDecideOfPorts(String parameters, String use, String answer) {
        assertEquals(answer, inJail(background(parameters), use));
    }

    /** Whoever closes such a socket last waits, and that may be the usher, of another jail, too: see SharedMachineIT. */
    @ParameterizedTest
    @ValueSource(strings = {"ip4.addr=10.8.0.2", "ip4=inherit", "vnet"})
    void noSocketLingers(String parameters) {
        int jid = background(parameters);
        assertEquals("1", onHost("tcp4 bytes 1 13 0100000005000000 tell 1 13"));
        assertEquals("0", inJail(jid, "tcp4 bytes 1 13 0100000005000000 tell 1 13"));
        assertEquals("1", inJail(jid, "tcp4 bytes 1 13 0100000000000000 tell 1 13")); // no time: a connection is reset
        assertEquals("setsockopt: EINVAL", inJail(jid, "tcp4 bytes 1 13 01000000 tell 1 13"));
        assertEquals("setsockopt: EPERM", inJail(jid, "tcp4 bytes 1 13 0100000005000000" + "00".repeat(4096) + " tell 1 13"));
        assertEquals("1", inJail(jid, "tcp4 bytes 1 9 01000000 tell 1 9")); // SO_KEEPALIVE
    }

    /** By another at the port that changes, or by itself: when the port seemed to be had. */
    @ParameterizedTest
    @ValueSource(strings = {"listen tcp", "chown udp", "chown tcp", "toggle udp"})
    void aBindThatFailsAtTheLastMomentHasNoPortFound(String how) {
        var words = how.split(" ");
        assertEquals("a port of the wildcard", take(words(Tree.probe("lose"), words, OWN4)));
        int jid = host.background(TREE, OWN4);
        var found = host.jexec((Object[]) words(jid, "lose", words, OWN4)).said();
        assertTrue(found.equals("nothing") || how.equals("chown tcp") && found.equals("never refused"), found);
    }

    /** Of IPv6, where the jail has the host's whole IPv4. */
    @Test
    void aBindOfIp6ThatFailsAtTheLastMomentHasNoPortFound() {
        assertEquals("a port of the wildcard", take(Tree.probe("lose"), "listen", "tcp", OWN6));
        assertEquals("nothing", byParameters("ip4=inherit ip6.addr=" + OWN6, "lose listen tcp " + OWN6));
    }

    /** A socket of an address that the jail has no more can't have its address again. */
    @Test
    void aSocketOfAnotherAddressDoesNotEndTheUsher() {
        int jid = background("ip4.addr=10.8.0.3");
        var kept = start(jid, "udp4 bind 10.8.0.3 6300 say ready wait bind 0.0.0.0 6301");
        assertEquals("ready", kept.line());
        host.jail("-m", "jid=" + jid, "ip4.addr=" + MORE4).said();
        assertEquals("ready\nbind: EPERM", kept.end().out().strip());
        assertEquals("10.8.0.4:6302", inJail(jid, "udp4 bind 0.0.0.0 6302 name"));
    }

    /** A jail without IPv4 would have the host's address for its source. */
    @Test
    void aJailWithoutIp4SendsNothingByIt() {
        link();
        host.run("ip", "address", "add", "10.81.0.1/24", "dev", LINK).said();
        var heard = startOnHost("udp4 bind 0.0.0.0 6100 say ready receive");
        assertEquals("ready", heard.line());
        var use = "udp option 41 26 0 option 1 6 1 sendto ::ffff:10.81.0.255 6100 x";
        assertEquals("sendmsg: ENETUNREACH", inJail(OWN6, use));
        assertEquals("nothing", heard.line());
        heard = startOnHost("udp4 bind 0.0.0.0 6100 say ready receive");
        assertEquals("ready", heard.line());
        onHost(use);
        assertTrue(heard.line().startsWith("x from 10.81.0.1:"));
        host.run("ip", "address", "delete", "10.81.0.1/24", "dev", LINK).said();
    }

    /** The kernel takes AF_UNSPEC for AF_INET there. */
    @Test
    void aReservedPortIsOneOfAnyFamily() {
        assertEquals("done", take(Tree.probe("lose"), "unspec", 81));
        assertEquals("done", host.jail("-c", "path=" + TREE, "ip4=inherit", "command=lose", "unspec", 81).said());
        assertEquals("done", host.jail(TREE, "jail", OWN4, "lose", "unspec", 81).said());
        for (var parameters : List.of("ip4=inherit", "ip4.addr=10.8.0.2")) {
            assertEquals("EACCES", host.jexec("-U", "user", background(parameters), "lose", "unspec", 81).said());
        }
    }

    /** Nor for a moment, in which other threads have the kernel choose a port, which was the host's wildcard's. */
    @ParameterizedTest
    @CsvSource({
        "tcp, 10.8.0.2, 10.8.0.2, 10.8.0.2",
        "udp, 10.8.0.2, 10.8.0.2, 10.8.0.2",
        "tcp, 10.8.0.2, 10.8.0.2, '10.8.0.2,10.8.0.3'",
        "udp, 10.8.0.2, 10.8.0.2, '10.8.0.2,10.8.0.3'",
        "udp, ::ffff:10.8.0.2, ::, '10.8.0.2,10.8.0.4,fd00:8::2,fd00:8::4'",
        "udp, ::ffff:10.8.0.2, ::ffff:10.8.0.2, '10.8.0.2,10.8.0.4,fd00:8::2,fd00:8::4'",
        "tcp, ::ffff:10.8.0.2, ::, '10.8.0.2,10.8.0.4,fd00:8::2,fd00:8::4'",
    })
    void aBindThatFailsDoesNotLeaveTheJailsAddressForAMoment(String kind, String outside, String inside, String addresses) {
        assertEquals("a port of the wildcard", take(TAKE, "wildcard", kind, outside, OWN4));
        int jid = host.background(TREE, addresses);
        assertEquals("nothing", host.jexec("-U", "user", jid, "take", "wildcard", kind, inside, OWN4).said());
    }

    /** The usher asks for the capability when it sees the port; the kernel sees another one. */
    @ParameterizedTest
    @ValueSource(strings = {"ip4.addr=10.8.0.2", "ip4=inherit"})
    void aPortThatIsChangedMeanwhileIsNotReserved(String parameters) {
        assertEquals("nothing", byParameters(parameters, "take port 81"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp4", "udp4"})
    void aPortIsNotSharedWithAnotherUserOfTheJail(String kind) {
        var use = kind + " option 1 15 1 bind 0.0.0.0 5400 name wait";
        var server = startOnHost(use);
        assertEquals("0.0.0.0:5400", server.line());
        assertEquals("bind: EADDRINUSE", host.run((String[]) words("setpriv", "--reuid=1000", NET6, use.split(" "))).said());
        server.end();
        int jid = host.background(TREE, OWN4);
        assertEquals("10.8.0.2:5400", start(jid, use).line());
        assertEquals("bind: EADDRINUSE", host.jexec((Object[]) words("-U", "user", jid, "net6", use.split(" "))).said());
    }

    /**
     * A routing header with no segment left, whose only segment is the host's ::1: where the packet goes, whatever the
     * destination, which is one that gives the same checksum.
     */
    @Test
    void aRoutingHeaderDoesNotReachTheHostsLoopback() {
        host.run("sysctl", "-qw", "net.ipv6.conf.all.seg6_enabled=1", "net.ipv6.conf.lo.seg6_enabled=1").said();
        var routed = "udp bytes 41 57 000204000000000000000000000000000000000000000001 sendto fd00:8::2f8 6000 x";
        for (boolean jailed : new boolean[] {false, true}) {
            var server = startOnHost("udp bind ::1 6000 say ready receive");
            assertEquals("ready", server.line());
            assertEquals(jailed ? "setsockopt: EPERM" : "", jailed ? inJail(OWN6, routed) : onHost(routed));
            assertEquals(jailed, "nothing".equals(server.line()));
        }
    }

    /**
     * As long as there is an exclusive flow label, and for six seconds more, none of the host's sockets sends with a label that
     * is not registered (ip6_flowlabel.c, flowlabel_has_excl).
     */
    @Test
    void aFlowLabelOfTheHostsIsNotTaken() {
        var use = "udp bytes 41 32 fd00000800000000000000000000000100012345000101003c00000000000000 say taken";
        assertEquals("setsockopt: EPERM", inJail(BOTH, use));
        assertEquals(0, flowLabels());
        assertEquals("taken", onHost(use));
        assertEquals(1, flowLabels());
    }

    /** Without the line above them. */
    private long flowLabels() {
        return host.run("cat", "/proc/net/ip6_flowlabel").said().lines().count() - 1;
    }

    /** What one of them steered would be had by neither, or by the wrong one. */
    @ParameterizedTest
    @CsvSource({"ip4.addr=10.8.0.3 ip6.addr=fd00:8::5, ip6.addr fd00:8::5: IPv6",
        "ip6.addr=fd00:8::5, ip6.addr fd00:8::5: IPv6", "'ip4.addr=10.8.0.2,10.8.0.4', ip4.addr 10.8.0.2: IPv4"})
    void aJailWithSeveralAddressesSharesNone(String parameters, String address) {
        background("ip4.addr=10.8.0.2 ip6.addr=fd00:8::5");
        host.jail((Object[]) words("-c", "path=" + TREE, parameters.split(" "), "command=true"))
                .assertFailed("jail: " + address + " addresses clash (jail 1 has it)");
    }

    @Test
    void whatIsFoundUnderAnAddressIsTaken() {
        int jid = host.background(TREE, SEVERAL);
        assertEquals("10.8.0.2:80", start(jid, "tcp4 bind 0.0.0.0 80 listen name wait").line());
        assertEquals("bind: EADDRINUSE", inJail(jid, "tcp4 bind 10.8.0.4 80 name"));
        assertEquals("10.8.0.4:81", inJail(jid, "tcp4 bind 10.8.0.4 81 name"));
    }

    @Test
    void datagramsToASharedAddressAreNotTakenByReuse() {
        int jid = host.background(TREE, OTHER4);
        int other = host.background(TREE, OTHER4);
        var use = "udp4 option 1 2 1 bind 0.0.0.0 5300 name receive";
        var server = start(jid, use);
        assertEquals("10.8.0.3:5300", server.line());
        assertEquals("bind: EADDRINUSE", start(other, use).line());
        onHost("udp4 bind 10.8.0.1 6200 sendto 10.8.0.3 5300 secret");
        assertEquals("secret from 10.8.0.1:6200", server.line());
    }

    /** A connection that the server has closed is remembered for a minute, under the second address. */
    @Test
    void aServerOfSeveralAddressesStartsAgainAtOnce() {
        int jid = host.background(TREE, OWN4 + "," + MORE4);
        var use = "tcp4 option 1 2 1 bind 0.0.0.0 5500 listen name accept bye";
        for (int i = 0; i < 2; i++) {
            var server = start(jid, use);
            assertEquals("10.8.0.2:5500", server.line());
            assertEquals("bye", onHost("tcp4 connect 10.8.0.4 5500 read"));
            server.end();
        }
    }

    /** A socket kept over a change of addresses gets nothing, but it has the port as long as it is there, as on FreeBSD. */
    @Test
    void aSocketKeptOverAChangeKeepsItsPort() {
        int jid = background("ip4.addr=10.8.0.3");
        var kept = start(jid, "tcp4 bind 0.0.0.0 80 listen name wait");
        assertEquals("10.8.0.3:80", kept.line());
        host.jail("-m", "jid=" + jid, "ip4.addr=10.8.0.4").said();
        int other = background("ip4.addr=10.8.0.3");
        assertEquals("bind: EADDRINUSE", inJail(other, "tcp4 bind 0.0.0.0 80 listen name"));
        kept.end();
        assertEquals("10.8.0.3:80", inJail(other, "tcp4 bind 0.0.0.0 80 listen name"));
    }

    /** The former owner of an address that the host has gets no part in what goes on there. */
    @Test
    void aListenerKeptOverAChangeDoesNotAnswer() {
        int jid = background("ip4.addr=10.8.0.2 ip6.addr=fd00:8::2");
        var kept = start(jid, "tcp bind :: 80 listen name accept stolen");
        assertEquals("[::ffff:10.8.0.2]:80", kept.line());
        assertEquals("stolen", onHost("tcp connect fd00:8::2 80 read"));
        kept.end();
        kept = start(jid, "tcp bind :: 81 listen name accept stolen");
        assertEquals("[::ffff:10.8.0.2]:81", kept.line());
        host.jail("-m", "jid=" + jid, "ip6.addr=" + MORE6).said();
        var server = startOnHost("tcp bind fd00:8::2 81 listen name accept mine");
        assertEquals("[fd00:8::2]:81", server.line());
        assertEquals("mine", onHost("tcp connect fd00:8::2 81 read"));
        assertFalse(kept.out().contains("from"), kept.out());
    }
}
