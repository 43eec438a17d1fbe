package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that give rights: capabilities of files, on either side of the border, and what another jail's root owns. */
class PrivilegedFilesIT {
    private static final String ADDRESS = "10.7.0.2";
    private static final int CAP_NET_RAW = 13;
    private static final int CAP_SYS_ADMIN = 21;

    @RegisterExtension
    final Host host = new Host();

    private Result asUser(String... command) {
        var words = new ArrayList<>(List.of("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "sh", "-c",
                "exec \"$@\"", "sh"));
        words.addAll(List.of(command));
        return host.run(words.toArray(String[]::new));
    }

    /** The line of a program's status that tells its capabilities. */
    private static String capability(int number) {
        return "CapEff:\t%016x\n".formatted(1L << number);
    }

    /** In a jail such a file gives a right over the jail; run from the host it would be one over the host, like a setuid file. */
    @Test
    void aFileOfTheJailGivesNobodyOfTheHostAnything() {
        var place = Tree.empty().directory("jails", 0700);
        var tree = Tree.busybox().copy(Path.of("/bin/busybox"), "capable/busybox");
        host.run("mount", "--bind", place.toString(), "/mnt").said();
        try {
            host.run("sh", "-ec", "mkdir /mnt/jails/www; mount --bind \"$1\" /mnt/jails/www", "sh", tree.toString()).said();
            var path = "path=/mnt/jails/www";
            assertEquals("done\n" + capability(CAP_NET_RAW), host.jail("-c", path, "ip4.addr=" + ADDRESS, "command=sh", "-c",
                    "breach file_capability /capable/busybox 13; exec su user -c '/capable/busybox grep CapEff /proc/self/status'").out());
            var refused = asUser("/mnt/jails/www/capable/busybox", "grep", "CapEff", "/proc/self/status");
            assertEquals("", refused.out());
            assertTrue(refused.errors().contains("Permission denied"), refused.errors());
            place.mode("jails", 0755);
            assertEquals(capability(CAP_NET_RAW), asUser("/mnt/jails/www/capable/busybox", "grep", "CapEff", "/proc/self/status").out(),
                    "without the firewall directory");
        } finally {
            host.run("umount", "-R", "-l", "/mnt").said();
        }
    }

    /** The bounding set of a jail is what none of its programs goes beyond. */
    @Test
    void aFileOfTheHostsGivesNoMoreThanTheJailHas() {
        var tree = Tree.busybox().copy(Path.of("/bin/busybox"), "capable/busybox");
        var breach = Tree.probe("breach").toString();
        assertEquals("done", host.run(breach, "file_capability", tree.path("capable/busybox").toString(), "" + CAP_SYS_ADMIN).said());
        host.run("chmod", "755", tree.path("..").toString()).said();
        try {
            assertEquals(capability(CAP_SYS_ADMIN), asUser(tree + "/capable/busybox", "grep", "CapEff", "/proc/self/status").out());
        } finally {
            host.run("chmod", "700", tree.path("..").toString()).said();
        }
        for (var user : List.of("root", "user")) {
            host.jail("-U", user, tree, "jail", ADDRESS, "/capable/busybox", "true")
                    .assertFailed("jail: exec /capable/busybox: Operation not permitted");
        }
        var script = "grep CapBnd /proc/self/status";
        var bound = Long.parseLong(host.jail(tree, "jail", ADDRESS, "sh", "-c", script).said().split("\t")[1], 16);
        assertEquals(0, bound >> CAP_SYS_ADMIN & 1);
    }

    /** Two jails that share a directory, and there pass each other what they have open. */
    @ParameterizedTest
    @CsvSource({"/tmp/private, read EACCES write EACCES, read done write done",
        "/tmp/public, read done write EACCES, read done write done",
        "/tmp, make EOVERFLOW inside, make done out"})
    void rootOfAnotherJail(String path, String jailed, String outside) {
        var tree = Tree.busybox().file("tmp/private", "x").mode("tmp/private", 0600).file("tmp/public", "x").mode("tmp", 0755);
        var secret = Tree.empty().file("secret", "").path("secret").toString();
        var shared = Tree.empty().directory("d", 01777);
        var pass = Tree.probe("pass").toString();

        var socket = shared.path("d/host").toString();
        var hosts = host.start(pass, "give", socket, tree + path);
        assertEquals("ready", hosts.line());
        assertEquals(outside, host.run(pass, "take", socket, "reach", secret).said());

        var other = Tree.busybox();
        var giver = host.startJail("-c", "path=" + tree, mount(shared, tree), "command=pass", "give", "/mnt/jail", path);
        assertEquals("ready", giver.line());
        assertEquals(jailed, host.jail("-c", "path=" + other, mount(shared, other), "command=pass", "take", "/mnt/jail", "reach", secret)
                .said());
        giver.kill();
    }

    private static String mount(Tree shared, Tree tree) {
        return "mount=" + shared.path("d") + " " + tree + "/mnt nullfs rw 0 0";
    }
}
