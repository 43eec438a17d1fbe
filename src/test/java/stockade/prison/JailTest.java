package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.linux.Bytes;

class JailTest {
    private static Jail jail(String path) {
        return Jail.of(new JailSpec(Optional.empty(), Optional.of(new JailName("w\\n\nx=\u00ff")), path,
                new Hostname("h\\"), Ip.parse("lo|10.0.0.1/24,10.0.0.2"), Ip.parse("fd00::1"), true,
                List.of("eth1", "a\\b"), List.of("/bin/x y", "/\n"), -1, Map.of(),
                ResourceLimits.NONE.with("rctl.pcpu", "50").with("rctl.nomaxproc", ""), JailMounts.DEFAULT), new Jid(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/usr/jails/a b", "/x\ny", "/x\\ny", "/x\\\\\n=\u0001\u00e9"})
    void aRecordReadsAsItWasWritten(String path) {
        assertEquals(jail(path), Jail.parse(jail(path).recordBytes()));
    }

    @Test
    void withoutANameTheJidIsTheName() {
        var spec = new JailSpec(Optional.empty(), Optional.empty(), "/", new Hostname(""), new Ip.Disabled(),
                new Ip.Inherited(), false, List.of(), List.of(), 3, Map.of(), ResourceLimits.NONE, JailMounts.DEFAULT);
        var jail = Jail.of(spec, new Jid(12));
        assertEquals("12", jail.name());
        assertEquals(jail, Jail.parse(jail.recordBytes()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "jid=7", "jid=x\nname=a", "jid=0\nname=a\npath=/\nhost.hostname=\nip4=new\nip6=disable\n"
        + "securelevel=0\n"})
    void aDamagedRecordIsRefused(String record) {
        assertThrows(JailException.class, () -> Jail.parse(Bytes.of(record)));
    }

    @Test
    void aRecordOfAnyOrderAndOfTheVersionBeforeIsRead() {
        var lines = new ArrayList<>(Bytes.split(jail("/x").record(), '\n'));
        Collections.reverse(lines);
        assertEquals(jail("/x"), Jail.parse(Bytes.of(String.join("\n", lines))));
        var old = Jail.parse(Bytes.of("jid=7\nname=a\npath=/\nhost.hostname=\nip4=disable\nip6=10::1\nvnet=false\nsecurelevel=0"));
        assertEquals(List.of(), old.programs());
        assertFalse(old.steered());
        assertEquals(0, old.securelevel());
    }

    @Test
    void noTwoJailsShareAUser() {
        assertEquals(1, new Jid(2).rootUid() - (new Jid(1).rootUid() + Jid.IDS - 1));
        assertEquals("0 2147549184 65536\n", new Jid(1).idMap());
        // (uid_t) -1 is no user
        assertEquals(-65537, new Jid(Jid.MAX).rootUid() + Jid.IDS - 1);
        assertThrows(JailException.class, () -> new Jid(Jid.MAX + 1));
        assertThrows(JailException.class, () -> new Jid(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "042", "0", "12345678901", "a.b"})
    void namesThatFreeBsdRefuses(String name) {
        assertThrows(JailException.class, () -> new JailName(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "a/b", "100%"})
    void aNameIsNoPath(String name) {
        var file = Names.fileName(name);
        assertEquals(-1, file.indexOf('/'));
        assertEquals(-1, file.indexOf('.'));
    }
}
