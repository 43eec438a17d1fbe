package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is mounted in a jail's tree on its behalf: mount, mount.fstab, mount.devfs, mount.procfs and mount.fdescfs. */
class MountIT {
    @RegisterExtension
    final Host host = new Host();

    private final Tree tree = Tree.busybox();
    private final Tree source = Tree.empty().file("of-root", "root's\n").file("of-user", "user's\n").owner("of-user", 1000);

    private Result jail(List<String> parameters, String script) {
        var words = new ArrayList<Object>(List.of("-c", "name=www", "path=" + tree));
        words.addAll(parameters);
        words.addAll(List.of("command=/bin/sh", "-c", script));
        return host.jail(words.toArray());
    }

    private String mount(String source, String target, String rest) {
        return "mount=" + source + " " + tree + target + " " + rest;
    }

    private Result with(String source, String target, String rest, String script) {
        return jail(List.of(mount(source, target, rest)), script);
    }

    private void assertRefused(List<String> parameters, String why) {
        jail(parameters, "true").assertFailed("jail: " + why.replace("$TREE", tree.toString()));
        host.assertNothingLeftOfJails();
    }

    @Test
    void aDirectoryOfTheHost() {
        assertEquals("0 1000", with(source.toString(), "/mnt", "nullfs rw 0 0", """
                echo $(stat -c %u /mnt/of-root /mnt/of-user)
                echo new >/mnt/new && chown 1000:1000 /mnt/new && echo more >>/mnt/of-root && mkdir /mnt/directory
                """).said());
        assertEquals("new\n", Host.read(source.path("new")));
        assertEquals("root's\nmore\n", Host.read(source.path("of-root")));
        assertEquals(1000, source.attribute("new", "uid"));
        assertEquals(0, source.attribute("directory", "uid"));
        assertEquals(List.of(), Host.list(tree.path("mnt")));
    }

    @Test
    void readOnly() {
        var result = with(source.toString(), "/mnt", "nullfs ro", "cat /mnt/of-root; echo x >/mnt/x; echo x >>/mnt/of-root; rm /mnt/of-root");
        assertEquals("root's\n", result.out());
        assertEquals("""
                /bin/sh: can't create /mnt/x: Read-only file system
                /bin/sh: can't create /mnt/of-root: Read-only file system
                rm: can't remove '/mnt/of-root': Read-only file system
                """, result.errors());
        assertEquals("root's\n", Host.read(source.path("of-root")));
    }

    @Test
    void aFileOfTheHost() {
        tree.file("etc/one", "");
        assertEquals("root's", with(source + "/of-root", "/etc/one", "nullfs ro", "cat /etc/one").said());
        assertRefused(List.of(mount(source + "/of-root", "/mnt", "nullfs ro")), "mount: $TREE/mnt: is a directory");
        assertRefused(List.of(mount(source.toString(), "/etc/one", "nullfs ro")), "mount: $TREE/etc/one: not a directory");
    }

    @Test
    void whatIsNotToWorkThere() {
        source.device("null", 1, 3).copy(Tree.probe("show"), "show");
        assertEquals("", host.run("cat", source + "/null").said());
        assertEquals("cat: can't open '/mnt/null': Permission denied\n", with(source.toString(), "/mnt", "nullfs rw", "cat /mnt/null").errors());
        assertEquals("uid 0 0 0", with(source.toString(), "/mnt", "nullfs rw", "/mnt/show users | cut -c-9").said());
        assertEquals("/bin/sh: /mnt/show: Permission denied\n", with(source.toString(), "/mnt", "nullfs noexec", "/mnt/show users").errors());
        source.mode("show", 04755);
        var asUser = "su user -c '/mnt/show users'";
        assertTrue(with(source.toString(), "/mnt", "nullfs rw", asUser).said().startsWith("uid 1000 0 0 "));
        assertTrue(with(source.toString(), "/mnt", "nullfs nosuid", asUser).said().startsWith("uid 1000 1000 1000 "));
    }

    /** nullfs is of one mount; rbind of those below it too. */
    @Test
    void whatIsMountedBelow() {
        source.directory("below").file("below/hidden", "");
        host.run("mount", "-t", "tmpfs", "-o", "mode=755", "none", source + "/below").said();
        host.run("touch", source + "/below/seen").said();
        assertEquals("hidden", with(source.toString(), "/mnt", "nullfs rw", "ls /mnt/below").said());
        assertEquals("seen", with(source.toString(), "/mnt", "none rw,rbind", "ls /mnt/below").said());
        host.run("umount", source + "/below").said();
    }

