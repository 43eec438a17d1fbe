package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** jail -m ip4.addr and ip6.addr: a running jail gets other addresses, and its sockets lose those that it had. */
class ReaddressIT extends JailAddresses {
    private void readdress(int jid, String... parameters) {
        assertEquals("", host.jail((Object[]) words("-m", "jid=" + jid, parameters)).said());
    }

    private String addresses(int jid) {
        return host.jls("-j", jid, "ip4.addr", "ip6.addr").said();
    }

    @ParameterizedTest
    @CsvSource({
        "ip4.addr=10.8.0.2, ip4.addr=10.8.0.3, 10.8.0.3 -, tcp4 bind 0.0.0.0 80 name, 10.8.0.3:80",
        "ip4.addr=10.8.0.2, ip4.addr=10.8.0.3, 10.8.0.3 -, tcp4 connect 10.8.0.1 8080 host, 10.8.0.3",
        "ip4.addr=10.8.0.2, ip4.addr=10.8.0.3, 10.8.0.3 -, tcp4 bind 10.8.0.2 80, bind: EADDRNOTAVAIL",
        "ip4.addr=10.8.0.2, ip4.addr=, - -, tcp4, socket: EAFNOSUPPORT",
        "ip4.addr=, ip4.addr=10.8.0.2, 10.8.0.2 -, tcp4 listen host, 10.8.0.2",
        "ip4.addr=10.8.0.2, ip4.addr= ip6.addr=fd00:8::3, - fd00:8::3, tcp listen host, [fd00:8::3]",
        "ip4.addr=10.8.0.2 ip6.addr=fd00:8::2, ip6.addr=fd00:8::3, 10.8.0.2 fd00:8::3, udp bind :: 53 name, [::ffff:10.8.0.2]:53",
        "ip4.addr=10.8.0.2 ip6.addr=fd00:8::2, ip6.addr=fd00:8::3, 10.8.0.2 fd00:8::3, udp connect fd00:8::1 9 host, [fd00:8::3]",
    })
    void theJailHasTheNewOnes(String made, String changed, String told, String use, String result) {
        startOnHost("tcp4 bind 10.8.0.1 8080 listen accept x");
        int jid = background(made);
        assertEquals("x", inJail(jid, "udp option 0 1 0 say x").replaceAll("socket: .*", "x")); // there is an usher by now
        readdress(jid, changed.split(" "));
        assertEquals(told, addresses(jid).replace("\"\"", "-"));
        assertEquals(result, inJail(jid, use));
    }

    /** Also those of a jail that has not called its usher yet, and those in which another form of call is made. */
    @Test
    void beforeTheFirstCall() {
        int jid = background("ip4.addr=10.8.0.2 ip6.addr=fd00:8::2");
        readdress(jid, "ip4.addr=10.8.0.3,10.8.0.4");
        var server = host.start((String[]) words(Host.BIN + "/jexec", jid, "wild", "46", "tcp", "80"));
        assertEquals("ready 80", server.line());
        for (var address : List.of("10.8.0.3", "10.8.0.4")) {
            assertEquals("::ffff:" + address, onHost("tcp4 connect " + address + " 80 read"));
        }
        assertEquals("fd00:8::2", onHost("tcp connect fd00:8::2 80 read"));
        assertEquals("connect: ECONNREFUSED", onHost("tcp4 connect 10.8.0.2 80 read"));
    }

    @Test
    void aliasesComeAndGo() {
        link();
        int jid = background("ip4.addr=10.8.0.2");
        readdress(jid, "ip4.addr=eth8|10.8.0.7/24");
        assertEquals(List.of("10.8.0.7/24"), addressesOf(LINK));
        readdress(jid, "ip4.addr=10.8.0.9", "interface=" + LINK);
        assertEquals(List.of("10.8.0.9/32"), addressesOf(LINK));
        assertTrue(addressesOf("lo").contains("10.8.0.2/32"), "the host had it before");
        host.jail("-r", jid).said();
        assertEquals(List.of(), addressesOf(LINK));
    }

    /** Sockets that the jail keeps have nothing of an address that the host, or another jail, has by now. */
    @Test
    void socketsKeptOverAChangeGetNothing() {
        int jid = background("ip4.addr=10.8.0.3");
        var datagrams = host.start((String[]) words(Host.BIN + "/jexec", jid, "net6", "udp4", "bind", "0.0.0.0", "5353", "name",
                "receive"));
        var stream = host.start((String[]) words(Host.BIN + "/jexec", jid, "net6", "tcp4", "bind", "0.0.0.0", "80", "listen",
                "name", "accept", "stolen"));
        assertEquals("10.8.0.3:5353", datagrams.line());
        assertEquals("10.8.0.3:80", stream.line());
        readdress(jid, "ip4.addr=10.8.0.4");
        int other = background("ip4.addr=10.8.0.3");
        assertEquals("nothing", onHost("udp4 connect 10.8.0.3 5353 send stolen receive"));
        assertEquals("connect: EINPROGRESS", onHost("tcp4 connect 10.8.0.3 80 read"));
        assertEquals("10.8.0.3:81", inJail(other, "tcp4 bind 0.0.0.0 81 name"));
        assertFalse((datagrams.out() + stream.out()).contains("from"), datagrams.out() + stream.out());
    }

