package stockade;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a jail may do is decided when it does it: each permission off, on and off again in one running jail. */
class PermissionIT {
    private static final String HOST_ADDRESS = "10.9.0.1";
    private static final String ADDRESS = "10.9.0.2";
    private static final Tree TREE = Tree.busybox().program("/bin/bash").program("/usr/bin/chattr")
            .program("/usr/bin/lsattr").program("/usr/bin/ipcmk").file("tmp/file", "").file("tmp/other", "").file("tmp/owned", "")
            .owner("tmp/owned", 1000);

    @RegisterExtension
    final Host host = new Host(HOST_ADDRESS, "10.9.0.3");

    /** A program that runs on in the jail: what it may do changes under its feet. */
    private final class Lasting {
        private final Running running;
        private final String end;

        private Lasting(int jid, String end, Object... command) {
            this.end = end;
            running = host.start(Stream.concat(Stream.of(Host.BIN + "/jexec", jid), Stream.of(command))
                    .map(Object::toString).toArray(String[]::new));
        }

        String say(String words) {
            return running.type(words + end + "\n").line();
        }
    }

    private Lasting probe(int jid) {
        return new Lasting(jid, "", "permit", "-");
    }

    /** A shell that answers each line with "done", or the last line of what was said on stderr. */
    private Lasting bash(int jid) {
        return new Lasting(jid, " 2>&1 >/dev/null | tail -n 1 | sed 's/.*: //;$!d' | (read -r e && echo \"$e\" || echo done)",
                "bash", "--norc");
    }

    private void tell(int jid, String words) {
        host.jail("-m", "jid=" + jid, words).said();
    }

    private void set(String assignment) {
        host.run(Host.BIN + "/sysctl", "-q", assignment).said();
    }

    @ParameterizedTest
    @CsvSource({
        "allow.set_hostname, sethostname other, EPERM",
        "allow.set_hostname, setdomainname other, EPERM",
        "allow.sysvipc, shm, ENOSYS",
        "allow.sysvipc, msg, ENOSYS",
        "allow.sysvipc, sem, ENOSYS",
        "allow.socket_af, socket 16 3 15, EPROTONOSUPPORT", // netlink: kobject events
        "allow.socket_af, socket 17 3 768, EPROTONOSUPPORT", // AF_PACKET
        "allow.raw_sockets, socket 2 3 1, EPERM",
        "allow.raw_sockets, socket 2 3 255, EPERM",
        "allow.chflags, immutable /tmp/file, EPERM",
        "allow.chflags, append /tmp/file, EPERM",
        "allow.chflags, immutable /tmp/owned, EPERM",
        "allow.chflags, xflags /tmp/file, EPERM",
        "allow.reserved_ports, port 81 6, EACCES",
        "allow.reserved_ports, port 1023 17, EACCES",
        "allow.mlock, mlock, EPERM",
        "allow.mlock, mlock2, EPERM",
        "allow.mlock, mlockall, EPERM",
        "allow.mlock, map_locked, EPERM",
        "allow.mlock, secret, EPERM",
        "allow.mlock, munlock, EPERM",
        "allow.mlock, munlockall, EPERM",
        "allow.read_msgbuf, messages, EPERM",
    })
    void offOnAndOffAgainForAProgram(String permission, String attempt, String refusal) {
        int jid = host.background(TREE, ADDRESS);
        var probe = probe(jid);
        var no = permission.replace("allow.", "allow.no");
        tell(jid, no);
        assertEquals(refusal, probe.say(attempt));
        tell(jid, permission);
        assertEquals("done", probe.say(attempt));
        if (permission.equals("allow.chflags")) {
            assertEquals("done", probe.say("mutable " + attempt.split(" ")[1])); // else it could not be changed again
        }
        tell(jid, no);
        assertEquals(refusal, probe.say(attempt));
    }

