package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PackagesTest {
    private static final String INFO = "/var/lib/dpkg/info/";

    private final FakeFiles files = new FakeFiles()
            .content("/var/lib/dpkg/status", """
                    Package: server
                    Status: install ok installed
                    Architecture: amd64
                    Source: server-source (1.0)
                    Depends: libc6 (>= 2.34), tzdata, netbase-not
                    Description: serves
                     Package: none

                    Package: libserver1
                    Status: install ok installed
                    Architecture: amd64
                    Multi-Arch: same
                    Source: server-source

                    Package: server-doc
                    Status: install ok installed
                    Architecture: all
                    Source: server-source

                    Package: server-old
                    Status: deinstall ok config-files
                    Architecture: amd64
                    Source: server-source

                    Package: other
                    Status: install ok installed
                    Architecture: all
                    """)
            .content(INFO + "server.list", "/.\n/usr\n/usr/sbin/server\n")
            .content(INFO + "libserver1:amd64.list", "/usr/lib/libserver.so.1\n")
            .content(INFO + "server-doc.list", "/usr/share/doc/server\n")
            .content(INFO + "server-old.list", "/etc/old\n")
            .content(INFO + "other.list", "/usr/sbin/serve\n/usr/sbin/servers\n/usr/sbin/other\n")
            .content(INFO + "tzdata.list", "/usr/share/zoneinfo\n")
            .content(INFO + "netbase.list", "/etc/protocols\n")
            .content(INFO + "server.postinst", "adduser --home /srv/own --system server-user\nchown /srv/ftp my-sshd\n")
            .content("/var/lib/ucf/registry", "server    /etc/server.conf\nother    /etc/other.conf\n");
    private final Packages packages = new Packages(files);

    private static List<String> cameWith(Packages packages, Set<String> paths) {
        return packages.filesWith(Set.copyOf(packages.owners(paths).values()));
    }

    @Test
    void whatCameWithAProgramIsThatOfItsWholeSource() {
        assertEquals(List.of("/.", "/usr", "/usr/sbin/server", "/etc/server.conf", "/usr/share/zoneinfo",
                "/usr/lib/libserver.so.1"), cameWith(packages, Set.of("/usr/sbin/server")));
        assertEquals(List.of("/usr/sbin/serve", "/usr/sbin/servers", "/usr/sbin/other", "/etc/other.conf"),
                cameWith(packages, Set.of("/usr/sbin/other")));
        assertTrue(cameWith(packages, Set.of("/usr/lib/libserver.so.1")).contains("/usr/sbin/server"));
    }

    @Test
    void nothingCameWithAProgramOfNoPackage() {
        assertEquals(List.of(), cameWith(packages, Set.of("/usr/sbin/mine", "/sbin/server", "/usr/sbin/serv")));
        assertEquals(List.of(), cameWith(new Packages(new FakeFiles()), Set.of("/usr/sbin/server")));
    }

    @Test
    void usersAreMentionedWhereTheyAreMade() {
        assertFalse(packages.mention("server-user"));
        cameWith(packages, Set.of("/usr/sbin/server"));
        assertTrue(packages.mention("server-user"));
        assertTrue(packages.mention("my-sshd"));
        for (var word : List.of("server", "user", "sshd", "own", "ftp", "gone")) {
            assertFalse(packages.mention(word), word);
        }
    }
}
