package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stockade.linux.Errno;
import stockade.linux.KernelException;
import stockade.prison.Mib.Entry;
import stockade.prison.Mib.Setting;

class AssignmentTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '|', value = {"a.b, a.b,", "a.b=1, a.b, 1", "a.b:1, a.b, 1", "| a.b = 1 |, a.b, 1",
        "a.b=\"x y\", a.b, x y", "a.b='1', a.b, 1", "a.b=\"1, a.b, \"1", "a=b=c, a, b=c", "a=, a, ||"})
    void namesAndValues(String text, String name, String value) {
        var assignment = Assignment.parse(text);
        assertEquals(name, assignment.name());
        assertEquals(value, assignment.value().orElse(null));
    }

    @ParameterizedTest
    @CsvSource({"jail.sysvipc_allowed=7, SYSVIPC_ALLOWED, 1", "security.jail.sysvipc_allowed=0, SYSVIPC_ALLOWED, 0",
        "kern.chroot_allow_open_directories=-0x10, CHROOT_ALLOW_OPEN_DIRECTORIES, -16",
        "kern.chroot_allow_open_directories=010, CHROOT_ALLOW_OPEN_DIRECTORIES, 8",
        "kern.chroot_allow_open_directories=-2147483648, CHROOT_ALLOW_OPEN_DIRECTORIES, -2147483648",
        "security.jail.enforce_statfs=1, ENFORCE_STATFS, 1", "jail.jail_max_af_ips=+0, JAIL_MAX_AF_IPS, 0"})
    void settings(String text, Entry entry, int value) {
        assertEquals(new Setting(entry, value), Assignment.parse(text).setting());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '|', value = {"nosuch=1, unknown oid 'nosuch'",
        "security.jail.jailed=1, oid 'security.jail.jailed' is read only",
        "jail.sysvipc_allowed=, empty numeric value", "jail.sysvipc_allowed=1x, invalid integer '1x'",
        "jail.sysvipc_allowed=08, invalid integer '08'", "jail.sysvipc_allowed=0x, invalid integer '0x'",
        "jail.sysvipc_allowed=2147483648, invalid integer '2147483648'",
        "jail.jail_max_af_ips=all, invalid unsigned integer 'all'"})
    void mistakes(String text, String message) {
        assertEquals(message, assertThrows(JailException.class, Assignment.parse(text)::setting).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"jail.mount_allowed=1, EOPNOTSUPP", "security.jail.enforce_statfs=2, EOPNOTSUPP",
        "jail.jail_max_af_ips=-1, EINVAL"})
    void valuesThatAnEntryCantHave(String text, Errno errno) {
        assertEquals(errno, assertThrows(KernelException.class, Assignment.parse(text)::setting).errno());
    }

    @Test
    void filesHaveCommentsAndNumberedLines() {
        var lines = SysctlFile.lines("# all of it\n\nsecurity.jail.sysvipc_allowed=1 # yes\n  \nkern.x='#1'\n#end");
        assertEquals(List.of(3, 5), lines.stream().map(SysctlFile.Line::number).toList());
        assertEquals("1", lines.get(0).assignment().value().get());
        assertEquals("#1", lines.get(1).assignment().value().get());
    }

    @Test
    void aWrongFileNamesTheLine() {
        var e = assertThrows(JailException.class, () -> SysctlFile.parse("/etc/f", "jail.sysvipc_allowed=1\nkern.x=2\n"));
        assertEquals("/etc/f: unknown oid 'kern.x' at line 2", e.getMessage());
    }
}
