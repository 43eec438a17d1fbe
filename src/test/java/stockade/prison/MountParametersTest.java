package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.linux.Mounts;
import stockade.prison.JailMounts.Presence;
import stockade.prison.MountEntry.FileSystem;
import stockade.prison.MountOptions.Option;

class MountParametersTest {
    private static JailMounts mounts(String... lines) {
        var parameters = new MountParameters();
        for (var line : lines) {
            parameters.mount(line);
        }
        return parameters.under("/jails/www", "/usr/jails/www");
    }

    private static MountEntry entry(String line) {
        return mounts(line).entries().get(0);
    }

    private static String refusal(String line) {
        return assertThrows(JailException.class, () -> mounts(line)).getMessage();
    }

    @Test
    void aDirectory() {
        assertEquals(new MountEntry("mount", "/jails/www//a/./b/", "/a/b", new FileSystem.Nullfs("/src", false),
                new MountOptions(Mounts.ATTR_RDONLY | Mounts.ATTR_NOEXEC, List.of())),
                entry("/src /jails/www//a/./b/ nullfs ro,noexec,late"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"nullfs rw; false", "bind rw; false", "none bind; false", "none rw,rbind; true", "rbind rw; true",
        "nullfs nocache; false"})
    void waysToSayIt(String how, boolean recursive) {
        assertEquals(new FileSystem.Nullfs("/src", recursive), entry("/src /jails/www/a " + how).fileSystem());
    }

    @ParameterizedTest
    @CsvSource({"/jails/www, /", "/usr/jails/www/, /", "/usr/jails/www/x, /x", "//jails///www/x/, /x"})
    void whereItIsInTheTree(String target, String inside) {
        assertEquals(inside, entry("/src " + target + " nullfs").inside());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/jails/www2", "/jails", "/", "/etc", "/jails/www/../www/x", "/jails/www/x/..", "/jails/ww"})
    void targetsOutside(String target) {
        assertEquals("mount: " + target + ": not below the jail's path", refusal("/src " + target + " nullfs rw 0 0"));
    }

    @Test
    void aSourceInTheTreeIsNamedByTheTreesRealPath() {
        assertEquals(new FileSystem.Nullfs("/usr/jails/www/a", false), entry("/jails/www/a /jails/www/b nullfs").fileSystem());
    }

    @Test
    void theWholeHostAsATree() {
        var parameters = new MountParameters();
        parameters.mount("/src/x /srv/x nullfs");
        var entry = parameters.under("/", "/").entries().get(0);
        assertEquals("/srv/x", entry.inside());
        assertEquals(new FileSystem.Nullfs("/src/x", false), entry.fileSystem());
    }

    @Test
    void memory() {
        var entry = entry("tmpfs /jails/www/tmp tmpfs rw,size=1m,mode=1777,inodes=10,nosuid,noatime");
        assertEquals(new FileSystem.Tmpfs(), entry.fileSystem());
        assertEquals(new MountOptions(Mounts.ATTR_NOSUID | Mounts.ATTR_NOATIME, List.of(new Option("size", Optional.of("1m")),
                new Option("mode", Optional.of("1777")), new Option("inodes", Optional.of("10")))), entry.options());
    }

    @ParameterizedTest
    @CsvSource({"ext4, ext4", "cd9660, iso9660", "msdosfs, vfat", "ext2fs, ext2"})
    void devices(String type, String name) {
        var entry = entry("/dev/sda /jails/www/x " + type + " ro,data=ordered");
        assertEquals(new FileSystem.OnDevice(name, "/dev/sda"), entry.fileSystem());
        assertEquals("[data=ordered]", entry.options().others().toString());
    }

    @ParameterizedTest
    @CsvSource({"'ro,rw', 0", "'rw,ro', 1", "'noatime,atime', 0", "'noatime,strictatime', 32", "'defaults,,nodev', 0",
        "'noexec,nosuid,exec', 2"})
    void theLastOptionCounts(String options, int attributes) {
        assertEquals(new MountOptions(attributes, List.of()), entry("/src /jails/www/x nullfs " + options).options());
    }

    @Test
    void whatAJailHasAnyway() {
        assertEquals(JailMounts.DEFAULT, mounts());
        assertEquals(new JailMounts(List.of(), Presence.ALWAYS, Presence.ALWAYS, true),
                mounts("devfs /jails/www/dev devfs rw,ruleset=4 0 0", "proc /jails/www/proc linprocfs rw 0 0",
                        "fdescfs /jails/www/dev/fd fdescfs rw,linrdlnk 0 0"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"a /jails/www/x nullfs; a: not an absolute pathname",
        "/a x nullfs; x: not an absolute pathname", "/a /jails/www/x nullfs rw,foo; mount option <foo> is unknown",
        "/a /jails/www/x nullfs size=1m; mount option <size=1m> is unknown",
        "tmpfs /jails/www/x tmpfs huge=always; mount option <huge=always> is unknown",
        "sda /jails/www/x ext4 rw; sda: not an absolute pathname", "/a /jails/www/x none rw; none: no file system",
        "sys /jails/www/sys linsysfs rw; linsysfs: would tell a jail of the host's devices",
        "devfs /jails/www/x devfs rw; /jails/www/x: a jail has devfs on /dev only",
        "devfs /jails/www/dev devfs ruleset=5; /jails/www/dev: mount options <ruleset=5> can't be had with devfs",
        "proc /jails/www/proc procfs ro; /jails/www/proc: mount options <ro> can't be had with procfs",
        "tmpfs /jails/www/dev/shm tmpfs rw; /jails/www/dev/shm: would be hidden by devfs (see mount.nodevfs)",
        "/a /jails/www/proc nullfs ro; /jails/www/proc: would be hidden by procfs (see mount.noprocfs)"})
    void whatCantBe(String line, String why) {
        assertEquals("mount: " + why, refusal(line));
    }

    @Test
    void openFilesNeedDevicesAndProcesses() {
        var parameters = new MountParameters();
        parameters.fdescfs(true);
        assertEquals(new JailMounts(List.of(), Presence.ALWAYS, Presence.ALWAYS, true), parameters.under("/", "/"));
    }

    @Test
    void inPlaceOfTheDefault() {
        var parameters = new MountParameters();
        parameters.devfs(false);
        parameters.mount("tmpfs /jails/www/dev tmpfs");
        parameters.mount("/a /jails/www/device nullfs");
        assertEquals(2, parameters.under("/jails/www", "/jails/www").entries().size());
        parameters.fdescfs(true);
        assertEquals("mount.fdescfs: /dev/fd leads to /proc/self/fd: needs mount.devfs and mount.procfs",
                assertThrows(JailException.class, () -> parameters.under("/jails/www", "/jails/www")).getMessage());
    }
}
