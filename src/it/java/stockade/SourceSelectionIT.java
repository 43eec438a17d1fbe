package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In a jail with several addresses the way to a destination says which of them is its source (ip4.saddrsel). */
class SourceSelectionIT extends JailAddresses {
    private static final String TWO = "ip4.addr=10.8.0.2,eth8|10.8.8.2/24 ip6.addr=fd00:8::2,eth8|fd00:88::2/64";

    @ParameterizedTest
    @CsvSource({
        "udp4 connect 10.8.8.9 9 host, 10.8.8.2, 10.8.0.2",
        "udp connect fd00:88::9 9 host, [fd00:88::2], [fd00:8::2]",
        "udp connect ::ffff:10.8.8.9 9 host, [::ffff:10.8.8.2], [::ffff:10.8.0.2]",
        "udp connect4 10.8.8.9 9 host, [::ffff:10.8.8.2], [::ffff:10.8.0.2]",
        "udp4 connect 10.8.0.1 9 host, 10.8.0.2, 10.8.0.2",
        "udp4 connect 10.8.8.9 9 disconnect connect 10.8.0.1 9 host, 10.8.0.2, 10.8.0.2",
        "udp4 connect 10.8.0.1 9 disconnect connect 10.8.8.9 9 host, 10.8.8.2, 10.8.0.2",
        "udp4 bind 10.8.0.2 0 connect 10.8.8.9 9 host, 10.8.0.2, 10.8.0.2", // its user has chosen
        "udp4 bind 10.8.8.2 0 connect 10.8.0.1 9 host, 10.8.8.2, 10.8.8.2",
        "udp bind fd00:88::2 0 connect fd00:8::1 9 host, [fd00:88::2], [fd00:88::2]",
        "udp4 sendto 10.8.8.9 9 x host, 10.8.0.2, 10.8.0.2", // whom it sends to next is not known
        "tcp4 connect 10.8.8.1 8080 host read, 10.8.8.2 host, 10.8.0.2 host", // an address of the host on the interface
        "tcp connect ::ffff:10.8.8.1 8080 host read, [::ffff:10.8.8.2] host, [::ffff:10.8.0.2] host",
    })
    void theSourceIsOfTheInterfaceByWhichTheDestinationIsReached(String use, String selected, String first) {
        link();
        host.run("ip", "address", "add", "10.8.8.1/24", "dev", LINK).said();
        var server = startOnHost("tcp4 bind 10.8.8.1 8080 listen say ready accept host accept host accept host");
        assertEquals("ready", server.line());
        int jid = background(TWO);
        assertEquals(selected, inJail(jid, use));
        host.jail("-m", "jid=" + jid, "ip4.nosaddrsel", "ip6.saddrsel=false").said();
        assertEquals(first, inJail(jid, use));
        host.jail("-r", jid).said();
        assertEquals(first, byParameters(TWO + " ip4.nosaddrsel ip6.nosaddrsel", "net6 " + use));
    }
}
