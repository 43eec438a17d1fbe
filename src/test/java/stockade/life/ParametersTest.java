package stockade.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.config.Position;
import stockade.config.Setting;
import stockade.prison.Hostname;
import stockade.prison.Ip;
import stockade.prison.JailException;
import stockade.prison.JailMounts;
import stockade.prison.JailName;
import stockade.prison.JailSpec;
import stockade.prison.Jid;
import stockade.prison.MountEntry;
import stockade.prison.Parameter;
import stockade.prison.Permission;
import stockade.prison.ResourceLimits;

class ParametersTest {
    @Test
    void everyKind() {
        var parameters = parameters("name=www", "securelevel=2", "path=/jails/www", "host.hostname=www.example",
                "ip4.addr=10.0.0.1", "ip4.addr=em0|10.0.0.2/24", "ip6.addr=fd00::1");
        assertEquals(new JailSpec(Optional.empty(), Optional.of(new JailName("www")), "/real", new Hostname("www.example"),
                Ip.parse("10.0.0.1,em0|10.0.0.2/24"), Ip.parse("fd00::1"), false, List.of(), List.of(), 2,
                Map.of(), ResourceLimits.NONE, JailMounts.DEFAULT), parameters.spec("/real"));
    }

    private static Parameters parameters(String... words) {
        return Parameters.of(Stream.of(words).map(word -> {
            int equals = word.indexOf('=');
            return new Setting(equals < 0 ? word : word.substring(0, equals),
                    equals < 0 ? List.of() : List.of(word.substring(equals + 1)), Position.COMMAND_LINE);
        }).toList());
    }

    @Test
    void byName() {
        var parameters = parameters("jid=7", "path=/x", "host.hostname=h", "ip4=inherit",
                "interface=em0", "ip6.addr=fd00::1/64,lo|fd00::2", "allow.nosysvipc", "allow.mlock=1", "allow.exposed_path",
                "exec.allow=/bin/a,/b", "rctl.maxproc=4", "rctl.maxproc=5", "rctl.nopcpu");
        assertEquals(new JailSpec(Optional.of(new Jid(7)), Optional.empty(), "/x", new Hostname("h"), new Ip.Inherited(),
                Ip.parse("em0|fd00::1/64,lo|fd00::2"), false, List.of(), List.of("/bin/a", "/b"), -1,
                Map.of(Permission.SYSVIPC, false, Permission.MLOCK, true, Permission.EXPOSED_PATH, true),
                ResourceLimits.NONE.with("rctl.maxproc", "5"), JailMounts.DEFAULT),
                parameters.spec(parameters.path()));
    }

    @Test
    void mounts() {
        var mounts = parameters("path=/j", "mount=/a /j/b nullfs ro,noexec", "mount.nodevfs",
                "mount=tmpfs /real/c tmpfs size=1m,mode=700 0 0", "mount.procfs=false").spec("/real").mounts();
        assertEquals(List.of("/b", "/c"), mounts.entries().stream().map(MountEntry::inside).toList());
        assertEquals(new JailMounts(mounts.entries(), JailMounts.Presence.NEVER, JailMounts.Presence.NEVER, false), mounts);
        assertEquals(new JailMounts(List.of(), JailMounts.Presence.ALWAYS, JailMounts.Presence.ALWAYS, false),
                parameters("mount.devfs", "mount.noprocfs=0", "mount.nofdescfs").spec("/").mounts());
    }

