package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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

/** chroot(8), and the known ways out of a root directory. */
class ChrootIT {
    private static final String ADDRESS = "10.9.0.2";
    private static final Tree TREE = Tree.busybox().copy(Path.of("target/stockade"), "sbin/chroot");
    private static final Path SECRET = Tree.empty().file("secret", "").path("secret");

    @RegisterExtension
    final Host host = new Host("10.9.0.1");

    private Running start(Object... words) {
        return host.start(Stream.concat(Stream.of(Host.BIN + "/chroot"), Stream.of(words)).map(Object::toString)
                .toArray(String[]::new));
    }

    private Result chroot(Object... words) {
        return start(words).end();
    }

    private void set(int openDirectories) {
        host.run(Host.BIN + "/sysctl", "-q", "kern.chroot_allow_open_directories=" + openDirectories).said();
    }

    private String escape(String way) {
        return chroot(TREE, "escape", way, SECRET).said();
    }

    /** As plain chroot(2) would have it, by coreutils. */
    private String escapeFromPlain(String way) {
        return host.run("chroot", TREE.toString(), "/bin/escape", way, SECRET.toString()).said();
    }

    @ParameterizedTest
    @CsvSource({
        "working_directory, inside, inside, inside, out",
        "saved_descriptor, EPERM, EPERM, inside, out",
        "saved_path_descriptor, EPERM, EPERM, inside, out",
        "passed_descriptor, inside, inside, inside, out",
        "moved_directory, inside, inside, inside, out",
    })
    void nobodyGetsOutByChangingTheRootAgain(String way, String at0, String at1, String at2, String plain) {
        assertEquals(plain, escapeFromPlain(way));
        assertEquals(at1, escape(way), "by default");
        set(0);
        assertEquals(at0, escape(way));
        set(1);
        assertEquals(at1, escape(way));
        set(2);
        assertEquals(at2, escape(way));
        set(-1);
        assertEquals(at2, escape(way));
    }

    @ParameterizedTest
    @CsvSource({
        "working_directory, inside, inside", "saved_descriptor, EPERM, inside", "saved_path_descriptor, EPERM, inside",
        "passed_descriptor, inside, inside", "moved_directory, inside, inside",
    })
    void norOutOfAJail(String way, String at1, String at2) {
        assertEquals(at1, host.jail(TREE, "jail", ADDRESS, "escape", way, SECRET).said());
        set(0);
        assertEquals(at1, host.jail(TREE, "jail", ADDRESS, "escape", way, SECRET).said());
        set(2);
        assertEquals(at2, host.jail(TREE, "jail", ADDRESS, "escape", way, SECRET).said());
    }

    @Test
    void aDirectoryThatTheHostMovesAwayLeadsNowhere() throws IOException {
        for (var plain : List.of(true, false)) {
            var tree = Tree.busybox();
            var inside = plain ? host.start("chroot", tree.toString(), "/bin/escape", "moved_by_the_host", SECRET.toString())
                    : start(tree, "escape", "moved_by_the_host", SECRET);
            assertEquals("ready", inside.line());
            Files.move(tree.path("nest/in"), Tree.empty().path("moved"));
            inside.type("\n");
            assertEquals(plain ? "out" : "inside", inside.line());
        }
    }

    private Result withDirectory(String redirection, Object... command) {
        return host.run(Stream.concat(Stream.of("bash", "-c", "exec \"$@\" " + redirection, "bash"), Stream.of(command))
                .map(Object::toString).toArray(String[]::new));
    }

    @Test
    void anInheritedDirectoryLeadsOutOnlyIfTheMibSaysSo() {
        var chroot = Host.BIN + "/chroot";
        assertEquals("out", withDirectory("9</", "chroot", TREE, "/bin/escape", "inherited_descriptor", SECRET).said());
        assertEquals("ENOTDIR", withDirectory("9</", chroot, TREE, "escape", "inherited_descriptor", SECRET).said());
        assertEquals("ENOTDIR", withDirectory("9</ </", chroot, TREE, "escape", "inherited_descriptor", SECRET).said());
        set(0);
        for (var redirection : List.of("9</", "</", "19</", "2</")) {
            var result = withDirectory(redirection, chroot, TREE, "escape", "inherited_descriptor", SECRET);
            assertEquals(1, result.status());
            assertEquals(redirection.startsWith("2") ? "" : "chroot: " + TREE + ": Operation not permitted\n", result.errors());
        }
        assertEquals("done", withDirectory("9</etc/passwd", chroot, TREE, "escape", "plain").said());
        set(2);
        assertEquals("out", withDirectory("9</", chroot, TREE, "escape", "inherited_descriptor", SECRET).said());
    }

