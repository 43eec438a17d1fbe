package stockade;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses jails can have, which they can share, and what is told of them. */
class AddressIT extends JailAddresses {
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "ip4=inherit ip4.addr=10.8.0.2; ip4=inherit and ip4.addr exclude each other",
        "ip6=disable ip6.addr=fd00:8::2; ip6=disable and ip6.addr exclude each other",
        "ip4=own; ip4: unknown jailsys value \"own\"",
        "ip4.addr=fd00:8::2; ip4.addr: not an IPv4 address: fd00:8::2",
        "ip6.addr=10.8.0.2; ip6.addr: not an IPv6 address: 10.8.0.2",
        "ip4.addr=10.8.0.2,10.8.0.2; ip4.addr: the same address twice: 10.8.0.2,10.8.0.2",
        "ip4.addr=10.8.0.4,lo|10.8.0.4/8; ip4.addr: the same address twice: 10.8.0.4,lo|10.8.0.4/8",
        "ip6.addr=fd00:8::2,FD00:8:0::2; ip6.addr: the same address twice: fd00:8::2,FD00:8:0::2",
        "ip4.addr=10.8.0.2 ip9.addr=x; unknown parameter: ip9.addr",
    })
    void contradictionsAreSaid(String parameters, String message) {
        host.jail((Object[]) words("-c", "path=" + TREE, parameters.split(" "), "command=true")).assertFailed("jail: " + message);
        host.assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.8.0.300", "10.8.0", "10.8.0.1.2", "10.08.0.2", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "10.8.0.9/33", "10.8.0.9/-1", "10.8.0.9/", "10.8.0.9/x", "|10.8.0.9", "an-interface-too-long|10.8.0.9", "10.8.0.9,",
        ",10.8.0.9", "lo|", "::", "::1", "ff02::1", "::ffff:10.8.0.2", "fd00::1::2", "fd00:8", "fd00:8::12345", "fd00:8::g",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "fd00:8::9/129", "fd00:8::9%lo", ":fd00::1", "fd00::1:", "fd00:8::10.8.0",
        "lo|fd00:8::9/64|lo"})
    void noAddresses(String address) {
        var before = host.addresses();
        var result = host.jail(TREE, "jail", address, "true");
        assertEquals(1, result.status(), result.toString());
        assertTrue(result.errors().startsWith("jail: ip"), result.errors());
        assertEquals(1, result.errors().lines().count(), result.errors());
        assertEquals(before, host.addresses());
        host.assertNothingLeft();
    }

    @ParameterizedTest
    @CsvSource({"10.8.0.3, tcp4 bind 0.0.0.0, 10.8.0.3:80", "fd00:8::3, tcp bind ::1, [fd00:8::3]:80"})
    void twoJailsShareAnAddressThatIsTheOnlyOneOfEach(String address, String use, String name) {
        int first = host.background(TREE, address);
        int second = host.background(TREE, address);
        var server = host.start(words(Host.BIN + "/jexec", first, "net6", use.split(" "), "80", "listen", "name", "wait"));
        assertEquals(name, server.line());
        assertTrue(inJail(second, use + " 80 listen name").endsWith(": EADDRINUSE"));
        assertTrue(inJail(second, use + " 81 listen name").endsWith(":81"));
        server.end();
        host.jail("-r", first).said();
        assertTrue(host.addresses().contains(" " + address + "/"));
        assertEquals(name, inJail(second, use + " 80 name"));
        host.jail("-r", second).said();
        assertFalse(host.addresses().contains(address));
    }

    @Test
    void otherwiseAddressesClash() {
        int one = host.background(TREE, OTHER);
        int several = host.background(TREE, SEVERAL);
        assertAll(
                () -> host.jail(TREE, "jail", "10.8.0.9," + OTHER4, "true")
                        .assertFailed("jail: ip4.addr 10.8.0.3: IPv4 addresses clash (jail " + one + " has it)"),
                () -> host.jail(TREE, "jail", "fd00:8::9," + OTHER6, "true")
                        .assertFailed("jail: ip6.addr fd00:8::3: IPv6 addresses clash (jail " + one + " has it)"),
                () -> host.jail(TREE, "jail", OWN4, "true")
                        .assertFailed("jail: ip4.addr 10.8.0.2: IPv4 addresses clash (jail " + several + " has it)"),
                () -> host.jail(TREE, "jail", MORE4, "true")
                        .assertFailed("jail: ip4.addr 10.8.0.4: IPv4 addresses clash (jail " + several + " has it)"),
                () -> host.jail(TREE, "jail", MORE6, "true")
                        .assertFailed("jail: ip6.addr fd00:8::4: IPv6 addresses clash (jail " + several + " has it)"),
                () -> host.jail("-c", "path=" + TREE, "ip6.addr=FD00:8:0:0::4", "command=true")
                        .assertFailed("jail: ip6.addr fd00:8::4: IPv6 addresses clash (jail " + several + " has it)"));
        assertFalse(host.addresses().contains("10.8.0.9"));
        assertEquals(List.of("" + one, "" + several), host.jls("jid").out().lines().toList());
        host.jail("-r", several).said();
        host.jail(TREE, "jail", MORE4 + "," + OWN4, "true").said();
    }

    @Test
    void jlsTellsAllAddresses() {
        int jid = background("name=www host.hostname=www.example.org ip4.addr=10.8.0.2,lo|10.8.0.4/8"
                + " ip6.addr=FD00:8:0:0:0::0002,fd00:0:0:8:0:0:0:4");
        assertEquals("10.8.0.2,10.8.0.4 fd00:8::2,fd00:0:0:8::4", host.jls("ip4.addr", "ip6.addr").said());
        assertEquals("ip4=new ip6=new ip4.addr=10.8.0.2,10.8.0.4 ip6.addr=fd00:8::2,fd00:0:0:8::4",
                host.jls("-n", "ip4", "ip6", "ip4.addr", "ip6.addr").said());
        assertEquals("   JID  IP Address      Hostname                      Path\n%6d  %-15s %-29s %s\n".formatted(jid, OWN4,
                "www.example.org", TREE), host.jls().out());
        assertEquals(List.of("10.8.0.2", "10.8.0.4", "fd00:8::2", "fd00:0:0:8::4"),
                host.jls("-v").out().lines().map(String::strip).filter(line -> line.matches("[0-9a-f:.]*[:.][0-9a-f:.]*")).toList());
        int only6 = background("ip6.addr=fd00:8::3");
        int all = background("ip4=inherit ip6=inherit");
        int none = background("ip4=disable");
        assertEquals("disable new - fd00:8::3", host.jls("-j", only6, "ip4", "ip6", "ip4.addr", "ip6.addr").said());
        assertEquals("inherit inherit - -", host.jls("-j", all, "ip4", "ip6", "ip4.addr", "ip6.addr").said());
        assertEquals("disable disable - -", host.jls("-j", none, "ip4", "ip6", "ip4.addr", "ip6.addr").said());
        assertEquals("%6d  %-15s %-29s %s".formatted(only6, "fd00:8::3", "", TREE),
                host.jls("-j", only6).out().lines().skip(1).findFirst().get());
    }

    @Test
    void theFileOfAJailTellsItsAddresses() {
        var file = host.path("/run/jid");
        host.jail("-J", "/run/jid", TREE, "www", BOTH, "true").said();
        assertTrue(Host.read(file).contains(OWN4), Host.read(file));
        host.run("rm", "/run/jid").said();
    }

    @Test
    void theFormOfParametersIsTheOther() {
        int jid = background("name=www host.hostname=www ip4.addr=" + OWN4 + " allow.raw_sockets securelevel=1");
        assertEquals("www www 10.8.0.2 true 1 " + TREE,
                host.jls("-j", jid, "name", "host.hostname", "ip4.addr", "allow.raw_sockets", "securelevel", "path").said());
        assertEquals("a b c", byParameters("host.hostname=x", "echo a b c"));
        assertEquals("name=value", byParameters("host.hostname=x", "echo name=value"));
        host.jail("-c", "path=" + TREE, "host.hostname=x").assertFailed("jail: new jail must persist or attach");
        assertEquals(3, host.jail("-c", "path=" + TREE, "command=sh", "-c", "exit 3").status());
    }
}
