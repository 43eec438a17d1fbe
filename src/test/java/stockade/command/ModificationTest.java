package stockade.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stockade.prison.Ip;
import stockade.prison.JailException;
import stockade.prison.Permission;
import stockade.prison.ResourceLimits;

class ModificationTest {
    @ParameterizedTest
    @CsvSource({"allow.sysvipc, true", "allow.nosysvipc, false", "allow.sysvipc=1, true", "allow.sysvipc=FALSE, false",
        "allow.nosysvipc=0, true", "allow.sysvipc=true, true", "allow.nosysvipc=true, false", "allow.sysvipc=-3, true"})
    void switches(String word, boolean allowed) {
        assertEquals(new Modification("www", Map.of(Permission.SYSVIPC, allowed), Optional.empty(), Optional.empty(),
                ResourceLimits.NONE),
                Modification.parse(List.of("name=www", word)));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '|', value = {"path=/x, path cannot be changed after creation",
        "allow.exposed_path, allow.exposed_path cannot be changed after creation",
        "allow.noexposed_path=1, allow.noexposed_path cannot be changed after creation",
        "nopersist, nopersist cannot be changed after creation", "allow.flying, unknown parameter: allow.flying",
        "allow.sysvipc=maybe, allow.sysvipc: unknown boolean value \"maybe\"",
        "jid=3, cannot redefine parameter \"jid\"."})
    void mistakes(String word, String message) {
        assertEquals(message, assertThrows(JailException.class,
                () -> Modification.parse(List.of("name=www", word))).getMessage());
    }

    @Test
    void addresses() {
        assertEquals(new Modification("www", Map.of(), Optional.of(Ip.parse("em0|10.0.0.1/24,lo|10.0.0.2")),
                Optional.of(new Ip.Disabled()), ResourceLimits.NONE),
                Modification.parse(List.of("ip4.addr=10.0.0.1/24,lo|10.0.0.2", "interface=em0", "ip6.addr=", "jid=www")));
        assertEquals("ip4.addr: not an IPv4 address: 10.0.0", assertThrows(JailException.class,
                () -> Modification.parse(List.of("name=www", "ip4.addr=10.0.0"))).getMessage());
    }

    @Test
    void aJailMustBeNamed() {
        assertEquals("no jail specified", assertThrows(JailException.class,
                () -> Modification.parse(List.of("allow.sysvipc=1"))).getMessage());
    }
}
