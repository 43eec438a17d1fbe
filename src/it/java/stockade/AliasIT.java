package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the host gets and loses with a jail's addresses. */
class AliasIT extends JailAddresses {
    @Test
    void anAliasIsAddedWithItsPrefixToItsInterface() {
        link();
        int jid = host.background(TREE, LINK + "|10.81.0.5/24," + LINK + "|fd00:81::5/64,10.81.0.6");
        assertTrue(addressesOf(LINK).containsAll(List.of("10.81.0.5/24", "fd00:81::5/64")), "" + addressesOf(LINK));
        assertTrue(addressesOf("lo").contains("10.81.0.6/32"));
        assertEquals("10.81.0.5,10.81.0.6 fd00:81::5", host.jls("-j", jid, "ip4.addr", "ip6.addr").said());
        // usable at once, without a search for others that have it
        assertEquals("[fd00:81::5]:80", inJail(jid, "tcp bind fd00:81::5 80 name"));
        assertFalse(host.run("ip", "-6", "address", "show", "dev", LINK).out().lines()
                .anyMatch(line -> line.contains("fd00:81::5") && line.contains("tentative")));
        host.jail("-r", jid).said();
        assertEquals(List.of(), addressesOf(LINK));
        assertFalse(addressesOf("lo").contains("10.81.0.6/32"));
    }

    @Test
    void theInterfaceOfAddressesThatNameNone() {
        link();
        int jid = background("interface=" + LINK + " ip4.addr=10.81.0.5,lo|10.81.0.6,10.81.0.7/24 ip6.addr=fd00:81::5,lo|fd00:81::6/64");
        assertEquals(List.of("10.81.0.5/32", "10.81.0.7/24", "fd00:81::5/128"), addressesOf(LINK));
        assertTrue(addressesOf("lo").containsAll(List.of("10.81.0.6/32", "fd00:81::6/64")));
        assertEquals("10.81.0.5,10.81.0.6,10.81.0.7 fd00:81::5,fd00:81::6",
                host.jls("-j", jid, "ip4.addr", "ip6.addr").said());
        host.jail("-r", jid).said();
        assertEquals(List.of(), addressesOf(LINK));
    }

    @Test
    void anAddressThatWasThereStaysAsItWas() {
        link();
        host.run("ip", "address", "add", "10.81.0.5/16", "dev", LINK).said();
        host.run("ip", "address", "add", "fd00:81::5/48", "dev", LINK, "nodad").said();
        var before = addressesOf(LINK);
        assertEquals(List.of("10.81.0.5/16", "fd00:81::5/48"), before);
        for (var addresses : List.of("10.81.0.5,fd00:81::5", LINK + "|10.81.0.5/24," + LINK + "|fd00:81::5/64",
                "lo|10.81.0.5,lo|fd00:81::5")) {
            int jid = host.background(TREE, addresses);
            assertEquals(before, addressesOf(LINK));
            assertFalse(addressesOf("lo").stream().anyMatch(address -> address.contains(":81::5") || address.contains("81.0.5")));
            host.jail("-r", jid).said();
            assertEquals(before, addressesOf(LINK));
        }
    }

    @Test
    void anAliasStaysWhileAnotherJailHasIt() {
        link();
        int first = host.background(TREE, LINK + "|fd00:81::5/64");
        var with = addressesOf(LINK);
        int second = host.background(TREE, "lo|fd00:81::5");
        assertEquals(with, addressesOf(LINK));
        host.run("kill", "-9", "" + host.process(first, "jail-warden")).said();
        awaitGone(first);
        assertEquals(with, addressesOf(LINK));
        assertEquals("[fd00:81::5]:80", inJail(second, "tcp bind ::1 80 name"));
        host.jail("-r", second).said();
        assertEquals(List.of(), addressesOf(LINK));
    }

    private void awaitGone(int jid) {
        for (int i = 0; i < 200 && !host.processes(jid).isEmpty(); i++) {
            Host.pause();
        }
        assertEquals("", host.jls("jid").out().lines().filter(line -> line.equals("" + jid)).findFirst().orElse(""));
    }

    @Test
    void anAliasGoesWhenTheWardenIsKilled() {
        link();
        var before = host.addresses();
        int jid = host.background(TREE, LINK + "|10.81.0.5/24," + LINK + "|fd00:81::5/64,10.81.0.6,fd00:8::6");
        host.run("kill", "-9", "" + host.process(jid, "jail-warden")).said();
        awaitGone(jid);
        assertEquals(before, host.addresses());
    }

