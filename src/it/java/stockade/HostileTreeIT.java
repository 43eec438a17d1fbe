package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Trees that somebody made to get at jail(8) itself: it looks at files of a tree before it runs any. */
class HostileTreeIT {
    private static final String ADDRESS = "10.7.0.2";

    @RegisterExtension
    final Host host = new Host();

    private Tree withoutPasswords() {
        var tree = Tree.busybox();
        tree.path("etc/passwd").toFile().delete();
        return tree;
    }

    private void assertUnknownUser(Tree tree) {
        host.jail("-U", "user", tree, "jail", ADDRESS, "true").assertFailed("jail: user: no such user");
    }

    @Test
    void userDatabaseThatBlocks() {
        var tree = withoutPasswords();
        host.run("mkfifo", tree.path("etc/passwd").toString()).said();
        assertUnknownUser(tree);
    }

    @Test
    void userDatabaseWithoutEnd() {
        assertUnknownUser(withoutPasswords().link("etc/passwd", "/dev/zero"));
    }

    @Test
    void userDatabaseOfTheHost() {
        var outside = Tree.empty().file("passwd", "user:x:1234:1234::/:/bin/sh\n").path("passwd").toString();
        assertUnknownUser(withoutPasswords().link("etc/passwd", outside));
        assertUnknownUser(withoutPasswords().link("etc/passwd", "../../../../../../../.." + outside));
    }

    @Test
    void userDatabaseThatIsLarge() throws IOException {
        var tree = withoutPasswords();
        Files.writeString(tree.path("etc/passwd"), ":::::::::::::::::\n".repeat(110_000));
        assertUnknownUser(tree);
        try (var file = new RandomAccessFile(tree.path("etc/passwd").toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        host.jail("-U", "user", tree, "jail", ADDRESS, "true").assertFailed("jail: /etc/passwd: File too large");
    }

    @Test
    void libraryCacheThatIsLarge() throws IOException {
        var tree = Tree.empty().program("/bin/bash");
        tree.directory("etc").file("etc/ld.so.cache", "glibc-ld.so.cache1.1");
        for (long length : new long[] {7 << 20, 1L << 40}) {
            try (var file = new RandomAccessFile(tree.path("etc/ld.so.cache").toFile(), "rw")) {
                file.setLength(length);
            }
            assertEquals("ran", host.jail(tree, "jail", ADDRESS, "/bin/bash", "-c", "echo ran").said());
        }
    }

    @Test
    void userDatabaseOfNonsense() throws IOException {
        var tree = withoutPasswords();
        var nonsense = new byte[100_000];
        new Random(1).nextBytes(nonsense);
        Files.write(tree.path("etc/passwd"), nonsense);
        assertUnknownUser(tree);
        for (var line : new String[] {"user", "user:::::::", "user:x:x:x::/:/bin/sh", "user:x:99999999999:1::/:/bin/sh",
            "user:x:-1:1::/:/bin/sh", "user:x:70000:1::/:/bin/sh", "user:x:4294967295:1::/:/bin/sh"}) {
            tree.file("etc/passwd", line + "\n");
            var result = host.jail("-U", "user", tree, "jail", ADDRESS, "show", "users");
            assertEquals(1, result.status(), line + result);
            assertEquals("", result.out(), line);
            assertEquals(1, result.errors().lines().count(), line + result);
            assertTrue(!result.errors().contains("internal error"), line + result);
        }
    }

    @Test
    void aProgramThatBlocks() {
        var tree = Tree.busybox();
        host.run("mkfifo", "-m", "755", tree.path("bin/fifo").toString()).said();
        host.jail(tree, "jail", ADDRESS, "fifo").assertFailed("jail: exec fifo: Permission denied");
        tree.script("bin/script", "#!/bin/fifo\n");
        host.jail(tree, "jail", ADDRESS, "script").assertFailed("jail: exec script: Permission denied");
    }

    @Test
    void scriptsOfScripts() {
        var tree = Tree.busybox().script("bin/loop", "#!/bin/loop\n");
        host.jail(tree, "jail", ADDRESS, "loop").assertFailed("jail: exec loop: Too many levels of symbolic links");
        tree.script("bin/long", "#!" + "x".repeat(100_000));
        assertEquals(1, host.jail(tree, "jail", ADDRESS, "long").errors().lines().count());
    }

    @Test
    void damagedPrograms() throws IOException {
        var tree = Tree.busybox().program("/usr/bin/bash").directory("cut", 0755);
        var whole = Files.readAllBytes(Path.of("/usr/bin/bash"));
        var random = new Random(1);
        for (int i = 0; i < 40; i++) {
            var bytes = Arrays.copyOf(whole, i < 10 ? i * 97 : whole.length);
            for (int j = 0; i >= 10 && j < 4; j++) {
                bytes[16 + random.nextInt(800)] = (byte) random.nextInt(); // headers, not the magic number
            }
            Files.write(tree.path("cut/" + i), bytes);
            tree.mode("cut/" + i, 0755);
        }
        // each may run, or fail in any way that is told in one line; none is to hang jail or to bring it down
        for (int i = 0; i < 40; i++) {
            var result = host.jail(tree, "jail", ADDRESS, "/cut/" + i, "-c", "exit 0");
            assertTrue(!result.errors().contains("internal error"), i + ": " + result);
        }
        host.assertNothingLeft();
    }

    @Test
    void mountPointsThatLeadElsewhere() {
        for (var point : new String[] {"dev", "proc"}) {
            var tree = Tree.busybox();
            tree.path(point).toFile().delete();
            tree.link(point, "tmp");
            host.jail(tree, "jail", ADDRESS, "true").assertFailed("jail: mount /" + point + ": Not a directory");
            tree.path(point).toFile().delete();
            tree.link(point, "/../../../../../../../" + point);
            host.jail(tree, "jail", ADDRESS, "true").assertFailed("jail: mount /" + point + ": Not a directory");
            tree.path(point).toFile().delete();
            tree.file(point, "");
            host.jail(tree, "jail", ADDRESS, "true").assertFailed("jail: mount /" + point + ": Not a directory");
        }
    }

    @Test
    void longNames() {
        var tree = Tree.busybox();
        var name = "x".repeat(100_000);
        var result = host.jail(tree, "jail", ADDRESS, name);
        assertEquals(1, result.status());
        assertEquals(1, result.errors().lines().count());
        assertTrue(result.errors().startsWith("jail: exec xxx"), result.errors());
    }
}
