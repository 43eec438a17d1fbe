package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is installed, and where. */
class InstallIT {
    private static final String INSTALL = Path.of("install").toAbsolutePath().toString();

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private final Tree root = Tree.empty();

    private void install(String prefix, String... words) {
        var command = new ArrayList<>(List.of(INSTALL));
        command.addAll(List.of(words));
        host.start(command, Map.of("DESTDIR", root.toString(), "PREFIX", prefix, "PATH", System.getenv("PATH"))).end().said();
    }

    private String run(String... command) {
        return host.run(command).said();
    }

    @Test
    void everythingIsWhereItIsLookedFor() {
        install("/usr/local");
        var sbin = root.path("usr/local/sbin");
        assertEquals(List.of("jail", "jexec", "jls", "jps", "mkjail", "stockade"), Host.list(sbin));
        assertEquals("JID", run(sbin + "/jls").substring(0, 3));
        var share = root.path("usr/local/share");
        assertEquals("jail.conf.5", Path.of(run("man", "-M", share + "/man", "-w", "5", "jail.conf")).getFileName().toString());
        assertEquals("jail.8", Path.of(run("man", "-M", share + "/man", "-w", "jail")).getFileName().toString());
        assertEquals(List.of("jail", "jexec", "jls", "jps", "mkjail"), Host.list(share.resolve("bash-completion/completions")));
        assertEquals(List.of("_jail"), Host.list(share.resolve("zsh/site-functions")));
        assertEquals(Host.read(Path.of("etc/systemd/jail.service")), Host.read(root.path("etc/systemd/system/jail.service")));
        assertEquals(Host.read(Path.of("etc/init.d/jail")), Host.read(root.path("etc/init.d/jail")));
        assertEquals(0755, (int) root.attribute("etc/init.d/jail", "mode") & 0777);
    }

    @Test
    void elsewhereAndAgain() {
        install("/opt/stockade", "all");
        install("/opt/stockade", "all");
        var commands = new TreeSet<>(Host.list(Host.BIN));
        commands.add("stockade");
        assertEquals(List.copyOf(commands), Host.list(root.path("opt/stockade/sbin")));
        var unit = Host.read(root.path("etc/systemd/system/jail.service"));
        assertTrue(unit.contains("ExecStart=-/opt/stockade/sbin/jail -c\n"), unit);
        var script = Host.read(root.path("etc/init.d/jail"));
        assertTrue(script.contains("PATH=/opt/stockade/sbin:"), script);
        assertEquals(List.of("jail"), Host.list(root.path("etc/init.d")));
    }
}