    @ParameterizedTest
    @CsvSource({
        "allow.set_hostname, hostname other, Operation not permitted",
        "allow.sysvipc, ipcmk -Q, Function not implemented",
        "allow.sysvipc, ipcmk -M 4096, Function not implemented",
        "allow.raw_sockets, ping -c 1 10.9.0.2, permission denied (are you root?)",
        "allow.chflags, chattr +i /tmp/file, Operation not permitted while setting flags on /tmp/file",
        "allow.reserved_ports, timeout 0.1 nc -l -p 81, Permission denied",
        "allow.mlock, permit mlock | grep -q done || echo Operation not permitted >&2, Operation not permitted",
        "allow.socket_af, permit socket 16 3 15 | grep -q done || echo Protocol not supported >&2, Protocol not supported",
        "allow.read_msgbuf, dmesg, Operation not permitted",
    })
    void offOnAndOffAgainForBash(String permission, String command, String refusal) {
        int jid = host.background(TREE, ADDRESS);
        var bash = bash(jid);
        var no = permission.replace("allow.", "allow.no");
        var words = "{ " + command + "; }";
        tell(jid, no);
        assertEquals(refusal, bash.say(words));
        tell(jid, permission);
        assertEquals("done", bash.say(words).replace("Terminated", "done"));
        if (permission.equals("allow.chflags")) {
            assertEquals("done", bash.say("{ chattr -i /tmp/file; }"));
        }
        tell(jid, no);
        assertEquals(refusal, bash.say(words));
    }