    /** As after chroot(2), and unlike after pivot_root(2). */
    @Test
    void nobodyMakesAUserNamespace() {
        for (var flag : List.of("unshare 0x10000000", "clone 0x10000000")) {
            var attack = flag.split(" ");
            assertEquals("done", host.run(TREE.path("bin/attack").toString(), attack[0], attack[1]).said());
            assertEquals("EPERM", host.run("chroot", TREE.toString(), "/bin/attack", attack[0], attack[1]).said());
            assertEquals("EPERM", chroot(TREE, "attack", attack[0], attack[1]).said());
        }
        assertEquals("ENOSYS", chroot(TREE, "attack", "clone3").said());
    }

    @Test
    void procMustBeOfTheRightProcesses() {
        var result = host.run("unshare", "--pid", "--fork", Host.BIN + "/chroot", TREE.toString(), "true");
        result.assertFailed("chroot: " + TREE + ": /proc of another pid namespace: No such process");
        assertEquals("", host.run("unshare", "--pid", "--fork", "--mount-proc", Host.BIN + "/chroot", TREE.toString(),
                "escape", "open_and_plain").said().replace("EPERM", ""));
    }

    @Test
    void whatIsNoDirectoryIsInherited() {
        assertEquals("root:x:0:0:root:/root:/bin/bash", withDirectory("9</etc/passwd", Host.BIN + "/chroot", TREE, "sh", "-c",
                "head -n 1 <&9").said());
    }

    @ParameterizedTest
    @ValueSource(strings = {"thread", "child", "other_user", "open_and_plain"})
    void everyCallOfEveryProcessIsRuled(String way) {
        assertEquals("EPERM", host.jail(TREE, "jail", ADDRESS, "escape", way).said());
        assertEquals("done", host.jail(TREE, "jail", ADDRESS, "escape", "plain").said());
        assertRuled(way);
    }

    /** In a jail they kill. */
    @Test
    void callsOf32BitsAreRuled() {
        Host.assume32Bits();
        assertRuled("int80");
    }

    private void assertRuled(String way) {
        assertEquals("done", escapeFromPlain(way));
        assertEquals("EPERM", escape(way));
        assertEquals("done", escape("plain"));
        set(2);
        assertEquals("done", escape(way));
    }

    @Test
    void theRuleChangesUnderRunningPrograms() {
        int jid = host.background(TREE, ADDRESS);
        for (var running : List.of(start(TREE, "escape", "repeat"), host.start(Host.BIN + "/jexec", "" + jid, "escape", "repeat"))) {
            for (int value : new int[] {1, 2, 0, 7, 1}) {
                set(value);
                assertEquals(value == 0 || value == 1 ? "EPERM" : "done", running.type("\n").line(), "at " + value);
            }
        }
    }

    @Test
    void withoutItsUsherThereIsNoChrootInAChroot() throws IOException {
        var running = start(TREE, "escape", "repeat");
        assertEquals("EPERM", running.type("\n").line());
        set(2);
        assertEquals("done", running.type("\n").line());
        kill(usher(running));
        assertEquals("ENOSYS", running.type("\n").line());
        // nor by the commands, which must not take it for the host
        for (var command : List.of("chroot /", "sysctl kern")) {
            var tree = Tree.busybox().directory("run").copy(Path.of("target/stockade"), "sbin/stockade");
            var other = start(tree, "sh", "-c", "echo up; read x; exec /sbin/stockade " + command);
            assertEquals("up", other.line());
            kill(usher(other));
            var result = other.type("\n").end();
            assertTrue(result.errors().endsWith(": Function not implemented\n"), result.toString());
            assertEquals(List.of(), Host.list(tree.path("run")));
        }
    }