    @Test
    void anAliasGoesWhenEverythingOfTheJailIsKilled() {
        link();
        var before = host.addresses();
        var jail = host.startJail("-i", TREE, "jail", LINK + "|10.81.0.5/24,fd00:8::6", "sleep", "600");
        int jid = Integer.parseInt(jail.line());
        jail.kill();
        host.processes(jid).forEach(pid -> host.run("kill", "-9", "" + pid));
        awaitGone(jid);
        assertEquals(before, host.addresses());
        host.assertNothingLeft();
    }

    @Test
    void anAliasThatGoesTakesNoOtherOfItsSubnetAlong() {
        link();
        int first = host.background(TREE, LINK + "|10.81.0.5/24");
        int second = host.background(TREE, LINK + "|10.81.0.6/24");
        host.run("ip", "address", "add", "10.81.0.7/24", "dev", LINK).said();
        assertEquals(List.of("10.81.0.5/24", "10.81.0.6/24", "10.81.0.7/24"), addressesOf(LINK));
        host.jail("-r", first).said();
        assertEquals(List.of("10.81.0.6/24", "10.81.0.7/24"), addressesOf(LINK));
        assertEquals("10.81.0.6:80", inJail(second, "tcp4 bind 0.0.0.0 80 name"));
        host.jail("-r", second).said();
        assertEquals(List.of("10.81.0.7/24"), addressesOf(LINK));
    }

    @Test
    void anIp6AliasThatGoesTakesNoOtherOfItsSubnetAlong() {
        link();
        int first = host.background(TREE, LINK + "|fd00:81::5/64");
        int second = host.background(TREE, LINK + "|fd00:81::6/64");
        host.jail("-r", first).said();
        assertEquals(List.of("fd00:81::6/64"), addressesOf(LINK));
        assertEquals("[fd00:81::6]:80", inJail(second, "tcp bind ::1 80 name"));
        assertTrue(host.run("ip", "-6", "route").out().contains("fd00:81::/64 dev " + LINK));
        host.jail("-r", second).said();
        assertEquals(List.of(), addressesOf(LINK));
    }

    @Test
    void whatTheAdministratorTookAwayIsNotMissed() {
        link();
        int jid = host.background(TREE, LINK + "|10.81.0.5/24,lo|10.81.0.6," + LINK + "|fd00:81::5/64");
        host.run("ip", "address", "delete", "10.81.0.5/24", "dev", LINK).said();
        host.run("ip", "address", "delete", "10.81.0.6/32", "dev", "lo").said();
        host.jail("-r", jid).said();
        jid = host.background(TREE, LINK + "|10.81.0.5/24," + LINK + "|fd00:81::5/64");
        host.run("ip", "link", "delete", LINK).said();
        linked = false;
        host.jail("-r", jid).said();
        host.assertNothingLeft();
    }

    @Test
    void anInterfaceThatIsDown() {
        link();
        host.run("ip", "link", "set", LINK, "down").said();
        host.run("ip", "address", "add", "10.81.0.6/24", "dev", LINK).said();
        int jid = host.background(TREE, LINK + "|10.81.0.5/24," + LINK + "|10.81.0.6/24");
        assertTrue(addressesOf(LINK).contains("10.81.0.5/24"));
        host.jail("-r", jid).said();
        assertEquals(List.of("10.81.0.6/24"), addressesOf(LINK));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nosuch|10.81.0.5", "nosuch|fd00:81::5/64", "10.81.0.5,nosuch|10.81.0.6",
        "10.81.0.5,fd00:81::5,nosuch|fd00:81::6", "nosuch|10.81.0.5,10.81.0.6"})
    void anInterfaceThatIsNotThere(String addresses) {
        var before = host.addresses();
        host.jail(TREE, "jail", addresses, "true").assertFailed("jail: interface nosuch: No such device");
        assertEquals(before, host.addresses());
        host.assertNothingLeft();
        // nothing of it is remembered
        host.jail(TREE, "jail", addresses.replace("nosuch|", ""), "true").said();
        assertEquals(before, host.addresses());
    }

    @Test
    void anInterfaceThatIsNotNeededNeedNotBeThere() {
        assertEquals("10.8.0.2:80", inJail("nosuch|" + OWN4, "tcp4 bind 0.0.0.0 80 name"));
        assertEquals("10.8.0.2:80", byParameters("interface=nosuch ip4.addr=" + OWN4, "net6 tcp4 bind 0.0.0.0 80 name"));
    }
}
