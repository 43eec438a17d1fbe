package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No jail is made in a tree that users of the host can get at, unless that is asked for; and what it is that they can do. */
class FirewallDirectoryIT {
    private static final String ADDRESS = "10.7.0.2";
    private static final String JAILS = "/mnt/jails";
    private static final String WWW = JAILS + "/www";

    @RegisterExtension
    final Host host = new Host();

    /** It is /mnt, which all users of the host can pass. */
    private final Tree place = withTree(Tree.empty(), "jails/www").mode("jails", 0700).copy(Tree.probe("swap"), "swap");

    @BeforeEach
    void mount() {
        host.run("mount", "--bind", place.toString(), "/mnt").said();
    }

    @AfterEach
    void unmount() {
        host.run("umount", "-l", "/mnt").said();
    }

    private static Tree withTree(Tree place, String path) {
        return place.copy(Path.of("/bin/busybox"), path + "/bin/busybox").file(path + "/where", path + "\n")
                .copy(Tree.probe("show"), path + "/bin/show");
    }

    private Result start(String path) {
        return host.jail(path, "www", ADDRESS, "/bin/busybox", "cat", "/where");
    }

    private Result startExposed(String path, String... command) {
        return host.jail(Stream.concat(Stream.of("-c", "path=" + path, "allow.exposed_path", "command=" + command[0]),
                Arrays.stream(command).skip(1)).toArray());
    }

    /** By a shell of his, for setpriv(1) itself finds the program with root's capabilities. */
    private static String[] ofUser(String... command) {
        return Stream.concat(Stream.of("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "sh", "-c",
                "exec \"$@\"", "sh"), Arrays.stream(command)).toArray(String[]::new);
    }

    private Result asUser(String... command) {
        return host.run(ofUser(command));
    }

    private void assertRefused(String path, String why, String remedy) {
        start(path).assertFailed("jail: path " + path + ": users of the host " + why + " (" + remedy
                + " mends it, allow.exposed_path accepts it)");
        host.assertNothingLeftOfJails();
    }

    /** Refused, and by doing what it says accepted. */
    private void assertMended(String why, String remedy) {
        assertRefused(WWW, why, remedy);
        host.run("sh", "-c", remedy).said();
        assertEquals("jails/www", start(WWW).said());
    }

    @Test
    void behindAFirewallDirectory() {
        assertEquals("jails/www", start(WWW).said());
        place.mode("jails/www", 0777).owner("jails/www", 1000);
        assertEquals("jails/www", start(WWW).said());
    }

    @ParameterizedTest
    @CsvSource({"0755, others", "0711, others", "0701, others", "0750, group 0", "0710, group 0"})
    void modeThatLetsIn(String mode, String whom) {
        place.mode("jails", Integer.decode(mode));
        assertMended("are not kept out: /mnt/jails is open to " + whom, "chmod go= /mnt/jails");
    }

    @ParameterizedTest
    @CsvSource({"u:1000:x, user 1000", "g:1000:x, group 1000", "g:0:x, group 0", "g::x, group 0"})
    void listThatLetsIn(String entry, String whom) {
        host.run("setfacl", "-m", "u:33:r," + entry, JAILS).said();
        assertMended("are not kept out: /mnt/jails is open to " + whom, "chmod go= /mnt/jails");
    }

    @ParameterizedTest
    @ValueSource(strings = {"u:1000:x,m::rw", "g:1000:x,m::-", "u:0:x", "d:u:1000:x"})
    void listThatLetsNobodyIn(String entries) {
        host.run("setfacl", "-n", "-m", "g::-," + entries, JAILS).said();
        assertEquals("jails/www", start(WWW).said());
    }

    @ParameterizedTest
    @CsvSource({"u:1000:wx, user 1000", "g:1000:wx, group 1000"})
    void listThatLetsReplace(String entry, String whom) {
        host.run("setfacl", "-m", entry, JAILS).said();
        assertRefused(WWW, "can replace it: /mnt/jails is writable by " + whom, "chmod g-w /mnt/jails");
    }

    @ParameterizedTest
    @CsvSource({"02770, group 0, chmod g-w", "0707, others, chmod +t"})
    void modeThatLetsReplace(String mode, String whom, String remedy) {
        host.run("chmod", mode, JAILS).said();
        assertRefused(WWW, "can replace it: /mnt/jails is writable by " + whom, remedy + " /mnt/jails");
    }

