package stockade.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stockade.config.Position;
import stockade.config.Setting;
import stockade.prison.Hostname;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Jid;
import stockade.prison.Parameter;
import stockade.prison.Permission;
import stockade.prison.ResourceLimits;

class ModificationTest {
    private static final Jail JAIL = new Jail(new Jid(3), "www", "/x", new Hostname("h"), false, Ip.parse("10.0.0.9"),
            new Ip.Disabled(), true, false, List.of(), List.of("/bin/sh"), 1,
            ResourceLimits.NONE.with("rctl.nshm", "5"));

    private static Parameters parameters(String... words) {
        return Parameters.of(Stream.of(words).map(word -> {
            int equals = word.indexOf('=');
            return new Setting(equals < 0 ? word : word.substring(0, equals),
                    equals < 0 ? List.of() : List.of(word.substring(equals + 1)), Position.COMMAND_LINE);
        }).toList());
    }

    private static Modification modification(String... words) {
        return Modification.of(parameters(words), JAIL);
    }

    @ParameterizedTest
    @CsvSource({"allow.sysvipc, true", "allow.nosysvipc, false", "allow.sysvipc=1, true", "allow.sysvipc=FALSE, false",
        "allow.nosysvipc=0, true", "allow.sysvipc=true, true", "allow.nosysvipc=true, false", "allow.sysvipc=-3, true"})
    void switches(String word, boolean allowed) {
        assertEquals(Map.of(Permission.SYSVIPC, allowed), modification("name=www", word).permissions());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '|', value = {"ip4=inherit, ip4", "vnet, vnet", "vnet.interface=eth0, vnet.interface",
        "exec.allow=/bin/ls, exec.allow", "securelevel=0, securelevel", "rctl.nshm=4, rctl.nshm",
        "rctl.nonshm, rctl.nshm", "rctl.pseudoterminals=4, rctl.pseudoterminals"})
    void whatAJailIsMadeAnewFor(String word, String label) {
        assertEquals(label + " cannot be changed after creation",
                assertThrows(JailException.class, () -> modification("name=www", word)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"ip4=new", "novnet", "exec.allow=/bin/sh", "securelevel=2", "securelevel=1", "children.max=0", "exec.start=x",
        "rctl.nshm=deny=5", "rctl.nonsem", "rctl.maxproc=5"})
    void whatIsSoAlreadyIsNoObstacle(String word) {
        assertEquals(Optional.empty(), Modification.obstacle(parameters(word), JAIL));
    }

    @Test
    void addresses() {
        var modification = modification("ip4.addr=10.0.0.1/24,lo|10.0.0.2", "interface=em0", "ip6.addr=", "jid=3");
        assertEquals(Ip.parse("em0|10.0.0.1/24,lo|10.0.0.2"), modification.after().ip4());
        assertEquals(new Ip.Disabled(), modification.after().ip6());
        assertEquals(JAIL.ip4(), modification("jid=3").after().ip4());
    }

    @Test
    void theJailItself() {
        var modification = modification("jid=3", "name=neu", "securelevel=2", "host.hostname=i", "persist");
        assertEquals("neu", modification.after().name());
        assertEquals(2, modification.after().securelevel());
        assertEquals(Optional.of(new Hostname("i")), modification.hostname());
        assertEquals(Optional.of(true), modification.persists());
        assertEquals(JAIL, modification("jid=3").after());
        assertEquals(JAIL, modification("name=3").after());
    }

    @ParameterizedTest
    @CsvSource({"a.b, name: a.b: no jail can have a child", "'', name: empty", "4, name cannot be numeric (unless it is the jid)"})
    void whatIsNoName(String name, String message) {
        assertEquals(message, assertThrows(JailException.class, () -> modification("jid=3", "name=" + name)).getMessage());
    }

    @Test
    void limits() {
        var modification = modification("jid=3", "rctl.maxproc=5", "rctl.nopcpu");
        assertEquals(ResourceLimits.NONE.with("rctl.maxproc", "5").with("rctl.nopcpu", ""), modification.limits());
        assertEquals(JAIL, modification.after());
    }

    @Test
    void theTableFindsEachParameterByItsName() {
        for (var parameter : Parameter.values()) {
            assertEquals(Optional.of(parameter), Parameter.find(parameter.label()));
        }
        assertEquals(Optional.of(Parameter.ALLOW_MOUNT_DEVFS), Parameter.find("allow.mount.nodevfs"));
        assertEquals(Optional.empty(), Parameter.find("nopath"));
    }
}
