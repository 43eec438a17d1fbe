package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * vsftpd for anonymous users, who are kept in their directory by chroot(2), and curl. Debian's settings.
 * The sandbox is on, as by default: where clone(2) refuses the new namespaces of
 * isolate and isolate_network, vsftpd goes on without them; its filter of system calls comes on top of the jail's.
 */
class FtpIT extends Services {
    private static final int FTP = 100;
    private static final Tree CURL = Tree.busybox().program("/usr/bin/curl");

    private static Tree tree(String content, String settings) {
        return Tree.busybox().program("/usr/sbin/vsftpd")
                .user("ftp", FTP, "/srv/ftp").user("nobody", 65534, "/nonexistent")
                .directory("var/run/vsftpd/empty").directory("var/log").directory("srv/ftp/pub")
                .file("srv/ftp/pub/letter", content + "\n")
                .file("etc/vsftpd.conf", """
                        listen=NO
                        listen_ipv6=YES
                        background=YES
                        anonymous_enable=YES
                        local_enable=NO
                        dirmessage_enable=YES
                        xferlog_enable=YES
                        secure_chroot_dir=/var/run/vsftpd/empty
                        """ + settings);
    }

    private void serve(Tree tree, String hostname, String addresses) {
        serve(tree, hostname, addresses, "/usr/sbin/vsftpd");
    }

    private static String[] fetch(String server, String path, String... options) {
        var url = "ftp://" + (server.contains(":") ? "[" + server + "]" : server) + "/" + path;
        return Stream.of(List.of("/usr/bin/curl", "-sS", "--max-time", "5"), List.of(options), List.of(url))
                .flatMap(List::stream).toArray(String[]::new);
    }

    /** Who has fetched a file. */
    private static List<String> clients(Tree tree) {
        return Host.read(tree.path("var/log/vsftpd.log")).lines().filter(line -> line.contains("OK DOWNLOAD"))
                .map(line -> line.replaceAll(".*Client \"(::ffff:)?([^\"]*)\".*", "$2")).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--ftp-pasv", // EPSV
        "--ftp-pasv --disable-epsv", // PASV
        "--ftp-port -", // EPRT: the server connects to the client
        "--ftp-port - --disable-eprt", // PORT
    })
    void twoJailsServeFilesOnPort21(String mode) {
        var first = tree("Dear first,", "");
        serve(first, "first.example", FIRST);
        serve(tree("Dear second,", ""), "second.example", SECOND);
        var options = mode.split(" ");
        var onHost = Stream.concat(Stream.of("--interface", HOST4), Stream.of(options)).toArray(String[]::new);
        for (var server : List.of(FIRST4, SECOND4)) {
            var letter = server.equals(FIRST4) ? "Dear first," : "Dear second,";
            assertEquals(letter, host.run(fetch(server, "pub/letter", onHost)).said());
            assertEquals(letter, inClient(CURL, fetch(server, "pub/letter", options)).said());
            assertTrue(inClient(CURL, fetch(server, "pub/", options)).said().endsWith(" letter"));
        }
        assertEquals(List.of(HOST4, CLIENT4), clients(first));
        assertFreeOnTheHost("tcp", 21);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--ftp-pasv", "--ftp-port -"})
    void filesAreServedOverIpv6(String mode) {
        var first = tree("Dear first,", "");
        serve(first, "first.example", FIRST);
        assertEquals("Dear first,", host.run(fetch(FIRST6, "pub/letter", mode.split(" "))).said());
        assertEquals("Dear first,", inClient(CURL, fetch(FIRST6, "pub/letter", mode.split(" "))).said());
        assertEquals(List.of(FIRST6, CLIENT6), clients(first));
    }

    @Test
    void activeTransfersComeFromPort20() {
        serve(tree("Dear first,", "connect_from_port_20=YES\n"), "first.example", FIRST);
        assertEquals("Dear first,", inClient(CURL, fetch(FIRST4, "pub/letter", "--ftp-port", "-")).said());
    }

    @Test
    void aSessionIsAnotherUsersInADirectoryOfItsOwn() {
        serve(tree("Dear first,", ""), "first.example", FIRST);
        var session = host.start("busybox", "nc", FIRST4, "21");
        session.await("220 ").type("USER anonymous\r\n").await("331 ").type("PASS x\r\n").await("230 ");
        var roots = "for p in $(pidof vsftpd); do echo $(stat -c %U /proc/$p) $(readlink /proc/$p/root); done | sort";
        assertEquals("ftp /srv/ftp\nnobody /var/run/vsftpd/empty\nroot /",
                in("first.example", "sh", "-c", roots).said());
        session.type("CWD /../../etc\r\n").await("550 ").kill();
    }
}