    @Test
    void memory() {
        var result = with("tmpfs", "/mnt", "tmpfs rw,size=64k", "dd if=/dev/zero of=/mnt/x bs=1k count=100 2>&1 | head -1; stat -c %s /mnt/x");
        assertEquals("dd: error writing '/mnt/x': No space left on device\n65536", result.said());
        assertEquals(List.of(), Host.list(tree.path("mnt")));
        assertRefused(List.of(mount("tmpfs", "/mnt", "tmpfs size=much")), "mount: $TREE/mnt: size=much: Invalid argument");
    }

    /** As on FreeBSD, and unlike tmpfs(5) of Linux, where it would be anybody's to write to. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"rw; 1000 1000 750", "mode=1777; 1000 1000 1777", "uid=5,gid=7; 5 7 750"})
    void whoseMemoryIs(String options, String owner) {
        tree.mode("mnt", 0750).owner("mnt", 1000);
        assertEquals(owner, with("tmpfs", "/mnt", "tmpfs " + options, "stat -c '%u %g %a' /mnt").said());
    }

    @Test
    void aTable() {
        tree.directory("mnt/a b");
        source.directory("inner");
        var table = Tree.empty().file("fstab", """
                # device  target  type  options  dump  pass

                %1$s %2$s/mnt/a\\040b nullfs rw 0 0 # its inner is there only now
                \ttmpfs\t%2$s/mnt/a\\040b/inner tmpfs rw,noauto,late,size=1m 0 0
                devfs %2$s/dev devfs rw 0 0
                """.formatted(source, tree)).path("fstab");
        assertEquals("inner of-root of-user\nwritten", jail(List.of("mount.fstab=" + table),
                "cd '/mnt/a b'; echo $(ls); echo written >inner/x; cat inner/x").said());
        assertEquals(List.of(), Host.list(source.path("inner")));
        host.jail("-c", "name=www", "path=" + tree, "mount.fstab=/nowhere", "command=true")
                .assertFailed("jail: mount.fstab: /nowhere: No such file or directory");
        assertRefused(List.of("mount.fstab=" + Tree.empty().file("fstab", "tmpfs " + tree + "/x tmpfs").path("fstab")),
                "mount.fstab: $TREE/x: No such file or directory");
    }

    /** The mounts are there for all that runs in the jail, from its first command to its end, and only there. */
    @Test
    void ofAJailThatStays() {
        var words = new Object[] {"-c", "name=www", "path=" + tree, mount("tmpfs", "/tmp", "tmpfs rw,mode=1777,size=1m"),
            mount("tmpfs", "/root", "tmpfs rw"), mount(source.toString(), "/late", "nullfs ro"), "exec.prestart=mkdir -p " + tree + "/late",
            "exec.start=touch /tmp/x", "exec.poststart=test ! -e " + tree + "/tmp/x", "persist"};
        assertEquals("", host.jail(words).said());
        assertEquals("/late/of-root /tmp/x", host.jexec("www", "sh", "-c", "echo /late/of-root /tmp/*").said());
        assertEquals("", host.jail("-r", "www").said());
        assertEquals(List.of(), Host.list(tree.path("tmp")));
    }

    /** A base that no jail changes, and what is a jail's own in it. */
    @Test
    void inPlaceOfTheTreesRoot() {
        var base = Tree.busybox().directory("own");
        tree.directory("own");
        assertEquals("bin dev etc home mnt own proc root tmp\nof-root of-user\ntouch: /x: Read-only file system\nnull\n/", jail(
                List.of(mount(base.toString(), "", "nullfs ro 0 0"), mount(source.toString(), "/own", "nullfs rw 0 0")),
                "echo $(ls /); echo $(ls /own); touch /x 2>&1; touch /own/x; ls /dev | grep null; cd ../..; pwd").said());
        assertEquals(List.of("of-root", "of-user", "x"), Host.list(source.root()));
        assertFalse(Host.list(base.root()).contains("x"));
    }