    @Test
    void aNumberAsNameIsAJid() {
        assertEquals(Optional.of(new Jid(42)), parameters("name=42").spec("/").jid());
        assertEquals(Optional.empty(), parameters("name=42", "jid=42").spec("/").name());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = ';', value = {"ip4.addr=fd00::1; ip4.addr: not an IPv4 address: fd00::1",
        "ip6.addr=10.0.0.1; ip6.addr: not an IPv6 address: 10.0.0.1",
        "ip4.addr=10.0.0.1,10.0.0.1; ip4.addr: the same address twice: 10.0.0.1,10.0.0.1",
        "securelevel=9; securelevel: 9: not between -1 and 3", "exec.allow=/x,y; exec.allow: not an absolute pathname: \"y\"", "exec.allow=; exec.allow: no program",
        "ip4.addr=10.0.0.1/40; ip4.addr: not a prefix of 10.0.0.1: 40",
        "ip4.addr=10.0.0.1/x; ip4.addr: not a prefix: 10.0.0.1/x", "ip4=some; ip4: unknown jailsys value \"some\"",
        "ip4.addr=abcdefghijklmnop|10.0.0.1; ip4.addr: not an interface: abcdefghijklmnop",
        "vnet.interface=eth1; vnet.interface requires vnet", "jid=www; jid: non-integer value \"www\"", "name=a.b; name: a.b: no jail can have a child"})
    void valuesThatCantBe(String word, String message) {
        assertEquals(message, assertThrows(JailException.class,
                () -> parameters(word).spec("/")).getMessage());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = ';', value = {"eth1,eth1; : the same interface twice: eth1,eth1",
        "lo; : not an interface to be given: \"lo\"", "eth1,; : not an interface to be given: \"\"",
        "abcdefghijklmnop; : not an interface to be given: \"abcdefghijklmnop\"",
        "a/b; : not an interface to be given: \"a/b\"", "eth1,eth0; : eth0 is what has the addresses"})
    void interfacesThatCantBeGiven(String names, String message) {
        var parameters = parameters("vnet", "ip4.addr=10.0.0.1", "vnet.interface=" + names);
        assertEquals("vnet.interface" + message,
                assertThrows(JailException.class, () -> parameters.spec("/")).getMessage());
    }

    @Test
    void interfacesAreGivenToAStackOfItsOwn() {
        assertEquals(List.of("eth1", "eth0"), parameters("vnet", "vnet.interface=eth1,eth0").spec("/")
                .interfaces());
        assertEquals(List.of(), parameters("vnet", "vnet.interface=").spec("/").interfaces());
    }

    @ParameterizedTest
    @CsvSource({"flying=1, unknown parameter: flying", "securelevel=x, securelevel: non-integer value \"x\"",
        "allow.mlock=y, allow.mlock: unknown boolean value \"y\""})
    void words(String word, String message) {
        assertEquals(message, assertThrows(JailException.class, () -> parameters(word)).getMessage());
    }

    @Test
    void nameAndJidOnlyOnce() {
        assertEquals("cannot redefine parameter \"name\".",
                assertThrows(JailException.class, () -> parameters("name=a", "name=b")).getMessage());
        assertEquals("/b", parameters("path=/a", "path=/b").path());
        assertThrows(JailException.class, () -> parameters("ip4=inherit", "ip4.addr=10.0.0.1").spec("/"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"allow.mount; allow.mount: can't be true: Nothing is mounted from within a jail: mount does it"
            + " from outside.", "children.max=3; children.max: can't be 3: Jails are made on the host only.",
        "osrelease=14; osrelease: not to be had: uname(2) tells what the kernel is.",
        "sysvshm=inherit; sysvshm: can't be inherit: System V objects are never shared with the host",
        "exec.timeout=-1; exec.timeout: -1: not between 0 and 86400", "devfs_ruleset=7; devfs_ruleset: can't be 7: Linux has no"
            + " rulesets. The /dev of every jail is what 4, devfsrules_jail, makes of it on FreeBSD.",
        "vnet=disable; vnet: unknown jailsys value \"disable\""})
    void whatLinuxHasNot(String word, String message) {
        assertEquals(message, assertThrows(JailException.class, () -> parameters(word).spec("/")).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"allow.nomount", "allow.mount.nodevfs", "children.max=0", "enforce_statfs=1", "enforce_statfs=2",
        "devfs_ruleset=4", "host=new", "exec.fib=0", "linux=new", "novnet", "noip6", "sysvsem=new", "allow.suser"})
    void whatLinuxHasAnyway(String word) {
        parameters(word).spec("/");
    }

    @Test
    void commandsAreKeptApart() {
        var setting = new Setting("exec.start", List.of("a, b", "c"), Position.COMMAND_LINE);
        assertEquals(List.of("a, b", "c"), Parameters.of(List.of(setting)).commands(Parameter.EXEC_START));
    }

    @Test
    void problemsSayWhere() {
        var problems = new ArrayList<String>();
        Parameters.read(List.of(new Setting("flying", List.of(), new Position("/x", 3, 7)),
                new Setting("exec.clean", List.of("y"), new Position("/x", 4, 1))), problems);
        assertEquals(List.of("/x line 3 column 7: unknown parameter: flying",
                "/x line 4 column 1: exec.clean: unknown boolean value \"y\""), problems);
    }
}
