package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The jails of /etc/jail.conf as a service of the machine. */
class ServiceIT {
    private static final String SCRIPT = Path.of("etc/init.d/jail").toAbsolutePath().toString();
    private static final String UNIT = Path.of("etc/systemd/jail.service").toAbsolutePath().toString();
    private static final Path FILE = Path.of("/etc/jail.conf");
    private static final String JAILS = """
            path = "%s";
            persist;
            www { depend = db; }
            db { }
            7 { name = seven; }
            """.formatted(Tree.busybox());
    private static final int NOT_RUNNING = 3;
    private static final int UNKNOWN = 4;

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    /** The commands are where they are installed, /etc is a copy. */
    @BeforeEach
    void haveOwnSettings() {
        var copies = Tree.empty().directory("sbin");
        host.run("sh", "-ec", """
                cp -a /etc "$0/etc"
                rm -f "$0/etc/jail.conf"
                mount --bind "$0/etc" /etc
                ln -s "$1"/* "$0/sbin/"
                mount --bind "$0/sbin" /usr/local/sbin
                """, copies.toString(), Host.BIN.toString()).said();
    }

    @AfterEach
    void haveThemNoMore() {
        host.jail("-R", "*");
        host.run("umount", "/etc", "/usr/local/sbin").said();
    }

    private void declare(String jails) throws IOException {
        Files.writeString(host.path(FILE.toString()), jails);
    }

    private Result service(String... words) {
        var command = new ArrayList<>(List.of("env", "-i", SCRIPT));
        command.addAll(List.of(words));
        return host.run(command.toArray(String[]::new));
    }

    private void assertStatus(int status, String... lines) {
        var result = service("status");
        assertEquals(String.join("\n", lines), result.out().strip());
        assertEquals(status, result.status(), result.errors());
    }

    @Test
    void allAreMadeAndRemoved() throws IOException {
        declare(JAILS);
        host.jail("-c", "name=other", "path=/", "allow.exposed_path", "persist").said();
        assertStatus(NOT_RUNNING, "www: not running", "db: not running", "7: not running");
        assertEquals(List.of("7: created", "db: created", "www: created"), service("start").said().lines().sorted().toList());
        assertStatus(0, "www: running", "db: running", "7: running");
        assertEquals("", service("start").said(), "they run");
        service("stop").said();
        assertStatus(NOT_RUNNING, "www: not running", "db: not running", "7: not running");
        assertEquals("", service("stop").said(), "none runs");
        assertEquals("other", host.jls("name").said(), "made otherwise, it is left alone");
    }

    @Test
    void someOfThem() throws IOException {
        declare(JAILS);
        assertEquals("db: created\n7: created", service("start", "db", "7").said());
        assertEquals("", service("start", "db").said(), "it runs");
        assertEquals("www: not running\n7: running\n", service("status", "www", "7").out());
        assertEquals("7: running", service("status", "7").said());
        int before = Integer.parseInt(host.jls("-j", "db", "jid").said());
        assertEquals("db: removed\ndb: created", service("restart", "db").said());
        assertTrue(Integer.parseInt(host.jls("-j", "db", "jid").said()) > before);
        assertEquals("7: removed", service("stop", "7", "www").said());
        assertEquals("db", host.jls("name").said());
        service("start", "nosuch").assertFailed("jail: \"nosuch\" not found");
    }

    @Test
    void aJailThatFailsDoesNotKeepTheOthers() throws IOException {
        declare(JAILS + "bad { path = /nonexistent; }");
        var result = service("start");
        assertEquals(1, result.status());
        assertEquals("jail: bad: path /nonexistent: No such file or directory\n", result.errors());
        assertStatus(NOT_RUNNING, "www: running", "db: running", "7: running", "bad: not running");
    }

    @Test
    void aFileWithErrors() throws IOException {
        declare("www {");
        service("start").assertFailed("jail: /etc/jail.conf line 1 column 6: unexpected EOF");
        assertEquals(UNKNOWN, service("status").status());
    }

    @Test
    void withoutAFileThereIsNothingToDo() {
        host.jail("-c", "name=other", "path=/", "allow.exposed_path", "persist").said();
        for (var action : List.of("start", "restart", "stop")) {
            assertEquals("", service(action).said());
        }
        assertStatus(NOT_RUNNING);
        assertEquals("other", host.jls("name").said());
        assertEquals(2, service("nosuch").status());
    }

    /** The unit is one that systemd takes, and its commands do what they are for. */
    @Test
    void theUnit() throws IOException {
        if (Files.exists(Path.of("/usr/bin/systemd-analyze"))) {
            assertEquals("", host.run("systemd-analyze", "verify", "--man=no", UNIT).said());
        }
        declare(JAILS);
        assertEquals(3, host.run(command("ExecStart")).said().lines().count());
        assertEquals(3, host.run(command("ExecStop")).said().lines().count());
        assertTrue(Host.read(Path.of(UNIT)).lines().anyMatch(line -> line.equals("ConditionPathExists=" + FILE)));
    }

    /** As systemd runs it, without a shell. */
    private static String[] command(String key) {
        return Host.read(Path.of(UNIT)).lines().filter(line -> line.startsWith(key + "=")).findFirst().orElseThrow()
                .substring(key.length() + 1).replaceFirst("^-", "").split(" ");
    }
}
