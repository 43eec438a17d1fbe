package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** sysctl(8) and the MIB. */
class SysctlIT {
    private static final String ADDRESS = "10.9.0.2";
    private static final String IPC = "security.jail.sysvipc_allowed";

    @RegisterExtension
    final Host host = new Host();

    private Result sysctl(Object... words) {
        return host.run(Stream.concat(Stream.of(Host.BIN + "/sysctl"), Stream.of(words)).map(Object::toString)
                .toArray(String[]::new));
    }

    private Result sysctlAs(int uid, String... words) {
        return host.run(Stream.concat(Stream.of("setpriv", "--reuid", "" + uid, "--clear-groups", Host.BIN + "/sysctl"),
                Stream.of(words)).toArray(String[]::new));
    }

    private void assertOutput(String out, String errors, int status, Object... words) {
        var result = sysctl(words);
        assertEquals(out, result.out());
        assertEquals(errors, result.errors());
        assertEquals(status, result.status());
    }

    @Test
    void allIsInTreeOrderWithTheirInitialValues() {
        var all = sysctl("-a").said().lines().toList();
        assertEquals(List.of("kern.chroot_allow_open_directories: 1", "security.jail.set_hostname_allowed: 1",
                "security.jail.socket_unixiproute_only: 1", "security.jail.sysvipc_allowed: 0",
                "security.jail.allow_raw_sockets: 0", "security.jail.chflags_allowed: 0", "security.jail.mlock_allowed: 0",
                "security.jail.mount_allowed: 0", "security.jail.enforce_statfs: 1", "security.jail.jail_max_af_ips: 255",
                "security.jail.jailed: 0", "security.jail.vnet: 0", "security.jail.children.cur: 0",
                "security.jail.children.max: 32766"), all.subList(0, 14));
        assertTrue(all.subList(14, all.size()).stream().allMatch(line -> line.startsWith("security.jail.param.")));
        assertTrue(all.containsAll(List.of("security.jail.param.allow.sysvipc: 0", "security.jail.param.name: 256",
                "security.jail.param.host.hostname: 65")), all.toString());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '|', value = {
        "security.jail.sysvipc_allowed, security.jail.sysvipc_allowed: 0",
        "-n security.jail.sysvipc_allowed, 0",
        "-e security.jail.sysvipc_allowed, security.jail.sysvipc_allowed=0",
        "-N security.jail.sysvipc_allowed, security.jail.sysvipc_allowed",
        "-x security.jail.sysvipc_allowed, security.jail.sysvipc_allowed: 0000000000",
        "-x security.jail.jail_max_af_ips, security.jail.jail_max_af_ips: 0x000000ff",
        "-nx kern.chroot_allow_open_directories, 0x00000001",
        "-d security.jail.jailed, security.jail.jailed: Process in jail?",
        "-dn security.jail.jailed, Process in jail?",
        "-de security.jail.jailed, security.jail.jailed=Process in jail?",
        "-t security.jail.jailed, security.jail.jailed: integer",
        "-a -n security.jail.jailed, 0",
        "jail.sysvipc_allowed, security.jail.sysvipc_allowed: 0",
        "kern, kern.chroot_allow_open_directories: 1",
        "-h security.jail.children.max, security.jail.children.max: 32766",
        "-w security.jail.jailed, security.jail.jailed: 0",
    })
    void formats(String words, String out) {
        assertEquals(out, host.start(Stream.concat(Stream.of("env", "LC_ALL=C", Host.BIN + "/sysctl"),
                Stream.of(words.split(" "))).toList(), Map.of()).end().said());
    }

    @Test
    void aNodeIsAllBelowIt() {
        assertEquals("security.jail.children.cur: 0\nsecurity.jail.children.max: 32766",
                sysctl("security.jail.children").said());
        assertEquals("security.jail.children: Limits and stats on child jails\nsecurity.jail.children.cur: Current number"
                + " of child jails\nsecurity.jail.children.max: Maximum number of child jails",
                sysctl("-d", "security.jail.children").said());
        assertEquals("0\n32766", sysctl("-n", "jail.children").said());
        assertTrue(sysctl("jail").said().startsWith("security.jail.set_hostname_allowed: 1\n"));
        assertEquals("32,766", host.start(List.of(Host.BIN + "/sysctl", "-hn", "security.jail.children.max"),
                Map.of("LC_ALL", "en_US.UTF-8")).end().said());
    }