    @Test
    void devicesAndProcesses() {
        var list = "echo $(ls /dev) - $(ls -d /proc/self)";
        assertEquals("fd full null ptmx pts random shm stderr stdin stdout tty urandom zero - /proc/self", jail(List.of(), list).said());
        assertEquals("fd full null ptmx pts random shm stderr stdin stdout tty urandom zero - /proc/self",
                jail(List.of("mount.devfs", "mount.procfs=true", "mount.fdescfs"), list).said());
        assertEquals("- /proc/self", jail(List.of("mount.nodevfs"), list).said());
        assertEquals("full null ptmx pts random shm tty urandom zero - /proc/self", jail(List.of("mount.nofdescfs"), list).said());
        assertEquals("full null ptmx pts random shm tty urandom zero -", jail(List.of("mount.noprocfs"), "exec 2>/dev/null; " + list).said());
        assertEquals("-", jail(List.of("mount.nodevfs", "mount.procfs=false"), "ls() { command ls \"$@\" 2>&-; }; " + list).said());
        host.jail("-c", "path=" + tree, "mount.noprocfs", "mount.fdescfs", "command=true").assertFailed(
                "jail: mount.fdescfs: /dev/fd leads to /proc/self/fd: needs mount.devfs and mount.procfs");
        tree.path("dev").toFile().delete();
        assertEquals("ran", jail(List.of(), "echo ran").said());
        assertRefused(List.of("mount.devfs"), "mount.devfs: $TREE/dev: No such file or directory");
    }

    /** What a jail's root can do about a symbolic link in its tree: have the host mount where it leads to. */
    @Test
    void targetsThatLeadOutOfTheTree() {
        var outside = Tree.empty().directory("victim/inner").file("victim/file", "as it was\n");
        tree.link("evil", outside + "/victim").link("up", "../" + outside.root().getFileName() + "/victim").link("here", "mnt");
        host.run("mount", "-t", "tmpfs", "none", tree + "/evil/inner").said();
        assertTrue(host.mounts().stream().anyMatch(line -> line.contains(outside + "/victim/inner")));
        host.run("umount", outside + "/victim/inner").said();
        var before = host.mounts();
        for (var target : List.of("/evil", "/evil/inner", "/up", "/up/inner", "/here")) {
            for (var what : List.of("tmpfs $ tmpfs rw", source + " $ nullfs rw")) {
                var link = "/" + target.split("/")[1];
                assertRefused(List.of("mount=" + what.replace("$", tree + target)), "mount: $TREE" + link + " is a symbolic link");
            }
        }
        assertEquals(before, host.mounts());
        assertEquals("as it was\n", Host.read(outside.path("victim/file")));
    }

