package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExposureTest {
    private static final Pattern DIRECTORY = Pattern.compile("(.*) ([0-7]+) ([0-9]+):([0-9]+)");

    /** The way along "/usr 755 0:0 > ..." below a root directory of the usual mode. */
    private static List<PathComponent> way(String below) {
        var way = new ArrayList<>(List.of(new PathComponent("/", 040755, 0, 0, Acl.NONE)));
        for (var directory : below.split(" > ")) {
            var parts = DIRECTORY.matcher(directory);
            assertTrue(parts.matches(), directory);
            way.add(new PathComponent(parts.group(1), 040000 | Integer.parseInt(parts.group(2), 8),
                    Integer.parseUnsignedInt(parts.group(3)), Integer.parseUnsignedInt(parts.group(4)), Acl.NONE));
        }
        return way;
    }

    private static String told(List<PathComponent> way) {
        return Exposure.of(way).map(exposure -> exposure.what() + exposure.remedy().map(command -> " # " + command).orElse(""))
                .orElse("");
    }

    @ParameterizedTest
    @CsvSource({"/usr 755 0:0 > /usr/jails 700 0:0 > /usr/jails/www 755 0:0", "/jails 700 0:0 > /jails/www 755 0:0",
        "/jails 4700 0:7 > /jails/www 777 1000:1000", // the tree is the jail's own affair
        "/jails 0 0:0 > /jails/www 755 0:0", "/jails 744 0:0 > /jails/www 755 0:0", // to list is not to enter
        "/jails 700 0:0 > /jails/a 755 0:0 > /jails/a/b 755 0:0 > /jails/a/b/c 755 0:0",
        "/tmp 1777 0:0 > /tmp/jails 700 0:0 > /tmp/jails/www 755 0:0",
        "/jails 700 0:0 > /jails/shared 1777 0:0 > /jails/shared/www 755 0:5"})
    void behindAFirewallDirectory(String way) {
        assertEquals("", told(way(way)));
    }

    @ParameterizedTest
    @CsvSource({"755, others", "711, others", "701, others", "750, group 0", "710, group 0"})
    void whoIsLetIn(String mode, String whom) {
        assertEquals("users of the host are not kept out: /jails is open to " + whom + " # chmod go= /jails",
                told(way("/jails " + mode + " 0:0 > /jails/www 755 0:0")));
    }

    /** The jail's root may change it. */
    @Test
    void theTreeIsNoFirewallDirectory() {
        assertEquals("users of the host are not kept out: /jails is open to others # chmod go= /jails",
                told(way("/jails 755 0:0 > /jails/www 700 0:0")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "/srv 755 0:0 > /srv/www 755 0:0; /srv is open to others # install -m u=rwx,go= -d /srv/jails && mv /srv/www /srv/jails",
        "/www 755 0:0; / is open to others # install -m u=rwx,go= -d /jails && mv /www /jails",
        "/jails 755 0:0; / is open to others # install -m u=rwx,go= -d /firewall && mv /jails /firewall",
        "/tmp 1777 0:0 > /tmp/www 755 0:0; /tmp is open to others # install -m u=rwx,go= -d /jails && mv /tmp/www /jails",
        "/var 755 0:0 > /var/tmp 1777 0:0 > /var/tmp/w 755 0:0;"
                + " /var/tmp is open to others # install -m u=rwx,go= -d /var/jails && mv /var/tmp/w /var/jails",
        "/a 755 0:0 > /a/all 1777 0:0 > /a/all/w w 755 0:0;"
                + " /a/all is open to others # install -m u=rwx,go= -d /a/jails && mv '/a/all/w w' /a/jails",
        "/a b'$(c) 755 0:0 > /a b'$(c)/d 755 0:0; /a b'$(c) is open to others # chmod go= '/a b'\\''$(c)'",
        "/usr 755 0:0 > /usr/local 755 0:0; /usr is open to others", "/proc 555 0:0; / is open to others"})
    void whatMendsItBreaksNothing(String way, String told) {
        assertEquals("users of the host are not kept out: " + told, told(way(way)));
    }

    @Test
    void theRootIsAlwaysOpen() {
        assertEquals("users of the host are not kept out: / is open to others",
                told(List.of(new PathComponent("/", 040755, 0, 0, Acl.NONE))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "/home 755 0:0 > /home/u 700 1000:0 > /home/u/www 755 0:0; /home/u belongs to user 1000 # chown root /home/u",
        "/jails 700 0:0 > /jails/u 755 4294967295:0 > /jails/u/www 755 0:0; /jails/u belongs to user 4294967295 # chown root /jails/u",
        "/jails 770 0:0 > /jails/www 755 0:0; /jails is writable by group 0 # chmod g-w /jails",
        "/srv 2775 0:50 > /srv/www 755 0:0; /srv is writable by group 50 # chmod g-w /srv",
        "/tmp 777 0:0 > /tmp/jails 700 0:0 > /tmp/jails/www 755 0:0; /tmp is writable by others # chmod +t /tmp",
        "/tmp 1777 0:0 > /tmp/jails 700 7:0 > /tmp/jails/www 755 0:0; /tmp/jails belongs to user 7 # chown root /tmp/jails",
        "/jails 700 0:0 > /jails/all 1777 0:0 > /jails/all/www 700 7:0;"
                + " /jails/all/www belongs to user 7 # chown root /jails/all/www"})
    void whoCanReplaceIt(String way, String told) {
        assertEquals("users of the host can replace it: " + told, told(way(way)));
    }

    private static String withAcl(int mode, int... entries) {
        return told(List.of(new PathComponent("/", 040755, 0, 0, Acl.NONE),
                new PathComponent("/jails", 040000 | mode, 0, 9, Acl.parse(AclTest.attribute(entries))),
                new PathComponent("/jails/www", 040755, 0, 0, Acl.NONE)));
    }

    @Test
    void aListGrantsWhatItsMaskLeaves() {
        var open = "users of the host are not kept out: /jails is open to ";
        assertEquals(open + "user 1000 # chmod go= /jails", withAcl(0710, 1, 7, -1, 2, 1, 1000, 4, 0, -1, 16, 1, -1, 32, 0, -1));
        assertEquals(open + "group 0 # chmod go= /jails", withAcl(0710, 1, 7, -1, 4, 0, -1, 8, 5, 0, 16, 1, -1, 32, 0, -1));
        assertEquals(open + "group 9 # chmod go= /jails", withAcl(0710, 1, 7, -1, 2, 1, 0, 4, 1, -1, 16, 1, -1, 32, 0, -1));
        assertEquals(open + "others # chmod go= /jails", withAcl(0701, 1, 7, -1, 2, 0, 1, 4, 0, -1, 16, 0, -1, 32, 1, -1));
        assertEquals("", withAcl(0740, 1, 7, -1, 2, 1, 1000, 4, 1, -1, 8, 7, 5, 16, 4, -1, 32, 0, -1));
        assertEquals("", withAcl(0770, 1, 7, -1, 2, 7, 0, 4, 4, -1, 16, 7, -1, 32, 0, -1), "root may, and all may list");
        assertEquals("users of the host can replace it: /jails is writable by user 1000 # chmod g-w /jails",
                withAcl(0770, 1, 7, -1, 2, 2, 1000, 4, 0, -1, 16, 7, -1, 32, 0, -1));
    }

    @Test
    void nothingIsMissedOfAnOrdinaryWay() {
        for (int mode = 0; mode < 01000; mode++) {
            boolean passable = (mode & 011) != 0;
            boolean writable = (mode & 022) != 0;
            assertEquals(passable || writable, Exposure.of(way("/jails " + Integer.toOctalString(mode)
                    + " 0:0 > /jails/www 755 0:0")).isPresent(), Integer.toOctalString(mode));
        }
        assertEquals(Optional.empty(), Exposure.of(way("/jails 1722 0:0 > /jails/www 755 0:0")));
    }
}