    private static String usher(Running chroot) {
        var usher = Host.read(Path.of("/proc/" + chroot.pid() + "/task/" + chroot.pid() + "/children")).strip();
        assertEquals("chroot-usher", Host.read(Path.of("/proc/" + usher + "/comm")).strip());
        return usher;
    }

    private static void kill(String pid) {
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
        while (!Host.read(Path.of("/proc/" + pid + "/stat")).contains(") Z")) {
            Host.pause();
        }
    }

    @Test
    void theUsherIsNoChildThatTheCommandHearsOf() {
        assertEquals("ECHILD", chroot(TREE, "escape", "wait").said());
    }

    @Test
    void theUsherHasNothingOfTheCallers() throws IOException {
        var running = start(TREE, "sh", "-c", "echo up; read x");
        assertEquals("up", running.line());
        var proc = Path.of("/proc/" + usher(running));
        assertEquals("/", Files.readSymbolicLink(proc.resolve("cwd")).toString());
        for (int i = 0; i < 3; i++) {
            assertEquals("/dev/null", Files.readSymbolicLink(proc.resolve("fd/" + i)).toString());
        }
        assertEquals(5, Host.list(proc.resolve("fd")).size(), "and the listener and the MIB");
        assertTrue(Host.read(proc.resolve("status")).contains("CapEff:\t0000000000080004\n"), "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH");
    }

    @Test
    void aChrootWithinAChrootIsTheOuterOnesBusiness() {
        var tree = Tree.busybox().copy(Path.of("target/stockade"), "sbin/chroot").copy(Path.of("/bin/busybox"), "inner/bin/busybox");
        assertEquals("bin", chroot(tree, "/sbin/chroot", "/inner", "/bin/busybox", "ls", "/").said());
        chroot(tree, "sh", "-c", "exec /sbin/chroot /inner /bin/busybox ls / 5</")
                .assertFailed("chroot: /inner: Operation not permitted");
        set(2);
        assertEquals("bin", chroot(tree, "sh", "-c", "exec /sbin/chroot /inner /bin/busybox ls / 5</").said());
        set(1);
        assertEquals("bin", host.jail(tree, "jail", ADDRESS, "/sbin/chroot", "/inner", "/bin/busybox", "ls", "/").said());
    }

    @Test
    void mountsOfTheHostReachInAndThoseInsideStayThere() {
        var running = start(TREE, "sh", "-c", "mount -t tmpfs inside /root; touch /root/in; echo up; read x; ls /mnt");
        assertEquals("up", running.line());
        assertFalse(host.mounts().stream().anyMatch(mount -> mount.contains(" inside ")));
        host.run("mount", "--make-shared", "/").said(); // the test's host is private, a host is not
        var shared = start(TREE, "sh", "-c", "echo up; read x; ls /mnt");
        assertEquals("up", shared.line());
        host.run("mount", "-t", "tmpfs", "outside", TREE.path("mnt").toString()).said();
        host.run("touch", TREE.path("mnt/arrived").toString()).said();
        assertEquals("arrived", shared.type("\n").line());
        assertEquals("", running.type("\n").end().out().replace("up\n", ""));
        host.run("umount", TREE.path("mnt").toString()).said();
        host.run("mount", "--make-private", "/").said();
    }

    @Test
    void nothingOfTheHostsMountsIsSeen() {
        var seen = chroot(TREE, "sh", "-c", "mount -t proc proc /proc && cat /proc/self/mountinfo").said().lines().toList();
        assertEquals(2, seen.size(), seen.toString());
    }

    @Test
    void usersAndGroupsAreTheHosts() {
        assertEquals("uid=0(root) gid=0(root)", chroot(TREE, "id").said().replaceFirst(" groups=.*", ""));
        assertEquals("uid=1 gid=0(root)", chroot("-u", "daemon", TREE, "id").said().replaceFirst(" groups=.*", ""));
        assertEquals("uid=1 gid=2 groups=3,4", chroot("-u", "1", "-g", "bin", "-G", "sys,,4", TREE, "id").said());
        assertEquals("uid=4000000000 gid=0(root)", chroot("-u", "4000000000", TREE, "id").said().replaceFirst(" groups=.*", ""));
        chroot("-u", "nosuch", TREE, "id").assertFailed("chroot: no such user `nosuch'");
        chroot("-g", "nosuch", TREE, "id").assertFailed("chroot: no such group `nosuch'");
        chroot("-G", "sys,nosuch", TREE, "id").assertFailed("chroot: no such group `nosuch'");
        chroot("-u", "4294967295", TREE, "id").assertFailed("chroot: no such user `4294967295'");
    }