    @Test
    void targetsInAMountThatLeadOutOfIt() {
        source.directory("data").link("data/evil", "/etc");
        assertRefused(List.of(mount(source.toString(), "/mnt", "nullfs rw"), mount("tmpfs", "/mnt/data/evil", "tmpfs rw")),
                "mount: $TREE/mnt/data/evil is a symbolic link");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/../x", "/mnt/../../x", "2"})
    void targetsThatAreNotInTheTree(String target) {
        host.jail("-c", "path=" + tree, "mount=tmpfs " + tree + target + " tmpfs rw", "command=true")
                .assertFailed("jail: mount: " + tree + target + ": not below the jail's path");
    }

    /** While it starts, the directory and a link take each other's place again and again. */
    @Test
    void aTargetThatChanges() {
        var outside = Tree.empty();
        tree.link("evil", outside.toString());
        var swapper = host.start(Tree.probe("swap").toString(), tree + "/mnt", tree + "/evil");
        assertEquals("swapped", swapper.line());
        var before = host.mounts();
        for (int i = 0; i < 30; i++) {
            var result = with("tmpfs", "/mnt", "tmpfs rw", "echo $(cut -d' ' -f2 /proc/mounts | grep -E '^/(mnt|evil)$')");
            if (result.status() == 0) {
                assertTrue(List.of("/mnt", "/evil").contains(result.said()), result.toString());
            } else {
                result.assertFailed("jail: mount: " + tree + "/mnt is a symbolic link");
            }
        }
        assertTrue(swapper.isAlive(), swapper.errors());
        swapper.kill();
        assertEquals(before, host.mounts());
    }

    /** A source in the tree itself is the jail's root's to replace. */
    @Test
    void sourcesThatLeadOutOfTheTree() {
        var outside = Tree.empty().file("secret", "of the host\n").mode("secret", 0600);
        tree.link("evil", outside.toString()).directory("data").file("data/x", "x\n");
        assertEquals("of the host", with(outside.toString(), "/mnt", "nullfs ro", "cat /mnt/secret").said());
        assertRefused(List.of(mount(tree + "/evil", "/mnt", "nullfs ro")), "mount: $TREE/evil is a symbolic link");
        assertEquals("x", with(tree + "/data", "/mnt", "nullfs ro", "cat /mnt/x").said());
    }

    /** What a jail's root could write, the host would mount at the next start. */
    @Test
    void aTableThatIsTheJails() {
        var outside = Tree.empty().file("fstab", "tmpfs " + tree + "/mnt tmpfs rw\n");
        tree.file("fstab", "/ " + tree + "/mnt nullfs rw\n").link("link", outside.path("fstab").toString());
        source.link("link", outside.path("fstab").toString());
        assertEquals("made", jail(List.of("mount.fstab=" + outside.path("fstab")), "touch /mnt/made; ls /mnt").said());
        assertFalse(Host.list(tree.path("mnt")).contains("made"));
        assertRefused(List.of("mount.fstab=" + tree + "/fstab"), "mount.fstab: $TREE/fstab: is within the jail");
        assertRefused(List.of("mount.fstab=" + tree + "//./fstab"), "mount.fstab: $TREE//./fstab: is within the jail");
        assertRefused(List.of("mount.fstab=" + tree + "/link"), "mount.fstab: $TREE/link is a symbolic link");
        assertRefused(List.of("mount.fstab=" + source + "/link"), "mount.fstab: " + source + "/link is a symbolic link");
    }

    /** However the path is written, and in whoever's tree the link is. */
    @Test
    void sourcesByOtherNames() {
        var outside = Tree.empty().file("secret", "of the host\n").mode("secret", 0600);
        tree.link("evil", outside.toString());
        assertRefused(List.of(mount("/" + tree + "/evil", "/mnt", "nullfs ro")), "mount: $TREE/evil is a symbolic link");
        assertRefused(List.of(mount(tree + "/./evil", "/mnt", "nullfs ro")), "mount: $TREE/evil is a symbolic link");
        assertRefused(List.of(mount(tree + "/bin/../evil", "/mnt", "nullfs ro")), "mount: $TREE/bin/..: leads upwards");
        source.link("evil", outside.toString()).link("trees", tree.root().getParent().toString());
        assertRefused(List.of(mount(source + "/evil", "/mnt", "nullfs ro")), "mount: " + source + "/evil is a symbolic link");
        assertRefused(List.of(mount(source + "/trees/" + tree.root().getFileName() + "/evil", "/mnt", "nullfs ro")),
                "mount: " + source + "/trees is a symbolic link");
    }

    /** On disk a setuid file of a jail's root is root's, also when the mount is nosuid. */
    @Test
    void sourcesThatUsersOfTheHostCanReach() {
        var open = Tree.empty().copy(Tree.probe("show"), "show");
        host.run("mount", "--bind", open.toString(), "/mnt").said();
        var mount = mount("/mnt", "/mnt", "nullfs rw,nosuid");
        var asUser = new String[] {"setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "sh", "-c", "exec /mnt/show users"};
        assertEquals("uid 1000 1000 1000 gid 1000 1000 1000 groups", host.run(asUser).said());
        assertRefused(List.of(mount), "mount: /mnt: users of the host are not kept out: / is open to others"
                + " (mount it ro, or allow.exposed_path accepts it)");
        assertEquals("chmod: /mnt/show: Read-only file system\n", with("/mnt", "/mnt", "nullfs ro", "chmod 4755 /mnt/show").errors());
        assertEquals("", jail(List.of("allow.exposed_path", mount), "chmod 4755 /mnt/show").said());
        assertEquals("uid 1000 0 0 gid 1000 1000 1000 groups", host.run(asUser).said());
        tree.file("etc/one", "");
        assertRefused(List.of(mount("/mnt/show", "/etc/one", "nullfs rw")), "mount: /mnt/show: users of the host are not kept out:"
                + " /mnt is open to others (mount it ro, or allow.exposed_path accepts it)");
        host.run("umount", "/mnt").said();
    }

    /** exec.allow knows programs by their files: none of them is to be written to by another name. */
    @Test
    void programsUnderAnotherName() {
        tree.directory("own");
        var only = "exec.allow=/bin/sh,/bin/busybox";
        assertRefused(List.of(only, mount(tree + "/bin", "/mnt", "nullfs rw")), "mount: " + tree + "/bin: exec.allow: what can be"
                + " executed could be written to: $TREE is mounted too");
        assertRefused(List.of(only, mount(source.toString(), "/mnt", "nullfs ro"), mount(source + "/of-root", "/etc/passwd", "nullfs rw")),
                "mount: " + source + "/of-root: exec.allow: what can be executed could be written to: " + source + " is mounted too");
        assertEquals("yes", jail(List.of(only, mount(source.toString(), "/mnt", "nullfs rw")), "echo yes >/mnt/x; cat /mnt/x").said());
        source.copy(Tree.probe("show"), "show");
        assertEquals("/bin/sh: /mnt/show: Permission denied\n",
                jail(List.of(only, mount(source.toString(), "/mnt", "nullfs rw")), "/mnt/show users").errors());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"/nowhere; nullfs; /nowhere: No such file or directory",
        "/sys; nullfs ro; $TREE/mnt: its file system can't map owners (idmapped mounts)",
        "/etc; ext4; /etc: Block device required", "/dev/loop0; debugfs; debugfs: not a file system on a device",
        "/dev/loop0; devtmpfs; devtmpfs: not a file system on a device", "/dev/loop0; zfs; zfs: unknown file system"})
    void whatCanNotBeMounted(String source, String type, String why) {
        assertRefused(List.of(mount(source, "/mnt", type)), "mount: " + why);
    }

    @Test
    void jailedRootCanNotUndoThem() {
        var attacks = "umount /mnt; mount -o remount,rw /mnt; mount -o bind,remount,rw /mnt; mount --move /mnt /tmp; umount -l /mnt";
        var alone = new String[] {"unshare", "--mount", "sh", "-ec", "mount --bind -o ro " + source + " /mnt; mount -o bind,remount,rw /mnt;"
                + " touch /mnt/touched; umount -l /mnt"};
        assertEquals("", host.run(alone).said());
        assertTrue(source.path("touched").toFile().delete());
        var result = with(source.toString(), "/mnt", "nullfs ro", attacks + "; touch /mnt/x; cat /mnt/of-root");
        assertEquals("root's\n", result.out());
        assertEquals("""
                umount: can't unmount /mnt: Operation not permitted
                mount: permission denied (are you root?)
                mount: permission denied (are you root?)
                mount: permission denied (are you root?)
                umount: can't unmount /mnt: Operation not permitted
                touch: /mnt/x: Read-only file system
                """, result.errors());
    }

    @Test
    void theHostSeesNothingOfThem() {
        var before = host.mounts();
        var jail = host.startJail("-i", "-c", "path=" + tree, mount(source.toString(), "/mnt", "nullfs rw"),
                mount("tmpfs", "/home", "tmpfs rw"), "command=sleep", "600");
        jail.line();
        assertEquals(before, host.mounts());
        assertEquals(List.of(), Host.list(tree.path("mnt")));
        assertEquals(List.of("user"), Host.list(tree.path("home")));
    }

    @Test
    void many() {
        var table = new StringBuilder();
        for (int i = 0; i < 150; i++) {
            tree.directory("mnt/" + i);
            table.append(source + " " + tree + "/mnt/" + i + " nullfs ro\n");
        }
        assertEquals("150", jail(List.of("mount.fstab=" + Tree.empty().file("fstab", table.toString()).path("fstab")),
                "ls /mnt/*/of-root | wc -l").said());
    }

    @Test
    void aDevice() {
        var image = Tree.empty().file("image", "").path("image").toString();
        host.run("truncate", "-s", "8M", image).said();
        var made = host.run("mkfs.ext4", "-q", image);
        assumeTrue(made.status() == 0, "no mkfs.ext4");
        var attached = host.run("losetup", "--find", "--show", image);
        assumeTrue(attached.status() == 0, "no loop devices: " + attached.errors());
        var device = attached.said();
        try {
            var mount = mount(device, "/mnt", "ext4 rw 0 0");
            assertEquals("lost+found", jail(List.of(mount), "ls /mnt; echo kept >/mnt/x; chown 1000 /mnt/x; mkdir /mnt/of-root").said());
            assertEquals("1000 0\nkept", with(device, "/mnt", "ext4 ro", "echo $(stat -c %u /mnt/x /mnt/of-root); cat /mnt/x").said());
            assertEquals("touch: /mnt/y: Read-only file system\n", with(device, "/mnt", "ext4 ro", "touch /mnt/y").errors());
            assertRefused(List.of(mount(device, "/mnt", "ext4 foo")), "mount: foo: Invalid argument");
            assertRefused(List.of(mount, mount(device, "/tmp", "ext4 rw")), "mount: " + device + ": ext4: Device or resource busy");
            host.run("mount", device, "/mnt").said();
            assertEquals("1000 0", host.run("stat", "-c", "%u", "/mnt/x", "/mnt/of-root").said().replace('\n', ' '));
            assertRefused(List.of(mount), "mount: " + device + ": ext4: Device or resource busy"); // its users could run what a jail made setuid
            host.run("umount", "/mnt").said();
        } finally {
            host.run("losetup", "--detach", device).said();
        }
        for (int i = 0; i < 200 && host.run("losetup", device).status() == 0; i++) {
            Host.pause(); // until the kernel has unmounted it, which it does in the background
        }
        assertEquals(1, host.run("losetup", device).status(), "it is in use still");
    }
}
