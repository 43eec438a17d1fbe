package stockade.command.jls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import stockade.linux.Bytes;
import stockade.network.Alias;
import stockade.network.Inet;
import stockade.prison.Hostname;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.Jid;
import stockade.prison.Listed;
import stockade.prison.Parameter;
import stockade.prison.ResourceLimits;

class ColumnsTest {
    private static final Jail SHARING = jail(false, Ip.own(List.of(new Alias(Inet.parse("10.0.0.1"), Optional.of("eth0"), 24),
            new Alias(Inet.parse("10.0.0.2"), Optional.empty(), 32))), List.of());

    private static Jail jail(boolean vnet, Ip ip4, List<String> interfaces) {
        return new Jail(new Jid(7), "www", "/a b", new Hostname(""), false, ip4, new Ip.Disabled(), false, vnet, interfaces, List.of(), 2,
                ResourceLimits.NONE);
    }

    private static String tell(Jail jail, boolean named, boolean quoted, boolean repeatable, Parameter... parameters) {
        var out = new StringBuilder();
        new Columns(List.of(parameters), true, named, quoted, repeatable).list(look -> look.accept(new Listed(jail, false)),
                new Encoding(Encoding.Style.TEXT, false), (bytes, length) -> out.append(Bytes.toString(bytes, 0, length)));
        return out.toString();
    }

    @Test
    void plain() {
        assertEquals("jid path ip6.addr dying\n7 /a b - false\n", tell(SHARING, false, false, false, Parameter.JID, Parameter.PATH,
                Parameter.IP6_ADDR, Parameter.DYING));
    }

    @Test
    void named() {
        assertEquals("path ip6.addr dying host.domainname\npath=/a b ip6.addr= nodying host.domainname=\"\"\n",
                tell(SHARING, true, false, false, Parameter.PATH, Parameter.IP6_ADDR, Parameter.DYING, Parameter.HOST_DOMAINNAME));
    }

    @Test
    void quoted() {
        assertEquals("path ip6.addr\npath=\"/a b\" ip6.addr=\"\"\n",
                tell(SHARING, true, true, false, Parameter.PATH, Parameter.IP6_ADDR));
    }

    @Test
    void addressesAreRepeatedWithTheirInterfaces() {
        assertEquals("ip4.addr\n10.0.0.1,10.0.0.2\n", tell(SHARING, false, false, false, Parameter.IP4_ADDR));
        assertEquals("jid ip4.addr\nip4.addr=\"eth0|10.0.0.1/24,10.0.0.2\"\n",
                tell(SHARING, true, true, true, Parameter.JID, Parameter.IP4_ADDR));
    }

    @Test
    void whatCanBeGivenAgain() {
        var vnet = jail(true, new Ip.Disabled(), List.of("eth1"));
        assertTrue(Repetition.has(Parameter.IP4, SHARING));
        assertFalse(Repetition.has(Parameter.IP4, vnet));
        assertFalse(Repetition.has(Parameter.IP4_ADDR, vnet));
        assertFalse(Repetition.has(Parameter.IP6_SADDRSEL, SHARING));
        assertFalse(Repetition.has(Parameter.VNET_INTERFACE, SHARING));
        assertEquals("eth1", Repetition.value(Parameter.VNET_INTERFACE, vnet));
        assertFalse(Repetition.has(Parameter.EXEC_ALLOW, SHARING));
        assertFalse(Repetition.has(Parameter.DEVFS_RULESET, SHARING));
        assertFalse(Repetition.has(Parameter.PARENT, SHARING));
        assertTrue(Repetition.has(Parameter.ALLOW_CHFLAGS, SHARING));
        assertEquals(1, Repetition.parameters().stream().filter(Parameter.VNET_INTERFACE::equals).count());
    }
}