    @Test
    void noNewPrivileges() {
        var tree = Tree.busybox().copy(Tree.probe("show"), "bin/su-like").mode("bin/su-like", 04755);
        assertEquals("uid 1000 0 0", chroot("-u", "1000", tree, "su-like", "users").said().substring(0, 12));
        assertEquals("uid 1000 1000 1000", chroot("-n", "-u", "1000", tree, "su-like", "users").said().substring(0, 18));
    }

    @Test
    void withoutACommandTheShell() {
        var tree = Tree.busybox().script("bin/shell", "#!/bin/sh\necho $0 $*\n");
        var run = host.start(List.of(Host.BIN + "/chroot", tree.toString()), Map.of("SHELL", "/bin/shell")).end();
        assertEquals("/bin/shell -i", run.said());
        var sh = host.start(List.of("env", "-u", "SHELL", Host.BIN + "/chroot", tree.toString()), Map.of())
                .type("echo in $-; exit 3\n").end();
        assertTrue(sh.out().contains("in ") && sh.out().contains("i"), sh.toString());
        assertEquals(3, sh.status());
    }

    @Test
    void theCommandBecomesTheProcess() {
        assertEquals(42, chroot(TREE, "sh", "-c", "exit 42").status());
        assertEquals("b", host.start(List.of(Host.BIN + "/chroot", TREE.toString(), "sh", "-c", "echo $A"), Map.of("A", "b")).end().said());
        var running = start(TREE, "sleep", "600");
        running.awaitProgram("sleep");
        running.signal("TERM");
        assertEquals(128 + 15, running.end().status());
    }

    @Test
    void whatIsWrongIsSaidInOneLine() {
        var file = TREE.path("etc/passwd");
        chroot("/nosuch", "true").assertFailed("chroot: /nosuch: No such file or directory");
        chroot(file, "true").assertFailed("chroot: " + file + ": Not a directory");
        chroot(TREE, "nosuch").assertFailed("chroot: nosuch: No such file or directory");
        chroot(TREE, "/etc/passwd").assertFailed("chroot: /etc/passwd: Permission denied");
        host.run("setpriv", "--reuid", "1000", "--clear-groups", Host.BIN + "/chroot", "/")
                .assertFailed("chroot: /: Operation not permitted");
        for (var words : List.of(List.of(), List.of("-u", "", "/"), List.of("-x", "/"))) {
            var result = chroot(words.toArray());
            assertEquals(1, result.status());
            assertTrue(result.errors().endsWith(
                    "usage: chroot [-g group] [-G group,group,...] [-u user] [-n] newroot [command]\n"), result.errors());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chroot", "jail", "jexec"})
    void whatAProgramLacksIsNamed(String command) throws IOException {
        var tree = Tree.busybox().program("/bin/bash").script("bin/script", "#!/usr/bin/nosuch\n");
        Files.delete(tree.path("bin/bash").toRealPath().getParent().resolve("bash"));
        tree.copy(Path.of("/bin/bash"), "usr/bin/bash");
        Files.walk(tree.root()).filter(path -> path.getFileName().toString().startsWith("libtinfo")).forEach(path -> path.toFile().delete());
        int jid = command.equals("jexec") ? host.background(tree, ADDRESS) : 0;
        for (var missing : Map.of("/usr/bin/bash", "libtinfo.so.6", "/bin/script", "/usr/bin/nosuch").entrySet()) {
            var result = switch (command) {
                case "chroot" -> chroot(tree, missing.getKey());
                case "jail" -> host.jail(tree, "jail", ADDRESS, missing.getKey());
                default -> host.jexec(jid, missing.getKey());
            };
            result.assertFailed(command + ": " + (command.equals("chroot") ? "" : "exec ") + missing.getKey() + ": needs "
                    + missing.getValue() + ", which is not under " + tree + " (mkjail adds it)");
        }
    }

    @Test
    void theRootItselfCanBeTheRoot() {
        assertEquals("yes", chroot("/", "sh", "-c", "test -d /proc/self && echo yes").said());
    }
}