    /** The way is through a directory of a user's, in which the firewall directory can be renamed. */
    @Test
    void anotherOwnerAbove() {
        withTree(place, "home/jails/www").mode("home/jails", 0700).owner("home", 1000);
        assertRefused("/mnt/home/jails/www", "can replace it: /mnt/home belongs to user 1000", "chown root /mnt/home");
        assertEquals("", asUser("mv", "/mnt/home/jails", "/mnt/home/mine").said());
        asUser("mv", JAILS, "/mnt/mine").assertFailed("mv: cannot move '/mnt/jails' to '/mnt/mine': Permission denied");
    }

    @Test
    void stickyDirectories() {
        withTree(place, "all/jails/www").mode("all/jails", 0700).mode("all", 01777);
        assertEquals("all/jails/www", start("/mnt/all/jails/www").said());
        assertEquals("", asUser("mkdir", "/mnt/all/mine").said());
        var swap = asUser("/mnt/swap", "/mnt/all/mine", "/mnt/all/jails");
        assertEquals("swap: Operation not permitted\n", swap.errors());
        place.owner("all/jails", 1000);
        assertRefused("/mnt/all/jails/www", "can replace it: /mnt/all/jails belongs to user 1000", "chown root /mnt/all/jails");
    }

    @Test
    void symbolicLinks() {
        place.link("link", "jails").link("jails/also", "www");
        assertEquals("jails/www", start("/mnt/link/also").said());
        place.mode("jails", 0755);
        start("/mnt/link/also").assertFailed("jail: path /mnt/jails/www: users of the host are not kept out: /mnt/jails is open"
                + " to others (chmod go= /mnt/jails mends it, allow.exposed_path accepts it)");
        // a firewall directory on the way to the link is none on the way to the tree
        place.directory("closed", 0700).link("closed/www", "../jails/www");
        start("/mnt/closed/www").assertFailed("jail: path /mnt/jails/www: users of the host are not kept out: /mnt/jails is open"
                + " to others (chmod go= /mnt/jails mends it, allow.exposed_path accepts it)");
    }

    /** Where the parent is for all, it is not the parent that is closed. */
    @Test
    void aTreeInADirectoryOfTheSystem() {
        withTree(place, "www");
        assertRefused("/mnt/www", "are not kept out: /mnt is open to others",
                "install -m u=rwx,go= -d /mnt/jails && mv /mnt/www /mnt/jails");
        host.run("rm", "-r", WWW).said();
        host.run("sh", "-c", "install -m u=rwx,go= -d /mnt/jails && mv /mnt/www /mnt/jails").said();
        assertEquals("www", start(WWW).said());
    }

    @Test
    void theWholeHost() {
        var line = "jail: path /: users of the host are not kept out: / is open to others (allow.exposed_path accepts it)";
        host.jail("/", "www", ADDRESS, "true").assertFailed(line);
        host.jail("-c", "command=true").assertFailed(line);
    }

    /** Its own mode keeps nobody out for long. */
    @Test
    void theTreeIsNoFirewallDirectory() {
        place.mode("jails", 0755).mode("jails/www", 0700);
        assertRefused(WWW, "are not kept out: /mnt/jails is open to others", "chmod go= /mnt/jails");
        assertFalse(asUser("test", "-f", WWW + "/where").status() == 0);
        assertEquals("", startExposed(WWW, "/bin/busybox", "chmod", "755", "/").said());
        assertEquals("", asUser("test", "-f", WWW + "/where").said());
    }

    /** What it is for: on disk, a setuid program of the jail's root is root's. */
    @Test
    void setuidProgramsOfAJail() {
        place.mode("jails", 0755);
        assertEquals("", startExposed(WWW, "/bin/busybox", "chmod", "4755", "/bin/show").said());
        assertEquals("uid 1000 0 0 gid 1000 1000 1000 groups", asUser(WWW + "/bin/show", "users").said());
        place.mode("jails", 0700);
        var result = asUser(WWW + "/bin/show", "users");
        assertEquals("", result.out());
        assertTrue(result.errors().contains("Permission denied"), result.errors());
    }