    @Test
    void aConnectionKeptOverAChangeIsDead() {
        int jid = background("ip4.addr=10.8.0.3");
        var server = host.start("busybox", "nc", "-l", "-p", "8080", HOST4);
        var client = host.start((String[]) words(Host.BIN + "/jexec", jid, "sh", "-c",
                "until nc 10.8.0.1 8080; do sleep 0.1; done 2>/dev/null"));
        client.type("before\n");
        assertEquals("before", server.line());
        readdress(jid, "ip4.addr=10.8.0.4");
        client.type("after\n");
        server.type("back\n");
        assertFalse(server.hasEnded());
        assertEquals("before\n", server.out());
        assertEquals("", client.out());
        readdress(jid, "ip4.addr=10.8.0.3"); // it was not the time
        assertEquals("after", server.line());
        assertEquals("back", client.line());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '|', value = {
        "ip4.addr=10.8.0.2;ip4.addr=10.8.0.2,10.8.0.4;a jail that was made with one address can't get several",
        "ip4.addr=10.8.0.2;ip6.addr=fd00:8::2;a jail that was made with one address can't get several",
        "ip4.addr=10.8.0.2 ip6.addr=fd00:8::2;ip4.addr=10.8.0.3,10.8.0.4;ip4.addr 10.8.0.3: IPv4 addresses clash (jail 1 has it)",
        "ip4.addr=10.8.0.2;ip4.addr=nosuch|10.8.0.9;interface nosuch: No such device",
        "vnet ip4.addr=10.77.0.2;ip4.addr=10.77.0.3;vnet jails cannot have IP address restrictions",
    }, delimiter = ';')
    void whatCantBeHadChangesNothing(String made, String changed, String message) {
        background("ip4.addr=10.8.0.3");
        int jid = background(made);
        var before = host.addresses();
        var told = addresses(jid);
        host.jail((Object[]) words("-m", "jid=" + jid, changed.split(" "))).assertFailed("jail: " + message);
        assertEquals(before, host.addresses());
        assertEquals(told, addresses(jid));
        assertEquals("done", host.jexec(jid, "net", "socket", "2", "1", "0").said());
    }

    @Test
    void theVisibleInterfaceFollows() {
        int jid = background("ip4.addr=10.8.0.2");
        assertTrue(host.jexec(jid, "ip", "-o", "address").out().contains("10.8.0.2"));
        readdress(jid, "ip4.addr=10.8.0.3");
        var seen = host.jexec(jid, "ip", "-o", "address").out();
        assertTrue(seen.contains("10.8.0.3") && !seen.contains("10.8.0.2"), seen);
    }

    /** It had been told already: that nothing has changed has to be true of it, too. */
    @ParameterizedTest
    @CsvSource({"ip4.addr=10.8.0.2", "ip4.addr=10.8.0.2 ip6.addr=fd00:8::2"})
    void aWardenThatIsTooLateGoesBack(String made) {
        int jid = background(made);
        assertEquals("10.8.0.2:80", inJail(jid, "tcp4 bind 0.0.0.0 80 name"));
        var warden = "" + host.process(jid, "jail-warden");
        for (var change : List.of("ip4.addr=10.8.0.3", "securelevel=1", "persist")) {
            host.run("kill", "-STOP", warden).said();
            host.jail("-m", "jid=" + jid, change).assertFailed("jail: the warden does not answer");
            host.run("kill", "-CONT", warden).said();
            assertEquals("10.8.0.2:80", inJail(jid, "tcp4 bind 0.0.0.0 80 name"));
            assertEquals("-1 10.8.0.2 false", host.jls("-j", jid, "securelevel", "ip4.addr", "persist").said());
        }
    }

    /** One that was killed in the midst leaves claims, which the next command knows of. */
    @Test
    void aChangeThatWasCutShortIsFinished() throws Exception {
        int jid = background("ip4.addr=10.8.0.2");
        var directory = host.path("/run/stockade/jail/" + jid);
        var record = Files.readSymbolicLink(host.path("/run/stockade/record/" + jid)).toString();
        Files.writeString(directory.resolve("former"), record.replace("ip4=10.8.0.2", "ip4=10.8.0.2,10.8.0.9"));
        Files.createDirectory(host.path("/run/stockade/address/10.8.0.9"));
        Files.createFile(host.path("/run/stockade/address/10.8.0.9/" + jid));
        readdress(jid, "ip4.addr=10.8.0.3");
        assertEquals(List.of("10.8.0.3"), Host.list(host.path("/run/stockade/address")));
        Files.writeString(directory.resolve("former"), record.replace("ip4=10.8.0.2", "ip4=10.8.0.3,10.8.0.9"));
        Files.createDirectory(host.path("/run/stockade/address/10.8.0.9"));
        Files.createFile(host.path("/run/stockade/address/10.8.0.9/" + jid));
        host.jail("-r", jid).said();
        host.assertNothingLeft();
    }

    /** The address of a change that was cut short before it was claimed can be another's by now, and what is steered to it. */
    @Test
    void anAddressThatWasNeverClaimedIsAnothers() throws Exception {
        int jid = background("ip4.addr=10.8.0.2 ip6.addr=fd00:8::2");
        var directory = host.path("/run/stockade/jail/" + jid);
        var record = Files.readSymbolicLink(host.path("/run/stockade/record/" + jid)).toString();
        Files.writeString(directory.resolve("former"), record.replace("ip6=fd00:8::2", "ip6=fd00:8::2,fd00:8::5"));
        int other = background("ip4.addr=10.8.0.3 ip6.addr=fd00:8::5");
        var server = host.start((String[]) words(Host.BIN + "/jexec", other, "wild", "46", "tcp", "80"));
        assertEquals("ready 80", server.line());
        host.jail("-r", jid).said();
        assertEquals("fd00:8::5", onHost("tcp connect fd00:8::5 80 read"));
    }
}
