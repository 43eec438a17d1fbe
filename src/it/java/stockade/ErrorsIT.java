package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can go wrong is said in one line, ends with status 1 and leaves nothing. */
class ErrorsIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    @Test
    void onlyRootMay() {
        for (var command : List.of(
                List.of("jail: jail_set", "jail", "/", "jail", ADDRESS, "true"),
                List.of("jail: jail_remove", "jail", "-r", "www"),
                List.of("jexec: jail_attach", "jexec", "www", "true"))) {
            var words = new ArrayList<>(List.of("setpriv", "--reuid", "65534", "--clear-groups",
                    Host.BIN + "/" + command.get(1)));
            words.addAll(command.subList(2, command.size()));
            host.run(words.toArray(String[]::new)).assertFailed(command.get(0) + ": Operation not permitted");
        }
    }

    @Test
    void path() {
        host.jail("/nosuch", "jail", ADDRESS, "true").assertFailed("jail: path /nosuch: No such file or directory");
        var file = TREE.path("etc/passwd");
        host.jail(file, "jail", ADDRESS, "true").assertFailed("jail: path " + file + ": Not a directory");
    }

    @Test
    void command() {
        host.jail(TREE, "jail", ADDRESS, "nosuch").assertFailed("jail: exec nosuch: No such file or directory");
        host.jail(TREE, "jail", ADDRESS, "/bin/nosuch")
                .assertFailed("jail: exec /bin/nosuch: No such file or directory");
        host.jail(TREE, "jail", ADDRESS, "/etc/passwd").assertFailed("jail: exec /etc/passwd: Permission denied");
        host.jail(TREE, "jail", ADDRESS, "/etc").assertFailed("jail: exec /etc: Permission denied");
        host.jail(TREE, "jail", ADDRESS, "").assertFailed("jail: exec : No such file or directory");
        host.jail(Tree.empty(), "jail", ADDRESS, "sh").assertFailed("jail: exec sh: No such file or directory");
    }

    @Test
    void aFileOfAnUnknownFormatIsAShellScript() {
        var tree = Tree.busybox().script("bin/plain", "echo ran $1\n");
        assertEquals("ran x", host.jail(tree, "jail", ADDRESS, "plain", "x").said());
    }

    private static String needs(Tree tree, String program, String missing) {
        return "jail: exec " + program + ": needs " + missing + ", which is not under " + tree + " (mkjail adds it)";
    }

    @Test
    void elfInterpreter() {
        var tree = Tree.busybox().copy(Path.of("/bin/bash"), "bin/bash");
        host.jail(tree, "jail", ADDRESS, "bash").assertFailed(needs(tree, "/bin/bash", "/lib64/ld-linux-x86-64.so.2"));
    }

    @Test
    void library() {
        var tree = Tree.busybox().program("/usr/bin/bash");
        assertEquals("ran", host.jail(tree, "jail", ADDRESS, "/usr/bin/bash", "-c", "echo ran").said());
        host.run("sh", "-c", "find " + tree + " -name 'libtinfo.so.6' -delete").said();
        host.jail(tree, "jail", ADDRESS, "/usr/bin/bash", "-c", "echo ran")
                .assertFailed(needs(tree, "/usr/bin/bash", "libtinfo.so.6"));
    }

    @Test
    void scriptInterpreter() {
        var tree = Tree.busybox().script("bin/x", "#!/usr/bin/perl -w\n").script("bin/y", "#!/bin/x\n")
                .script("bin/z", "#! /bin/sh\necho ran $1\n");
        host.jail(tree, "jail", ADDRESS, "/bin/x").assertFailed(needs(tree, "/bin/x", "/usr/bin/perl"));
        host.jail(tree, "jail", ADDRESS, "/bin/y").assertFailed(needs(tree, "/bin/y", "/usr/bin/perl"));
        assertEquals("ran x", host.jail(tree, "jail", ADDRESS, "z", "x").said());
    }

    @Test
    void hostnameTooLong() {
        host.jail(TREE, "h".repeat(65), ADDRESS, "true")
                .assertFailed("jail: host.hostname: File name too long (65 bytes, Linux takes 64)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.7.0", "10.7.0.2.3", "256.7.0.2", "10.7.0.x", "10.7.0.", "localhost", " 10.7.0.2",
        "010.7.0.2", "-1.7.0.2"})
    void notAnAddress(String text) {
        host.jail(TREE, "jail", text, "true").assertFailed("jail: ip4.addr: not an IPv4 address: " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "224.0.0.1", "255.255.255.255"})
    void notTheAddressOfOneHost(String text) {
        host.jail(TREE, "jail", text, "true").assertFailed("jail: ip4.addr: not the address of one host: " + text);
    }

    @Test
    void addressesThatCantBe() {
        host.jail(TREE, "jail", "10.7.0.2,10.7.0.2", "true")
                .assertFailed("jail: ip4.addr: the same address twice: 10.7.0.2,10.7.0.2");
        host.jail(TREE, "jail", "fd00::x", "true").assertFailed("jail: ip6.addr: not an IPv6 address: fd00::x");
        host.jail(TREE, "jail", "::1", "true").assertFailed("jail: ip6.addr: not the address of one host: ::1");
        host.jail(TREE, "jail", "10.7.0.2/33", "true").assertFailed("jail: ip4.addr: not a prefix of 10.7.0.2: 33");
        host.jail(TREE, "jail", "nosuch|10.7.0.2", "true").assertFailed("jail: interface nosuch: No such device");
    }

    @Test
    void addressOfAnotherJail() {
        int jid = host.background(TREE, ADDRESS);
        host.jail(TREE, "jail", ADDRESS + ",10.7.0.3", "true")
                .assertFailed("jail: ip4.addr " + ADDRESS + ": IPv4 addresses clash (jail " + jid + " has it)");
        assertEquals(jid + "", host.jls("jid").said());
        assertEquals("", host.jail(TREE, "jail", ADDRESS, "true").said(), "one address each can be the same");
        assertTrue(host.addresses().contains(" " + ADDRESS + "/"), "and stays while one of them is there");
    }

    @Test
    void aTreeWithoutDevAndProcIsEnough() {
        var tree = Tree.empty().copy(Path.of("/bin/busybox"), "busybox");
        assertEquals("ran", host.jail(tree, "jail", ADDRESS, "/busybox", "echo", "ran").said());
    }

    /** A kernel without a call that a jail can't be made without. */
    @ParameterizedTest
    @ValueSource(strings = {"mount_setattr", "open_tree", "move_mount", "clone3", "seccomp", "bpf", "close_range",
        "pidfd_open", "memfd_create"})
    void kernelWithoutACall(String call) {
        var result = host.run(Tree.probe("give").toString(), "nocall", call, Host.BIN + "/jail", TREE.toString(),
                "jail", ADDRESS, "echo", "ran");
        if (result.status() == 0) {
            assertEquals("ran", result.said());
        } else {
            assertEquals(1, result.status(), result.toString());
            assertEquals("", result.out());
            assertTrue(result.errors().matches("jail: [^\n]+: Function not implemented[^\n]*\n"),
                    result.errors());
            assertTrue(result.errors().toLowerCase().contains(call), result.errors());
        }
        host.assertNothingLeft();
    }

    /** Init ends before or after the warden has sent it the tree: with one processor, either happens in every few starts. */
    @RepeatedTest(20)
    void initFailsBeforeTheWardenIsDone() {
        host.run("taskset", "-c", "0", Tree.probe("give").toString(), "nocall", "close_range", Host.BIN + "/jail", TREE.toString(),
                "jail", ADDRESS, "echo", "ran")
                .assertFailed("jail: close_range (needs Linux 5.9): Function not implemented");
    }

    @Test
    void aTreeWhoseFileSystemCanNotMapOwners() {
        host.jail("-c", "path=/proc", "allow.exposed_path", "command=true")
                .assertFailed("jail: path /proc: its file system can't map owners (idmapped mounts)");
        host.assertNothingLeft();
    }

    @Test
    void noCgroups() {
        var result = host.run("unshare", "--mount", "sh", "-c",
                "umount -l $(awk '/ - cgroup2 / {print $5}' /proc/self/mountinfo) && exec \"$@\"",
                "sh", Host.BIN + "/jail", TREE.toString(), "jail", ADDRESS, "true");
        result.assertFailed("jail: no cgroup v2 hierarchy is mounted (mount -t cgroup2 none /sys/fs/cgroup)");
    }

    @Test
    void interfacesDown() {
        // no address of the loopback network is the host's then, and none of this matters to a jail
        host.run("ip", "link", "set", "lo", "down").said();
        assertEquals("ran", host.jail(TREE, "jail", ADDRESS, "echo", "ran").said());
        host.run("ip", "link", "set", "lo", "up").said();
    }

    @ParameterizedTest
    @CsvSource({"jail, -d", "jail, -r", "jexec, -q", "jls, -z"})
    void unknownOptionsAndMissingWords(String command, String option) {
        var result = host.run(Host.BIN + "/" + command, option);
        assertEquals(1, result.status());
        assertTrue(result.errors().contains("usage: " + command + " "), result.errors());
    }
}