    /** So many that the garbage collector runs: all of them arrive, and in order. */
    @Test
    void asManyWordsAsExecTakes() {
        var words = new ArrayList<>(List.of(Host.BIN + "/sysctl", "-N"));
        var expected = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            var name = List.of("security.jail.jailed", "security.jail.vnet", "security.jail.children.max").get(i % 3);
            words.add(name);
            expected.append(name).append('\n');
        }
        assertEquals(expected.toString(), host.start(words, Map.of()).end().out());
    }

    @Test
    void whatIsSetIsTold() {
        assertOutput(IPC + ": 0 -> 1\n", "", 0, IPC + "=1");
        assertOutput("1 -> 1\n", "", 0, "-n", "jail.sysvipc_allowed=7");
        assertOutput(IPC + "=1 -> 0\n", "", 0, "-e", IPC + ":0");
        assertOutput("", "", 0, "-q", IPC + " = \"1\"");
        assertOutput(IPC + ": 1\n", "", 0, IPC);
        assertOutput("kern.chroot_allow_open_directories: 1 -> -16\n", "", 0, "kern.chroot_allow_open_directories=-0x10");
        assertOutput("kern.chroot_allow_open_directories: 0xfffffff0 -> 0x00000001\n", "", 0, "-x",
                "kern.chroot_allow_open_directories=01");
    }

    @Test
    void mistakesAreSaidCountedAndChangeNothing() {
        assertOutput("", "sysctl: unknown oid 'kern.nosuch'\n", 1, "kern.nosuch");
        assertOutput("", "sysctl: unknown oid 'kern.nosuch'\n", 1, "kern.nosuch=1");
        assertOutput("", "", 1, "-q", "kern.nosuch");
        assertOutput("", "", 0, "-i", "kern.nosuch");
        assertOutput("", "sysctl: oid 'security.jail.jailed' is read only\n", 1, "security.jail.jailed=1");
        assertOutput("", "sysctl: oid 'security.jail.param.path' is read only\n", 1, "security.jail.param.path=1");
        assertOutput("", "sysctl: oid 'security.jail' isn't a leaf node\n", 1, "security.jail=1");
        assertOutput("", "sysctl: invalid integer 'on'\n", 1, IPC + "=on");
        assertOutput("", "sysctl: empty numeric value\n", 1, IPC + "=");
        assertOutput("", "sysctl: security.jail.mount_allowed=1: value is not available\n", 1, "security.jail.mount_allowed=1");
        assertOutput("", "sysctl: security.jail.enforce_statfs=2: value is not available\n", 1,
                "security.jail.enforce_statfs=2");
        assertOutput("", "sysctl: jail.jail_max_af_ips=-1: Invalid argument\n", 1, "jail.jail_max_af_ips=-1");
        assertOutput(IPC + ": 0 -> 1\n", "sysctl: unknown oid 'a'\nsysctl: unknown oid 'b'\n", 2, "a", IPC + "=1", "b");
        assertOutput(IPC + ": 1\n", "", 0, IPC);
        for (var words : List.of(List.of(), List.of("-N", "-n", IPC), List.of("-Z"))) {
            var result = sysctl(words.toArray());
            assertEquals(1, result.status());
            assertTrue(result.errors().contains("usage: sysctl "), result.errors());
        }
    }

    @Test
    void everybodyReadsAndRootSets() {
        assertEquals("0", sysctlAs(1000, "-n", IPC).said()); // before there is a file
        sysctl(IPC + "=1").said();
        assertEquals("1", sysctlAs(1000, "-n", IPC).said());
        var refused = sysctlAs(1000, IPC + "=0");
        assertEquals("sysctl: " + IPC + "=0: Operation not permitted\n", refused.errors());
        assertEquals(1, refused.status());
        assertEquals("1", sysctl("-n", IPC).said());
    }

    @Test
    void aFileIsReadLineByLine() {
        var file = Tree.empty().file("f", "# hello\n" + IPC + "=1\n\nkern.nosuch=1\njail.mlock_allowed = 1 # last\n").path("f");
        assertOutput(IPC + ": 0 -> 1\nsecurity.jail.mlock_allowed: 0 -> 1\n",
                "sysctl: unknown oid 'kern.nosuch' at line 4\n", 1, "-f", file);
        assertOutput("", "sysctl: /nosuch: No such file or directory\n", 66, "-f", "/nosuch");
    }

    @Test
    void theConfigurationIsThereFromTheFirstUseOn() {
        var tree = Tree.busybox();
        var conf = host.run("sh", "-c", "mkdir -p /run/upper /run/work && mount -t overlay none -o "
                + "lowerdir=/etc,upperdir=/run/upper,workdir=/run/work /etc && mkdir -p /etc/stockade && "
                + "echo 'security.jail.sysvipc_allowed=1' >/etc/stockade/sysctl.conf");
        assertEquals("", conf.errors());
        assertEquals("1", sysctl("-n", IPC).said());
        assertEquals("done", host.jail(tree, "jail", ADDRESS, "permit", "sem").said());
        sysctl(IPC + "=0").said();
        assertEquals("ENOSYS", host.jail(tree, "jail", ADDRESS, "permit", "sem").said()); // read once, as at boot
        host.run("sh", "-c", "rm -r /run/stockade; echo 'security.jail.sysvipc_alowed=1' >/etc/stockade/sysctl.conf").said();
        host.jail(tree, "jail", ADDRESS, "true").assertFailed(
                "jail: /etc/stockade/sysctl.conf: unknown oid 'security.jail.sysvipc_alowed' at line 1");
        host.run("umount", "/etc").said();
    }

    @Test
    void withinAJailTheValuesAreTheJailsAndReadOnly() {
        var tree = Tree.busybox().copy(Path.of("target/stockade"), "sbin/sysctl");
        int jid = host.background(tree, ADDRESS);
        int other = host.background(tree, "10.9.0.3");
        host.jail("-m", "jid=" + jid, "allow.sysvipc", "allow.socket_af").said();
        assertEquals("1\n1\n0\n0\n0", host.jexec(jid, "/sbin/sysctl", "-n", "security.jail.jailed", IPC,
                "security.jail.socket_unixiproute_only", "security.jail.children.max", "security.jail.children.cur").said());
        assertEquals("0\n1", host.jexec(other, "/sbin/sysctl", "-n", IPC, "security.jail.socket_unixiproute_only").said());
        assertEquals("2", sysctl("-n", "security.jail.children.cur").said());
        for (var assignment : List.of(IPC + "=1", "kern.chroot_allow_open_directories=2")) {
            host.jexec(jid, "/sbin/sysctl", assignment)
                    .assertFailed("sysctl: " + assignment + ": Operation not permitted");
        }
        assertEquals("0\n1", sysctl("-n", IPC, "kern.chroot_allow_open_directories").said());
    }

    @Test
    void withinAChrootTheValuesAreTheHosts() {
        var tree = Tree.busybox().copy(Path.of("target/stockade"), "sbin/sysctl");
        sysctl("kern.chroot_allow_open_directories=5").said();
        sysctl("kern.chroot_allow_open_directories=-1").said();
        assertEquals("-1", host.run(Host.BIN + "/chroot", tree.toString(), "/sbin/sysctl", "-n", "kern").said());
        sysctl("kern.chroot_allow_open_directories=5").said();
        assertEquals("5\n0", host.run(Host.BIN + "/chroot", tree.toString(), "/sbin/sysctl", "-n",
                "kern.chroot_allow_open_directories", "security.jail.jailed").said());
    }

    @Test
    void aFileThatWasCutHasTheInitialValues() {
        sysctl(IPC + "=1").said();
        host.run("truncate", "-s", "4", "/run/stockade/mib").said();
        sysctl("security.jail.jail_max_af_ips=7").said();
        assertEquals("0\n1\n1\n7", sysctl("-n", IPC, "security.jail.socket_unixiproute_only", "security.jail.enforce_statfs",
                "security.jail.jail_max_af_ips").said());
    }

    @Test
    void noMoreAddressesThanTheMibAllows() {
        var tree = Tree.busybox();
        sysctl("security.jail.jail_max_af_ips=0").said();
        host.jail(tree, "jail", ADDRESS, "true").assertFailed("jail: too many IPv4 addresses");
        assertEquals("", host.jail(tree, "jail", "", "true").said());
        sysctl("security.jail.jail_max_af_ips=1").said();
        assertEquals("", host.jail(tree, "jail", ADDRESS, "true").said());
    }
}