    @ParameterizedTest
    @CsvSource({
        "security.jail.set_hostname_allowed, 0, allow.set_hostname, sethostname other, EPERM",
        "security.jail.sysvipc_allowed, 0, allow.sysvipc, msg, ENOSYS",
        "security.jail.socket_unixiproute_only, 1, allow.socket_af, socket 16 3 15, EPROTONOSUPPORT",
        "security.jail.allow_raw_sockets, 0, allow.raw_sockets, socket 2 3 1, EPERM",
        "security.jail.chflags_allowed, 0, allow.chflags, append /tmp/file, EPERM",
        "security.jail.mlock_allowed, 0, allow.mlock, mlock, EPERM",
    })
    void jailsThatWereNotToldFollowTheMib(String entry, int forbid, String permission, String attempt, String refusal) {
        int jid = host.background(TREE, ADDRESS);
        int told = host.background(TREE, "10.9.0.4");
        tell(told, permission.replace("allow.", "allow.no"));
        var probe = probe(jid);
        var other = probe(told);
        for (int round = 0; round < 2; round++) {
            set(entry + "=" + forbid);
            assertEquals(refusal, probe.say(attempt));
            set(entry + "=" + (1 - forbid));
            assertEquals("done", probe.say(attempt));
            assertEquals(refusal, other.say(attempt.replace("file", "other")), "told otherwise");
            if (attempt.startsWith("append")) {
                assertEquals("done", probe.say("mutable /tmp/file"));
            }
        }
        tell(told, permission);
        set(entry + "=" + forbid);
        assertEquals("done", other.say(attempt.replace("file", "other")));
        assertEquals("false", host.jls("-j", jid, permission).said());
        assertEquals("true", host.jls("-j", told, permission).said());
        if (attempt.startsWith("append")) {
            assertEquals("done", other.say("mutable /tmp/other"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sethostname x", "setdomainname x", "socket 2 3 1", "append /tmp/owned", "port 80 6"})
    void permissionsAreTheRootsOfTheJail(String attempt) {
        int jid = host.background(TREE, ADDRESS);
        for (var permission : List.of("set_hostname", "raw_sockets", "chflags", "reserved_ports")) {
            tell(jid, "allow." + permission);
        }
        assertEquals(attempt.startsWith("port") ? "EACCES" : "EPERM",
                host.jexec(Stream.concat(Stream.of("-U", "user", jid, "permit"), Stream.of(attempt.split(" "))).toArray())
                        .said());
    }

    @Test
    void outsideAllOfThemCanBeHad() {
        var permit = TREE.path("bin/permit").toString();
        for (var attempt : List.of("shm", "msg", "sem", "socket 16 3 15", "socket 17 3 768", "socket 2 3 1", "mlock",
                "munlockall", "port 81 6", "messages", "append " + TREE.path("tmp/file"), "mutable " + TREE.path("tmp/file"))) {
            assertEquals("done", host.run((permit + " " + attempt).split(" ")).said(), attempt);
        }
    }

    @Test
    void aHostnameIsOfThatJailOnly() {
        var before = host.run("uname", "-n").said();
        int jid = host.background(TREE, ADDRESS);
        int other = host.background(TREE, "10.9.0.4");
        var bash = bash(jid);
        bash.say("hostname renamed.example.org");
        assertAll(
                () -> assertEquals("renamed.example.org", host.jexec(jid, "uname", "-n").said()),
                () -> assertEquals("renamed.example.org", host.jls("-j", jid, "host.hostname").said()),
                () -> assertTrue(host.jls().out().contains(" renamed.example.org  ")),
                () -> assertEquals("jail.example.org", host.jexec(other, "uname", "-n").said()),
                () -> assertEquals("jail.example.org", host.jls("-j", other, "host.hostname").said()),
                () -> assertEquals(before, host.run("uname", "-n").said()));
    }

    @Test
    void aHostnameDoesNothingToATerminal() {
        int jid = host.background(TREE, ADDRESS);
        host.jexec(jid, "hostname", "a\033[31mb").said();
        assertEquals("a\\x1b[31mb", host.jls("-j", jid, "host.hostname").said());
        assertFalse(host.jls().out().contains("\033"));
        assertFalse(host.jls("-v").out().contains("\033"));
    }

    @ParameterizedTest
    @CsvSource({"names -1, EINVAL", "names 65, EINVAL", "name_nowhere, EFAULT"})
    void namesThatNoHostCanHave(String attempt, String refusal) {
        int jid = host.background(TREE, ADDRESS);
        assertEquals(refusal, probe(jid).say(attempt));
        assertEquals("jail.example.org", host.jexec(jid, "uname", "-n").said());
    }

    @Test
    void systemVIpcIsTheJailsOwn() {
        int jid = host.background(TREE, ADDRESS);
        int other = host.background(TREE, "10.9.0.4");
        set("security.jail.sysvipc_allowed=1");
        var before = host.run("ipcs", "-m").said();
        assertEquals("done", bash(jid).say("{ ipcmk -M 4096; }"));
        assertEquals(before, host.run("ipcs", "-m").said());
        assertEquals(2, host.jexec(jid, "sh", "-c", "wc -l </proc/sysvipc/shm").said().charAt(0) - '0');
        assertEquals("1", host.jexec(other, "sh", "-c", "wc -l </proc/sysvipc/shm").said());
    }

    @Test
    void everySystemVCallIsAbsentWhileTheyAreOff() {
        int jid = host.background(TREE, ADDRESS);
        var probe = probe(jid);
        for (int call : new int[] {29, 30, 31, 64, 65, 66, 67, 68, 69, 70, 71, 220}) {
            assertEquals("ENOSYS", probe.say("ipc " + call), "call " + call);
        }
    }

    @Test
    void sharedMemoryIsLockedOnlyWhereMemoryMayBe() {
        int jid = host.background(TREE, ADDRESS);
        tell(jid, "allow.sysvipc");
        var probe = probe(jid);
        assertEquals("EPERM", probe.say("shm_lock"));
        tell(jid, "allow.mlock");
        assertEquals("done", probe.say("shm_lock"));
    }

    @Test
    void lockedMemoryHasItsLimit() {
        int jid = host.background(TREE, ADDRESS);
        tell(jid, "allow.mlock");
        assertEquals("done", host.jexec(jid, "sh", "-c", "ulimit -l 64; permit mlock").said());
        assertEquals("ENOMEM", host.jexec(jid, "sh", "-c", "ulimit -l 4; permit mlockall").said());
    }

    @Test
    void immutableFilesAreWhatTheySay() {
        int jid = host.background(TREE, ADDRESS);
        tell(jid, "allow.chflags");
        var probe = probe(jid);
        assertEquals("done", probe.say("create /tmp/fixed"));
        assertEquals("done", probe.say("immutable /tmp/fixed"));
        assertEquals("EPERM", probe.say("create /tmp/fixed"));
        assertTrue(host.run("lsattr", TREE.path("tmp/fixed").toString()).said().startsWith("----i"));
        assertEquals("EPERM", probe.say("nodump /tmp/fixed")); // as on the host, ext4 has it so
        tell(jid, "allow.nochflags");
        assertEquals("EPERM", probe.say("mutable /tmp/fixed"));
        tell(jid, "allow.chflags");
        assertEquals("done", probe.say("mutable /tmp/fixed"));
        assertEquals("done", probe.say("create /tmp/fixed"));
        assertEquals("done", probe.say("both /tmp/fixed"));
        assertTrue(host.run("lsattr", TREE.path("tmp/fixed").toString()).said().startsWith("----i-d"));
        assertEquals("done", probe.say("mutable /tmp/fixed"));
    }

    /** A file of the host that the jail was given open stays as it is. */
    @Test
    void filesOfTheHostDoNotBecomeImmutable() {
        int jid = host.background(TREE, ADDRESS);
        tell(jid, "allow.chflags");
        var file = Tree.empty().file("hosts", "").path("hosts");
        var attempt = "exec \"$@\" <" + file;
        assertEquals("done", host.run("sh", "-c", attempt, "sh", TREE.path("bin/permit").toString(), "immutable_stdin").said());
        host.run("chattr", "-i", file.toString()).said();
        assertEquals("EPERM", host.run("sh", "-c", attempt, "sh", Host.BIN + "/jexec", "" + jid, "permit",
                "immutable_stdin").said());
        assertFalse(host.run("lsattr", file.toString()).said().startsWith("----i"));
        assertEquals("EINVAL", host.jexec(jid, "permit", "project", "/tmp/file").said(), "a quota's project is the host's");
    }

    @Test
    void messagesCanBeReadAndNothingElseDoneToThem() {
        int jid = host.background(TREE, ADDRESS);
        tell(jid, "allow.read_msgbuf");
        var probe = probe(jid);
        assertEquals("done", probe.say("messages"));
        assertEquals("done", probe.say("message_call 10")); // size
        assertEquals("EFAULT", probe.say("messages_nowhere"));
        for (int call : new int[] {2, 4, 5, 6, 7, 8}) { // reads that take away, clear, console levels
            assertEquals("EPERM", probe.say("message_call " + call), "action " + call);
        }
    }

    @Test
    void socketsOfTheHostsInternetAreNotAmongTheUnusual() {
        int jid = host.background(TREE, ADDRESS);
        tell(jid, "allow.socket_af");
        assertEquals("EAFNOSUPPORT", probe(jid).say("socket 10 1 0"));
        assertEquals("EOPNOTSUPP", probe(jid).say("socketpair 2"));
        assertEquals("EPERM", probe(jid).say("socket 2 3 1"));
        assertEquals("ESOCKTNOSUPPORT", probe(jid).say("socket 2 5 132"));
    }

    @Test
    void aSecurelevelKeepsImmutableFilesSo() {
        var tree = Tree.busybox().file("tmp/file", "");
        int jid = Integer.parseInt(host.startJail("-i", "-s", "1", tree, "jail", ADDRESS, "sleep", "600").line());
        tell(jid, "allow.chflags");
        assertEquals("done", probe(jid).say("append /tmp/file"));
        assertEquals("EPERM", probe(jid).say("mutable /tmp/file"));
        assertEquals("done", probe(jid).say("immutable /tmp/file"));
        host.run("chattr", "-i", "-a", tree.path("tmp/file").toString()).said();
    }

    @Test
    void reservedPortsAreNobodysWhenTheyAreOff() {
        int jid = host.background(TREE, ADDRESS);
        tell(jid, "allow.noreserved_ports");
        assertEquals("EACCES", probe(jid).say("port 1 6"));
        assertEquals("done", probe(jid).say("port 1024 6"));
        assertEquals("done", probe(jid).say("port 0 6"));
        assertEquals("done", probe(jid).say("port 0 17"));
        host.run("sysctl", "-q", "net.ipv4.ip_unprivileged_port_start=0").said();
        assertEquals("EACCES", probe(jid).say("port 1 6"));
    }

    @Test
    void whatIsWrongIsSaidAndNothingChanged() {
        int jid = host.background(TREE, ADDRESS);
        host.jail("-m", "name=nosuch", "allow.mlock").assertFailed("jail: \"nosuch\" not found");
        host.jail("-m", "jid=99", "allow.mlock").assertFailed("jail: \"99\" not found");
        host.jail("-m", "jid=" + jid, "allow.mlock", "allow.flying").assertFailed("jail: unknown parameter: allow.flying");
        host.jail("-m", "jid=" + jid, "allow.mlock=maybe")
                .assertFailed("jail: allow.mlock: unknown boolean value \"maybe\"");
        host.jail("-m", "jid=" + jid, "allow.mlock", "path=/").assertFailed("jail: path cannot be changed after creation");
        host.run("setpriv", "--reuid", "1000", "--clear-groups", Host.BIN + "/jail", "-m", "jid=" + jid, "allow.mlock")
                .assertFailed("jail: jail_set: Operation not permitted");
        assertEquals("false", host.jls("-j", jid, "allow.mlock").said());
        assertEquals("jail_set(JAIL_UPDATE) jid=" + jid + " allow.mlock\nupdated",
                host.jail("-v", "-m", "jid=" + jid, "allow.mlock").said());
        assertEquals("true", host.jls("-j", jid, "allow.mlock").said());
        assertEquals(1, host.jail("-m", "allow.mlock").status());
        assertEquals(1, host.jail("-m", "-r", "" + jid).status());
    }

    /** Also what is found out late: the name of another jail, and what the host can't do. */
    @Test
    void allOrNothing() {
        host.startJail("-i", "-n", "taken", TREE, "jail", "10.7.0.4", "sleep", "600").line();
        int jid = host.background(TREE, ADDRESS);
        var before = host.jls("-j", jid, "name", "ip4.addr", "securelevel", "allow.mlock").said();
        var addresses = host.addresses();
        var changes = List.of("jid=" + jid, "ip4.addr=10.7.0.5", "securelevel=2", "allow.mlock");
        jail(changes, "name=taken").assertFailed("jail: \"taken\" already exists");
        jail(changes, "name=a.b").assertFailed("jail: name: a.b: no jail can have a child");
        jail(changes, "securelevel=4").assertFailed("jail: securelevel: 4: not between -1 and 3");
        var result = host.run("unshare", "--mount", "sh", "-ec", "mount -t tmpfs none /sys/block; exec \"$@\"", "sh", Host.BIN + "/jail", "-m",
                "jid=" + jid, "ip4.addr=10.7.0.5", "securelevel=2", "allow.mlock", "name=free", "rctl.readbps=5");
        assertTrue(result.errors().startsWith("jail: rctl.readbps: this host has no "), result.toString()); // disk, or controller
        assertEquals(1, result.status());
        assertEquals(before, host.jls("-j", jid, "name", "ip4.addr", "securelevel", "allow.mlock").said());
        assertEquals(addresses, host.addresses());
    }

    @Test
    void theJailIsGivenByNameOrNumber() {
        int jid = Integer.parseInt(host.startJail("-i", "-n", "www", TREE, "jail", ADDRESS, "sleep", "600").line());
        for (var given : List.of("name=www", "name=" + jid, "jid=" + jid)) {
            assertEquals("", host.jail("-m", given, "allow.mlock").said());
            assertEquals("", host.jail("-n", given.substring(given.indexOf('=') + 1), "-m", "allow.mlock=false").said());
            assertEquals(jid + " www false", host.jls("jid", "name", "allow.mlock").said());
        }
        host.jail("-m", "jid=www", "allow.mlock").assertFailed("jail: jid: non-integer value \"www\"");
        assertEquals("", host.jail("-m", "jid=" + jid, "name=new").said());
        assertEquals(jid + " new", host.jls("jid", "name").said());
    }

    private Result jail(List<String> changes, String another) {
        return host.jail(Stream.concat(Stream.of("-m"), Stream.concat(changes.stream(), Stream.of(another))).toArray());
    }

    @Test
    void aNewJailOfTheSameNumberWasNeverTold() {
        int jid = host.background(TREE, ADDRESS);
        tell(jid, "allow.mlock");
        host.jail("-r", jid).said();
        host.startJail("-n", "" + jid, TREE, "jail", ADDRESS, "sleep", "600");
        host.process(jid, "sleep");
        assertEquals("false", host.jls("-j", jid, "allow.mlock").said());
    }
}
