package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** OpenSSH with Debian's configuration, PAM and separated privileges included. */
class SshIT extends Services {
    private static final int SSHD = 100;
    private static final String MODULES = "/lib/x86_64-linux-gnu/security";

    private static final Tree CLIENT_TREE = client();
    private static final Tree SERVER_TREE = server();

    private static Tree client() {
        var tree = Tree.busybox().program("/usr/bin/ssh", "/usr/bin/sftp").directory("root/.ssh", 0700);
        Tree.output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tree.path("root/.ssh/id_ed25519").toString());
        return tree;
    }

    private static Tree server() {
        var modules = Host.list(Path.of(MODULES)).stream().filter(name -> name.endsWith(".so"))
                .map(name -> MODULES + "/" + name).toArray(String[]::new);
        var tree = Tree.busybox().program("/usr/sbin/sshd", "/usr/lib/openssh/sftp-server").program(modules)
                .all("/etc/pam.d").user("sshd", SSHD, "/run/sshd").directory("run/sshd")
                .all("/usr/share/openssh/sshd_config", "etc/ssh/sshd_config")
                .all("/etc/security").directory("var/log").file("var/log/lastlog", "")
                .file("etc/shadow", "root:*:19000::::::\nuser:*:19000::::::\n").mode("etc/shadow", 0600)
                .file("home/user/letter", "Dear user,\n");
        var hostKey = tree.path("etc/ssh/ssh_host_ed25519_key").toString();
        Tree.output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey);
        var key = Host.read(CLIENT_TREE.path("root/.ssh/id_ed25519.pub"));
        tree.file("root/.ssh/authorized_keys", key).file("home/user/.ssh/authorized_keys", key);
        CLIENT_TREE.file("root/.ssh/known_hosts", "* " + Host.read(Path.of(hostKey + ".pub")));
        return tree;
    }

    /** ssh(1) or sftp(1), with the files below this directory and no others. */
    private static String[] client(String program, String root, String... words) {
        var options = List.of(program, "-F", "none", "-o", "IdentityFile=" + root + "/root/.ssh/id_ed25519",
                "-o", "UserKnownHostsFile=" + root + "/root/.ssh/known_hosts", "-o", "GlobalKnownHostsFile=none",
                "-o", "BatchMode=yes", "-o", "ConnectTimeout=5");
        return Stream.concat(options.stream(), Stream.of(words)).toArray(String[]::new);
    }

    private Result fromHost(String... words) {
        return host.run(client("/usr/bin/ssh", CLIENT_TREE.toString(), words));
    }

    private Result fromJail(String... words) {
        return inClient(CLIENT_TREE, client("/usr/bin/ssh", "", words));
    }

    private void serve(String hostname, String addresses) {
        serve(SERVER_TREE, hostname, addresses, "/usr/sbin/sshd", "-E", "/var/log/sshd");
    }

    @Test
    void twoJailsTakeCommandsOnPort22OfBothFamilies() {
        serve("first.example", FIRST);
        serve("second.example", SECOND);
        var command = "id -un; hostname; set -- $SSH_CONNECTION; echo $1 $3 $4";
        for (var address : List.of(FIRST4, FIRST6, SECOND4, SECOND6)) {
            boolean six = address.contains(":");
            boolean first = address.equals(FIRST4) || address.equals(FIRST6);
            var user = first ? "root" : "user";
            var answer = user + "\n" + (first ? "first.example" : "second.example") + "\n%s " + address + " 22";
            assertEquals(answer.formatted(six ? HOST6 : HOST4),
                    fromHost("-b", six ? HOST6 : HOST4, user + "@" + address, command).said());
            assertEquals(answer.formatted(six ? CLIENT6 : CLIENT4), fromJail(user + "@" + address, command).said());
        }
        assertFreeOnTheHost("tcp", 22);
        assertEquals(7, fromHost("user@" + FIRST4, "exit 7").status());
    }

    @Test
    void strangersAreTurnedAway() {
        serve("first.example", FIRST);
        var refused = fromHost("-o", "IdentityFile=none", "-o", "IdentitiesOnly=yes", "nobody@" + FIRST4, "true");
        assertEquals(255, refused.status());
        assertTrue(refused.errors().contains("Permission denied (publickey"), refused.toString());
    }

    @Test
    void aLoginHasATerminalOfTheUsers() {
        serve("first.example", FIRST);
        assertEquals("/dev/pts/0 user", fromJail("-ttq", "user@" + FIRST4, "echo $(tty) $(stat -c %U $(tty))").said());
    }

    @Test
    void filesAreFetched() throws IOException {
        serve("first.example", FIRST);
        var fetched = CLIENT_TREE.path("tmp/fetched");
        Files.deleteIfExists(fetched);
        var copy = client("/usr/bin/sftp", "", "-q", "user@[" + FIRST6 + "]:letter", "/tmp/fetched");
        assertEquals(0, inClient(CLIENT_TREE, copy).status());
        assertEquals("Dear user,\n", Host.read(fetched));
    }

    /** What parses a stranger's bytes is another user, in an empty directory that root has made its root. */
    @Test
    void beforeTheLoginItsPrivilegesAreSeparated() {
        serve("first.example", FIRST);
        int jid = jid("first.example");
        var stranger = host.start("busybox", "nc", FIRST4, "22");
        stranger.await("SSH-2.0-OpenSSH").type("SSH-2.0-stranger\r\n");
        var found = "";
        for (int i = 0; i < 200 && !found.contains("sshd"); i++) {
            found = host.jexec(jid, "sh", "-c", "for p in /proc/[0-9]*; do grep -q '[n]et\\]' $p/cmdline && "
                    + "echo $(stat -c %U $p) $(readlink $p/root); done").out();
            Host.pause();
        }
        assertEquals("sshd /run/sshd\n", found);
        stranger.kill();
    }
}