    @Test
    void whoAsksForItGetsAnExposedTree() {
        place.mode("jails", 0777);
        assertEquals("jails/www", startExposed(WWW, "/bin/busybox", "cat", "/where").said());
        var jail = host.startJail("-i", "-c", "path=" + WWW, "allow.exposed_path=true", "command=/bin/busybox", "sleep", "600");
        var jid = jail.line();
        assertEquals("true", host.jls("-j", jid, "allow.exposed_path").said());
        assertEquals("allow.exposed_path", host.jls("-j", jid, "-n", "allow.exposed_path").said());
        host.jail("-m", "jid=" + jid, "allow.noexposed_path").assertFailed("jail: allow.exposed_path cannot be changed after creation");
        assertEquals("", host.jail("-q", "-m", "jid=" + jid, "allow.exposed_path=1").said(), "no change");
        for (var word : List.of("allow.noexposed_path", "allow.exposed_path=0")) {
            host.jail("-c", "path=" + WWW, word, "command=/bin/busybox", "true").assertFailed("jail: path " + WWW
                    + ": users of the host can replace it: /mnt/jails is writable by others (chmod +t /mnt/jails mends it,"
                    + " allow.exposed_path accepts it)");
        }
        place.mode("jails", 0700);
        var other = host.startJail("-i", WWW, "www", ADDRESS, "/bin/busybox", "sleep", "600").line();
        assertEquals("allow.noexposed_path", host.jls("-j", other, "-n", "allow.exposed_path").said());
        host.jail("-m", "jid=" + other, "allow.exposed_path").assertFailed("jail: allow.exposed_path cannot be changed after creation");
    }

    /** By /proc, a path can lead into another mount namespace, where the same path is another tree's. */
    @Test
    void anotherMountNamespace() {
        var path = "/proc/" + host.pid() + "/root" + WWW;
        var mounts = "mount -t tmpfs none /mnt; mkdir -m 700 /mnt/jails; mkdir /mnt/jails/www; exec \"$@\"";
        host.run("unshare", "--mount", "sh", "-ec", mounts, "sh", Host.BIN + "/jail", path, "www", ADDRESS, "true")
                .assertFailed("jail: path " + WWW + ": not there any more, or of another mount namespace");
        assertEquals("jails/www", start(path).said());
    }

    /** What comes of many starts while two paths take each other's place. */
    private TreeSet<String> whileSwapped(Running swapper, String path) {
        assertEquals("swapped", swapper.line());
        var outcomes = new TreeSet<String>();
        for (int i = 0; i < 60; i++) {
            var result = start(path);
            outcomes.add(result.status() == 0 ? result.said()
                    : result.errors().replaceAll(".*users of the host (can replace it|are not kept out).*\n", "$1")
                            .replaceAll(".*(not there any more|No such file|Not a directory).*\n", "gone"));
        }
        assertTrue(swapper.isAlive(), swapper.errors());
        swapper.kill();
        return outcomes;
    }

    /** Root's own mistake: whichever is there when it is looked at, it is the one that is used. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theTreeThatIsUsedIsTheOneThatWasLookedAt(boolean bySymbolicLinks) {
        withTree(withTree(place, "closed/www"), "open/www").mode("closed", 0700);
        var names = List.of("closed", "open");
        if (bySymbolicLinks) {
            place.link("first", "closed").link("second", "open");
            names = List.of("first", "second");
        }
        var swapper = host.start("/mnt/swap", "/mnt/" + names.get(0), "/mnt/" + names.get(1));
        var outcomes = whileSwapped(swapper, "/mnt/" + names.get(0) + "/www");
        assertTrue(outcomes.remove("closed/www"), outcomes.toString());
        assertTrue(outcomes.remove("are not kept out"), outcomes.toString());
        outcomes.remove("gone");
        assertEquals(List.of(), new ArrayList<>(outcomes));
    }

    @Test
    void aUserWhoSwapsTreesGetsNone() {
        withTree(withTree(place, "home/a/www"), "home/b/www").owner("home", 1000).owner("home/a", 1000).owner("home/b", 1000);
        var swapper = host.start(ofUser("/mnt/swap", "/mnt/home/a", "/mnt/home/b"));
        var outcomes = whileSwapped(swapper, "/mnt/home/a/www");
        outcomes.remove("gone");
        assertEquals(List.of("can replace it"), new ArrayList<>(outcomes));
    }
}
