package stockade;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A jail's root attacks what the jail's processes can see of the machine. */
class ConfinementIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";
    private static final String ATTACK = Tree.probe("attack").toString();

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private String inJail(String... command) {
        return host.jail(Stream.concat(Stream.of(TREE, "jail", ADDRESS), Stream.of(command)).toArray()).said();
    }

    private String attackInJail(String attack) {
        return inJail(("attack " + attack).split(" "));
    }

    private String attackOnHost(String attack) {
        return host.run((ATTACK + " " + attack).split(" ")).said();
    }

    @Test
    void capabilitiesAreExactlyThoseOfAVirtualHostsRoot() {
        long kept = Stream.of(0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 15, 18, 19, 29, 31).mapToLong(bit -> 1L << bit).sum();
        var status = inJail("cat", "/proc/self/status");
        assertAll(
                () -> assertEquals(kept, capabilities(status, "CapBnd")),
                () -> assertEquals(kept, capabilities(status, "CapPrm")),
                () -> assertEquals(kept, capabilities(status, "CapEff")),
                () -> assertEquals(0, capabilities(status, "CapInh")),
                () -> assertEquals(0, capabilities(status, "CapAmb")));
    }

    private static long capabilities(String status, String set) {
        return Long.parseLong(field(status, set), 16);
    }

    private static String field(String status, String name) {
        return status.lines().filter(line -> line.startsWith(name + ":")).findFirst().orElseThrow().split("\\s+")[1];
    }

    @Test
    void hostKnowsAProcessByItsJailAndUser() {
        int jid = host.background(TREE, ADDRESS, "sh", "-c", "su user -c 'sleep 600' & exec tail -f /dev/null");
        long base = (1L << 31) + ((long) jid << 16);
        assertEquals(Long.toString(base), uid(host.process(jid, "jail-init")));
        assertEquals(Long.toString(base), uid(host.process(jid, "tail")));
        assertEquals(Long.toString(base + 1000), uid(host.process(jid, "sleep")));
        host.jail("-r", jid).said();
    }

    private static String uid(long pid) {
        return field(Host.read(Path.of("/proc/" + pid + "/status")), "Uid");
    }

    /** A process of the host that has the very uid of the jail's root. */
    private Running twin(int jid) {
        var uid = Long.toString((1L << 31) + ((long) jid << 16));
        var twin = host.start("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "sh", "-c",
                "echo up; exec sleep 600");
        assertEquals("up", twin.line());
        return twin;
    }

    @Test
    void hostProcessOfTheJailsOwnUidIsOutOfReach() {
        int jid = host.background(TREE, ADDRESS);
        var twin = twin(jid);
        assertOutOfReach(jid, twin.pid());
        assertTrue(twin.isAlive());
    }

    @Test
    void processOfAnotherJailIsOutOfReach() {
        int jid = host.background(TREE, ADDRESS);
        long other = host.process(host.background(TREE, "10.7.0.3"), "sleep");
        assertOutOfReach(jid, other);
        assertTrue(Files.exists(Path.of("/proc/" + other)));
    }

    private void assertOutOfReach(int jid, long pid) {
        var before = status(pid);
        for (var attack : List.of("signal %d 9", "signal %d 19", "ptrace %d", "renice %d", "affinity %d", "prlimit %d",
                "pidfd_open %d", "read_memory %d 0x400000")) {
            var words = attack.formatted(pid).split(" ");
            var result = host.jexec(Stream.concat(Stream.of(jid, "attack"), Stream.of(words)).toArray());
            assertEquals("ESRCH", result.said(), attack);
        }
        // not by its pid but as all that root may signal, or all of a user's
        assertEquals("ESRCH", host.jexec(jid, "sh", "-c", "exec attack renice_user 4242").said());
        host.jexec(jid, "attack", "renice_user", "0").said();
        host.jexec(jid, "attack", "signal", "-1", "9");
        assertEquals(before, status(pid));
    }

    private static String status(long pid) {
        var stat = Host.read(Path.of("/proc/" + pid + "/stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        var status = Host.read(Path.of("/proc/" + pid + "/status"));
        boolean goesOn = "RSD".contains(fields[0]);
        return (goesOn ? "goes on" : "state " + fields[0]) + " nice " + fields[16] + " cpus "
                + field(status, "Cpus_allowed") + " tracer " + field(status, "TracerPid") + " "
                + Host.read(Path.of("/proc/" + pid + "/limits")).lines().filter(l -> l.contains("open files")).toList();
    }

    @Test
    void outsideAJailTheSameAttacksReachAProcess() {
        var victim = host.start("sleep", "600");
        var user = host.start("setpriv", "--reuid", "4242", "--clear-groups", "sleep", "600");
        victim.awaitProgram("sleep");
        user.awaitProgram("sleep");
        var before = status(user.pid());
        assertEquals("done", attackOnHost("renice_user 4242"));
        assertNotEquals(before, status(user.pid()));
        for (var attack : List.of("renice %d", "affinity %d", "prlimit %d", "pidfd_open %d", "ptrace %d",
                "signal %d 9")) {
            assertEquals("done", attackOnHost(attack.formatted(victim.pid())), attack);
        }
        assertEquals(128 + 9, victim.end().status());
    }

    @Test
    void onlyTheJailsProcessesAreSeen() {
        int jid = host.background(TREE, ADDRESS);
        var seen = host.jexec(jid, "ps", "-o", "comm").said().lines().toList();
        assertEquals(List.of("COMMAND", "jail-init", "sleep", "ps"), seen);
        assertTrue(host.run("ps", "-eo", "comm").said().lines().count() > 10);
    }

    @Test
    void aUserNumberOfTheJailIsNotTheHosts() {
        // uid 65534 and below are the jail's own; there is no name for any other
        assertEquals("done", attackInJail("setuid 65535"));
        assertEquals("EINVAL", attackInJail("setuid 65536"));
        assertEquals("EINVAL", attackInJail("setuid 0x80010000"));
        assertEquals("done", attackOnHost("setuid 65536"));
    }

    @Test
    void sysctlsCanNotBeWritten() {
        var writable = "find /proc/sys -type f -perm -200 2>/dev/null | while read f; do"
                + " [ $(attack open_to_write $f) = done ] && echo $f; done; true";
        assertEquals("", inJail("sh", "-c", writable));
        // the jail's root owns those of its ipc namespace, so that only the mount is in the way
        assertEquals("EROFS", attackInJail("open_to_write /proc/sys/kernel/shmmax"));
        assertEquals("EACCES", attackInJail("open_to_write /proc/sys/kernel/hostname"));
        assertEquals("done", attackOnHost("open_to_write /proc/sys/kernel/shmmax"));
        assertEquals("done", attackOnHost("open_to_write /proc/sys/kernel/hostname"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/kmsg", "/proc/timer_list", "/proc/vmallocinfo", "/proc/kpagecount", "/proc/kpageflags"})
    void whatOnlyTheHostsRootMayReadIsRefused(String file) {
        assertEquals(Path.of(file).toFile().canRead() ? "EACCES" : "ENOENT", attackInJail("open " + file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/kallsyms"})
    void whatTellsOfTheMachineIsEmpty(String file) {
        var read = "[ ! -e %s ] || timeout 1 head -c 100 %s".formatted(file, file);
        assertEquals("", inJail("sh", "-c", read));
        if (file.equals("/proc/key-users") || file.equals("/proc/kallsyms")) {
            assertNotEquals("", host.run("sh", "-c", read).said());
        }
    }

    @Test
    void sysrqCanNotBeTriggered() {
        boolean there = attackOnHost("open_to_write /proc/sysrq-trigger").equals("done");
        assertEquals(there ? "EACCES" : "ENOENT", attackInJail("open_to_write /proc/sysrq-trigger"));
    }

    /** Pressure, which any user of Linux may watch, is watched by writing. */
    @Test
    void nothingOfProcButOwnProcessesCanBeWritten() {
        var writable = "find /proc -path '/proc/[0-9]*' -prune -o -path /proc/pressure -prune"
                + " -o -type f -perm -200 -print 2>/dev/null | while read f; do"
                + " [ $(attack open_to_write $f) = done ] && echo $f; done; true";
        assertEquals("", inJail("sh", "-c", writable));
    }

    @ParameterizedTest
    @CsvSource({
        "open /proc/1/mem, EACCES",
        "open_to_write /proc/1/mem, EACCES",
        "open /proc/1/environ, EACCES",
        "open /proc/1/maps, EACCES",
        "readlink /proc/1/root, EACCES",
        "readlink /proc/1/cwd, EACCES",
        "readlink /proc/1/exe, EACCES",
        "open_to_write /proc/1/exe, EACCES",
        "list /proc/1/root/, EACCES",
        "list /proc/1/fd, EACCES",
        "readlink /proc/1/ns/net, EACCES",
        "ptrace 1, EPERM",
        "read_memory 1 0x400000, EPERM",
    })
    void jailsInitGivesNothingAway(String attack, String refusal) {
        assertEquals(refusal, attackInJail(attack));
    }

    @Test
    void ownProcessesCanBeTraced() {
        assertEquals("done", inJail("sh", "-c", "sleep 5 & attack ptrace $!; kill $!"));
        assertEquals("done", inJail("sh", "-c", "sleep 5 & attack readlink /proc/$!/exe; kill $!"));
    }

    @Test
    void initCanNotBeKilledOrStoppedFromInside() {
        int jid = host.background(TREE, ADDRESS);
        for (var signal : List.of("KILL", "STOP", "TERM", "CHLD", "HUP", "USR1")) {
            host.jexec(jid, "kill", "-" + signal, "1").said();
        }
        assertEquals("alive", host.jexec(jid, "echo", "alive").said());
    }

    /** Its user is the jail's root: with no descriptors, or no time, it would end, or leave its warden waiting. */
    @ParameterizedTest
    @ValueSource(strings = {"prlimit 1", "affinity 1", "renice 1", "renice_group 0", "renice_user 0"})
    void initsLimitsAreNotTheJails(String attack) {
        assertEquals("EPERM", attackInJail(attack));
    }

    @Test
    void deviceNodesInTheTreeDoNotWork() {
        var tree = Tree.busybox().device("tmp/zero", 1, 5).device("tmp/kmsg", 1, 11);
        assertEquals("done", attackOnHost("open " + tree.path("tmp/zero")));
        assertEquals("EACCES", host.jail(tree, "jail", ADDRESS, "attack", "open", "/tmp/zero").said());
        assertEquals("EACCES", host.jail(tree, "jail", ADDRESS, "attack", "open", "/tmp/kmsg").said());
    }

    @Test
    void devHasHarmlessDevicesOnly() {
        var nodes = inJail("sh", "-c", "cd /dev; find . -type c -o -type b | sort");
        assertEquals(List.of("./full", "./null", "./pts/ptmx", "./random", "./tty", "./urandom", "./zero"),
                nodes.lines().toList());
        assertEquals("00", inJail("sh", "-c", "head -c 1 /dev/zero | od -An -tx1; echo x >/dev/null").strip());
        assertEquals("touch: /dev/null: Read-only file system", inJail("sh", "-c", "touch /dev/null 2>&1; true").strip());
        assertEquals("16", inJail("sh", "-c", "head -c 16 /dev/urandom | wc -c"));
        assertEquals("x", inJail("sh", "-c", "echo x >/dev/shm/x; cat /dev/shm/x"));
    }

    @Test
    void noDescriptorOfTheCallerIsInTheJail() {
        var give = Tree.probe("give").toString();
        var outside = host.run(give, "descriptors", Tree.probe("show").toString(), "descriptors").said();
        assertTrue(outside.lines().count() > 48, outside);
        var inside = host.run(give, "descriptors", Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS, "show",
                "descriptors");
        assertEquals("0\n1\n2", inside.said());
        int jid = host.background(TREE, "10.7.0.3");
        inside = host.run(give, "descriptors", Host.BIN + "/jexec", jid + "", "show", "descriptors");
        assertEquals("0\n1\n2", inside.said());
    }

    @Test
    void attachedCommandsAreAsConfinedAsTheFirst() {
        var confinement = "cd /proc/self/ns; readlink *; grep -E 'Cap|Seccomp|NoNewPrivs' /proc/self/status;"
                + " cat /proc/self/uid_map /proc/self/cgroup | grep -v :/.*[a-z]; cat /proc/self/mountinfo";
        var jail = host.startJail("-i", TREE, "jail", ADDRESS, "sh", "-c", confinement + "; echo end; exec sleep 600");
        int jid = Integer.parseInt(jail.line());
        jail.await("\nend\n");
        assertEquals(jail.out().substring(jail.out().indexOf('\n') + 1).replace("end\n", ""),
                host.jexec(jid, "sh", "-c", confinement).out());
    }

    @Test
    void aDirectoryAsStandardInputIsRefused() {
        for (var redirection : Map.of("stdin", "0<", "stdout", "1<", "stderr", "2<").entrySet()) {
            var result = host.run("sh", "-c", "exec 5>&2; exec \"$@\" " + redirection.getValue() + "/tmp; ", "sh",
                    Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS, "ls", "-l", "/proc/self/fd/0/");
            assertEquals(1, result.status(), redirection.getKey());
            if (!redirection.getKey().equals("stderr")) {
                assertEquals("jail: " + redirection.getKey() + ": Is a directory\n", result.errors());
            }
            host.assertNothingLeft();
        }
        int jid = host.background(TREE, ADDRESS);
        var result = host.run("sh", "-c", "exec \"$@\" </tmp", "sh", Host.BIN + "/jexec", jid + "", "true");
        result.assertFailed("jexec: stdin: Is a directory");
    }

    @Test
    void workingDirectoryIsInTheJail() {
        var result = host.run("sh", "-c", "cd /usr; exec \"$@\"", "sh", Host.BIN + "/jail", TREE.toString(), "jail",
                ADDRESS, "sh", "-c", "pwd; readlink /proc/self/cwd; readlink /proc/self/root; ls -d ../bin");
        assertEquals(List.of("/", "/", "/", "../bin"), result.said().lines().toList());
    }

    @Test
    void aSecondChrootDoesNotLeadOut() {
        // outside, chroot(2) into the tree is left that way
        assertEquals("done", host.run("chroot", TREE.toString(), "attack", "second_chroot", "/bin/mount").said());
        var secret = Tree.empty().file("secret", "");
        assertEquals("done", host.run("chroot", TREE.toString(), "attack", "second_chroot",
                secret.path("secret").toString()).said());
        assertEquals("EPERM", inJail("attack", "second_chroot", secret.path("secret").toString()));
        host.run(Host.BIN + "/sysctl", "kern.chroot_allow_open_directories=2").said();
        assertEquals("ENOENT", inJail("attack", "second_chroot", secret.path("secret").toString()));
    }

    @Test
    void setuidProgramsWorkWithinTheJail() {
        var tree = Tree.busybox().copy(Tree.probe("show"), "bin/su-like").mode("bin/su-like", 04755);
        assertEquals("uid 1000 0 0 gid 1000 1000 1000 groups 1000 2000",
                host.jail("-U", "user", tree, "jail", ADDRESS, "su-like", "users").said());
        assertEquals("uid 1000 1000 1000 gid 1000 1000 1000 groups 1000 2000",
                host.jail("-U", "user", tree, "jail", ADDRESS, "show", "users").said());
    }

    @Test
    void ownersOnDiskAreTheJailsNumbers() {
        var tree = Tree.busybox();
        host.jail(tree, "jail", ADDRESS, "sh", "-c",
                "touch /tmp/root; su user -c 'touch /tmp/user'; touch /tmp/given; chown 33:44 /tmp/given").said();
        assertEquals(0, tree.attribute("tmp/root", "uid"));
        assertEquals(0, tree.attribute("tmp/root", "gid"));
        assertEquals(1000, tree.attribute("tmp/user", "uid"));
        assertEquals(1000, tree.attribute("tmp/user", "gid"));
        assertEquals(33, tree.attribute("tmp/given", "uid"));
        assertEquals(44, tree.attribute("tmp/given", "gid"));
        assertEquals("0 1000 33", host.jail(tree, "jail", ADDRESS, "sh", "-c",
                "echo $(stat -c %u /tmp/root /tmp/user /tmp/given)").said());
    }

    @Test
    void aFileOfAnOwnerThatTheJailDoesNotHaveIsNobodys() {
        var tree = Tree.busybox().file("tmp/foreign", "").mode("tmp/foreign", 0600).owner("tmp/foreign", 70000);
        assertEquals("EACCES", host.jail(tree, "jail", ADDRESS, "attack", "open", "/tmp/foreign").said());
        assertEquals(70000, tree.attribute("tmp/foreign", "uid"));
    }

    @Test
    void mountsOfHostAndJailAreApart() {
        var before = host.mounts();
        int jid = host.background(TREE, ADDRESS);
        assertEquals(before, host.mounts());
        var mounts = host.jexec(jid, "cat", "/proc/self/mountinfo").said();
        assertFalse(mounts.contains("shared:") || mounts.contains("master:"), mounts);
        assertEquals(1, mounts.lines().filter(line -> line.split(" ")[4].equals("/")).count(), mounts);
        // what the host mounts later does not come in
        host.run("mount", "-t", "tmpfs", "late", TREE.path("mnt").toString()).said();
        assertEquals(mounts, host.jexec(jid, "cat", "/proc/self/mountinfo").said());
        host.run("umount", TREE.path("mnt").toString()).said();
    }

    /** Most hosts share their mounts, as systemd sets them up; the tests' does not. */
    @Test
    void mountsOfASharingHostAreApart() {
        var result = host.run("unshare", "--mount", "sh", "-ec", """
                mount --make-rshared /
                cat /proc/self/mountinfo >/run/before
                "$@" >/run/inside &
                until [ -s /run/inside ] || ! kill -0 $!; do sleep 0.01; done 2>/dev/null
                cat /proc/self/mountinfo >/run/during
                mount -t tmpfs late "$2/mnt"
                touch "$2/mnt/late"
                wait $!
                cat /run/inside
                cmp /run/before /run/during
                """, "sh", Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS, "sh", "-c",
                "echo up; sleep 0.2; ls /mnt; grep -E 'shared:|master:' /proc/self/mountinfo; true");
        assertEquals("up", result.said());
    }

    @Test
    void aFileOnStandardInputGivesNoMoreThanItIs() {
        var file = Tree.empty().file("secret", "secret").mode("secret", 0600).path("secret").toString();
        var attack = "exec \"$@\" <" + file;
        assertEquals("done", host.run("sh", "-c", attack, "sh", ATTACK, "open_to_write", "/proc/self/fd/0").said());
        for (var how : List.of("open", "open_to_write")) {
            assertEquals("EACCES", host.run("sh", "-c", attack, "sh", Host.BIN + "/jail", TREE.toString(), "jail",
                    ADDRESS, "attack", how, "/proc/self/fd/0").said());
        }
    }

    @Test
    void hostnameIsTheJailsAlone() {
        var before = host.run("hostname").said();
        assertEquals("www.example.org", host.jail(TREE, "www.example.org", ADDRESS, "hostname").said());
        assertEquals(before, host.run("hostname").said());
    }

    @Test
    void cgroupsOfTheHostAreNotSeen() {
        assertEquals("0::/", inJail("grep", "^0:", "/proc/self/cgroup"));
    }
}
