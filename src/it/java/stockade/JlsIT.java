package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What jls(8) says of running jails, and in which form. */
class JlsIT {
    private static final Tree TREE = Tree.busybox();
    private static final String HEADER = "   JID  IP Address      Hostname                      Path\n";

    @RegisterExtension
    final Host host = new Host();

    private int start(Object... words) {
        var all = new ArrayList<Object>(List.of("-i"));
        all.addAll(List.of(words));
        all.addAll(List.of("sleep", "600"));
        return Integer.parseInt(host.startJail(all.toArray()).line());
    }

    private static String row(int jid, String address, String hostname, Object path) {
        return "%6d  %-15.15s %-29.29s %.74s\n".formatted(jid, address, hostname, path);
    }

    @Test
    void noJails() {
        var result = host.jls();
        assertEquals(HEADER, result.out());
        assertEquals("", result.errors());
        assertEquals(0, result.status());
        assertEquals("", host.jls("jid").said());
    }

    @Test
    void table() {
        var longHostname = "a-hostname-that-is-longer.than.the.column.example.org";
        int first = start(TREE, "www.example.org", "10.7.0.2");
        int second = start("-n", "named", TREE, longHostname, "192.168.100.200");
        int third = start(TREE, "", "");
        assertEquals(HEADER + row(first, "10.7.0.2", "www.example.org", TREE)
                + row(second, "192.168.100.200", longHostname, TREE) + row(third, "", "", TREE), host.jls().out());
    }

    @Test
    void aLongPathIsCut() {
        var tree = Tree.busybox();
        var deep = "deep/".repeat(20) + "tree";
        tree.directory(deep);
        host.run("mount", "--bind", tree.toString(), tree.path(deep).toString()).said();
        var jail = host.startJail("-i", tree.path(deep), "www", "10.7.0.2", "cat");
        int jid = Integer.parseInt(jail.line());
        assertEquals(HEADER + row(jid, "10.7.0.2", "www", tree.path(deep)), host.jls().out());
        jail.end();
        host.run("umount", tree.path(deep).toString()).said();
    }

    @Test
    void jailsComeByTheirJids() {
        for (var name : List.of("300", "20", "1000")) {
            start("-n", name, TREE, "www", "10.7.1." + name.length());
        }
        assertEquals("20\n300\n1000", host.jls("jid").said());
    }

    @Test
    void oneJail() {
        int first = start("-n", "www", TREE, "www.example.org", "10.7.0.2");
        start("-n", "mail", TREE, "mail.example.org", "10.7.0.3");
        assertEquals(HEADER + row(first, "10.7.0.2", "www.example.org", TREE), host.jls("-j", "www").out());
        assertEquals(HEADER + row(first, "10.7.0.2", "www.example.org", TREE), host.jls("-j", first).out());
        assertEquals("www.example.org", host.jls("-j", "www", "host.hostname").said());
    }

    @Test
    void parameters() {
        int first = start("-n", "www", TREE, "www.example.org", "10.7.0.2");
        int second = start("-n", "mail", "-s", "2", TREE, "mail.example.org", "10.7.0.3");
        assertEquals(first + " www\n" + second + " mail\n", host.jls("jid", "name").out());
        assertEquals("jid name\n" + first + " www\n" + second + " mail\n", host.jls("-h", "jid", "name").out());
        assertEquals("jid=%d name=www\njid=%d name=mail\n".formatted(first, second), 
                host.jls("-n", "jid", "name").out());
        assertEquals("10.7.0.2 www.example.org " + TREE + "\n10.7.0.3 mail.example.org " + TREE + "\n",
                host.jls("ip4.addr", "host.hostname", "path").out());
        assertEquals("-1\n2\n", host.jls("securelevel").out());
    }

    @Test
    void allParametersByName() {
        int jid = start("-n", "www", TREE, "www.example.org", "10.7.0.2");
        var words = List.of(host.jls("-n").said().split(" "));
        for (var word : List.of("jid=" + jid, "name=www", "path=" + TREE, "host.hostname=www.example.org",
                "ip4.addr=10.7.0.2", "nopersist")) {
            assertTrue(words.contains(word), words.toString());
        }
        assertEquals(host.jls("-n").out(), host.jls("-n", "all").out());
        var header = host.jls("-h").out().split("\n")[0].split(" ");
        assertTrue(List.of(header).containsAll(List.of("jid", "name", "path", "host.hostname", "ip4.addr")),
                List.of(header).toString());
    }

    @Test
    void quotedValues() {
        start(TREE, "two words", "10.7.0.2");
        assertEquals("two words\n", host.jls("host.hostname").out());
        assertEquals("\"two words\"\n", host.jls("-q", "host.hostname").out());
    }

    @Test
    void failures() {
        start("-n", "www", TREE, "www", "10.7.0.2");
        host.jls("-j", "nosuch").assertFailed("jls: jail \"nosuch\" not found");
        host.jls("-j", "4711").assertFailed("jls: jail 4711 not found");
        host.jls("nosuch").assertFailed("jls: unknown parameter: nosuch");
        host.jls("jid", "nosuch").assertFailed("jls: unknown parameter: nosuch");
        var result = host.jls("-x");
        assertEquals(1, result.status());
        assertTrue(result.errors().contains("usage: jls "), result.errors());
    }

    @Test
    void onlyRootMayAsk() {
        host.run("setpriv", "--reuid", "65534", "--clear-groups", Host.BIN + "/jls")
                .assertFailed("jls: jail_get: Operation not permitted");
    }
}
