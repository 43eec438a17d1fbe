package stockade.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.prison.Hostname;
import stockade.prison.Ip;
import stockade.prison.JailException;
import stockade.prison.JailName;
import stockade.prison.JailSpec;
import stockade.prison.Jid;
import stockade.prison.Permission;
import stockade.prison.ResourceLimits;

class ParametersTest {
    @Test
    void fourArgumentsAreParameters() {
        var parameters = Parameters.ofFourArguments(List.of("name=www", "securelevel=2"),
                List.of("/jails/www", "www.example", "10.0.0.1,fd00::1,em0|10.0.0.2/24", "sh", "-c", "true"));
        assertEquals(new JailSpec(Optional.empty(), Optional.of(new JailName("www")), "/real", new Hostname("www.example"),
                Ip.parse("10.0.0.1,em0|10.0.0.2/24"), Ip.parse("fd00::1"), false, List.of(), List.of(), 2,
                Map.of(), ResourceLimits.NONE), parameters.spec("/real"));
        assertEquals(List.of("sh", "-c", "true"), parameters.command());
    }

    @Test
    void byName() {
        var parameters = Parameters.of(List.of(), List.of("jid=7", "path=/x", "host.hostname=h", "ip4=inherit",
                "interface=em0", "ip6.addr=fd00::1/64,lo|fd00::2", "allow.nosysvipc", "allow.mlock=1", "allow.exposed_path",
                "exec.allow=/bin/a,/b", "rctl.maxproc=5", "command=/bin/ls", "-l",
                "path=/y"));
        assertEquals(new JailSpec(Optional.of(new Jid(7)), Optional.empty(), "/x", new Hostname("h"), new Ip.Inherited(),
                Ip.parse("em0|fd00::1/64,lo|fd00::2"), false, List.of(), List.of("/bin/a", "/b"), -1,
                Map.of(Permission.SYSVIPC, false, Permission.MLOCK, true, Permission.EXPOSED_PATH, true),
                ResourceLimits.NONE.with("rctl.maxproc", "5")),
                parameters.spec(parameters.path()));
        assertEquals(List.of("/bin/ls", "-l", "path=/y"), parameters.command());
    }

    @Test
    void aNumberAsNameIsAJid() {
        assertEquals(Optional.of(new Jid(42)), Parameters.of(List.of("name=42"), List.of()).spec("/").jid());
        assertEquals(Optional.empty(), Parameters.of(List.of("name=42", "jid=42"), List.of()).spec("/").name());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = ';', value = {"ip4.addr=fd00::1; ip4.addr: not an IPv4 address: fd00::1",
        "ip6.addr=10.0.0.1; ip6.addr: not an IPv6 address: 10.0.0.1",
        "ip4.addr=10.0.0.1,10.0.0.1; ip4.addr: the same address twice: 10.0.0.1,10.0.0.1",
        "ip4.addr=10.0.0.1/40; ip4.addr: not a prefix of 10.0.0.1: 40",
        "ip4.addr=10.0.0.1/x; ip4.addr: not a prefix: 10.0.0.1/x", "ip4=some; ip4: unknown jailsys value \"some\"",
        "ip4.addr=abcdefghijklmnop|10.0.0.1; ip4.addr: not an interface: abcdefghijklmnop",
        "vnet.interface=eth1; vnet.interface requires vnet", "jid=www; jid: non-integer value \"www\"", "name=a.b; jail \"a\" not found"})
    void valuesThatCantBe(String word, String message) {
        assertEquals(message, assertThrows(JailException.class,
                () -> Parameters.of(List.of(), List.of(word)).spec("/")).getMessage());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = ';', value = {"eth1,eth1; : the same interface twice: eth1,eth1",
        "lo; : not an interface to be given: \"lo\"", "eth1,; : not an interface to be given: \"\"",
        "abcdefghijklmnop; : not an interface to be given: \"abcdefghijklmnop\"",
        "a/b; : not an interface to be given: \"a/b\"", "eth1,eth0; : eth0 is what has the addresses"})
    void interfacesThatCantBeGiven(String names, String message) {
        var parameters = Parameters.of(List.of("vnet", "ip4.addr=10.0.0.1"), List.of("vnet.interface=" + names));
        assertEquals("vnet.interface" + message,
                assertThrows(JailException.class, () -> parameters.spec("/")).getMessage());
    }

    @Test
    void interfacesAreGivenToAStackOfItsOwn() {
        assertEquals(List.of("eth1", "eth0"), Parameters.of(List.of("vnet"), List.of("vnet.interface=eth1,eth0")).spec("/")
                .interfaces());
        assertEquals(List.of(), Parameters.of(List.of("vnet"), List.of("vnet.interface=")).spec("/").interfaces());
    }

    @ParameterizedTest
    @CsvSource({"exec.allow, exec.allow: no program", "exec.allow=, exec.allow: no program",
        "'exec.allow=/x,y', 'exec.allow: not an absolute pathname: \"y\"'", "flying=1, unknown parameter: flying", "securelevel=x, securelevel: non-integer value \"x\"",
        "securelevel=9, securelevel: 9: not between -1 and 3", "allow.mlock=y, allow.mlock: unknown boolean value \"y\""})
    void words(String word, String message) {
        assertEquals(message, assertThrows(JailException.class, () -> Parameters.of(List.of(), List.of(word))).getMessage());
    }

    @Test
    void nothingTwiceAndNoJailWithoutACommand() {
        assertEquals("cannot redefine parameter \"name\".", assertThrows(JailException.class,
                () -> Parameters.of(List.of("name=a"), List.of("name=b"))).getMessage());
        assertEquals("new jail must persist or attach", assertThrows(JailException.class,
                () -> Parameters.of(List.of(), List.of("name=b")).command()).getMessage());
        assertThrows(JailException.class, () -> Parameters.of(List.of("ip4=inherit"), List.of("ip4.addr=10.0.0.1")).spec("/"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/x", "/x h", "/x h 10.0.0.1", "x h 10.0.0.1 true"})
    void lessThanFour(String words) {
        assertThrows(UsageException.class, () -> Parameters.ofFourArguments(List.of(),
                words.isEmpty() ? List.of() : List.of(words.split(" "))));
    }
}
