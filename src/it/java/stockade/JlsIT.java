package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.w3c.dom.Element;

/** What jls(8) says of running jails, and in which form. */
class JlsIT {
    private static final Tree TREE = Tree.busybox();
    private static final String HEADER = "   JID  IP Address      Hostname                      Path\n";

    @RegisterExtension
    final Host host = new Host();

    /** What runs in the jails does not end with those who started it. */
    @AfterEach
    void end() {
        host.jail("-q", "-R", "*");
    }

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

    /** Most are told by their records; the kernel is asked where the jail's root or jail -m has set another one. */
    @Test
    void hostnamesAreThoseOfNow() {
        int kept = start(TREE, "kept", "");
        int own = start(TREE, "own", "");
        int given = start(TREE, "given", "");
        int both = start(TREE, "both", "");
        host.jexec(own, "hostname", "own-1").said();
        host.jail("-m", "jid=" + given, "host.hostname=given-1").said();
        host.jail("-m", "jid=" + both, "host.hostname=both-1").said();
        host.jexec(both, "hostname", "both-2").said();
        assertHostnames(Map.of(kept, "kept", own, "own-1", given, "given-1", both, "both-2"));
        host.jexec(own, "hostname", "own-2").said();
        host.jail("-m", "jid=" + own, "host.hostname=own-3").said();
        host.jexec(given, "hostname", "given-2").said();
        host.jail("-m", "jid=" + both, "host.hostname=both-3").said();
        assertHostnames(Map.of(kept, "kept", own, "own-3", given, "given-2", both, "both-3"));
    }

    /** What jls(8) need not ask for; the next jail with the jid has its own name. */
    @Test
    void whereItIsToldThatAJailLivesAndHasNamedItself() throws IOException {
        host.jail("-c", "jid=70", "path=" + TREE, "host.hostname=www", "persist").said();
        assertEquals("locked 0", life(70));
        host.jexec(70, "hostname", "own").said();
        host.jexec(70, "hostname", "again").said();
        assertEquals("locked 1", life(70));
        host.jail("-r", 70).said();
        assertEquals("free 1", life(70));
        host.jail("-c", "jid=70", "path=" + TREE, "host.hostname=www", "persist").said();
        assertEquals("locked 0", life(70));
        assertHostnames(Map.of(70, "www"));
    }

    /** So many jids as 64 have a file together; the kernel tells the locks of one in the order in which they were made. */
    @Test
    void manyJidsInAnyOrder() {
        var living = new ArrayList<>(List.of(127, 3, 32766, 1, 64, 5, 62, 128, 65, 2, 63, 4));
        for (int jid : living) {
            host.jail("-c", "jid=" + jid, "path=" + TREE, "host.hostname=h" + jid, "persist").said();
        }
        assertHostnames(living.stream().collect(Collectors.toMap(jid -> jid, jid -> "h" + jid)));
        for (int jid : List.of(4, 64, 1)) {
            host.run("kill", "-9", "" + host.process(jid, "jail-warden")).said();
            living.remove(Integer.valueOf(jid));
        }
        host.jail("-r", 127).said();
        living.remove(Integer.valueOf(127));
        Host.pause();
        assertHostnames(living.stream().collect(Collectors.toMap(jid -> jid, jid -> "h" + jid)));
        assertEquals(living.stream().map(String::valueOf).collect(Collectors.toSet()), Set.copyOf(Host.list(host.path("/run/stockade/jail"))));
    }

    /** What they have, and whether they live, is not where this version looks. */
    @Test
    void jailsOfAnotherVersionAreLeftAlone() throws IOException {
        var jail = Files.createDirectories(host.path("/run/stockade/jail/7"));
        assertEquals(HEADER, host.jls().out());
        var message = "jail: /run/stockade/jail/: jails of another version of stockade are still there\n";
        assertEquals(message, host.jail(TREE, "www", "", "true").errors());
        assertEquals(1, host.jail("-r", 7).status());
        assertTrue(Files.exists(jail));
        Files.delete(jail);
        host.jail(TREE, "www", "", "true").said();
    }

    private String life(int jid) throws IOException {
        var file = host.path("/run/stockade/life/" + jid / 64);
        int place = jid % 64;
        boolean locked = host.run("grep", "-q", "OFDLCK ADVISORY *READ .*:" + Files.getAttribute(file, "unix:ino") + " " + place + " " + place
                + "$", "/proc/locks").status() == 0;
        return (locked ? "locked " : "free ") + Files.readAllBytes(file)[place];
    }

    private void assertHostnames(Map<Integer, String> hostnames) {
        var table = new StringBuilder(HEADER);
        new TreeMap<>(hostnames).forEach((jid, hostname) -> {
            table.append(row(jid, "", hostname, TREE));
            assertEquals(row(jid, "", hostname, TREE), host.jls("-j", jid).out().substring(HEADER.length()));
            assertEquals(hostname, host.jexec(jid, "hostname").said());
        });
        assertEquals(table.toString(), host.jls().out());
    }

    /** Records are symbolic links, which have at most 4,095 bytes: others are files. */
    @Test
    void aRecordMayBeLongerThanALink() throws IOException {
        var tree = Tree.busybox();
        var path = tree.path("x");
        while (path.toString().length() < 3950) {
            path = path.resolve("x".repeat(Math.min(200, 4000 - path.toString().length())));
        }
        tree.directory(tree.path("").relativize(path).toString());
        host.run("mount", "--bind", tree.toString(), path.toString()).said();
        int jid = Integer.parseInt(host.jail("-i", "-c", "name=long", "path=" + path, "host.hostname=" + "h".repeat(64),
                "ip4.addr=10.7.0.2", "persist").said());
        assertTrue(Files.isRegularFile(host.path("/run/stockade/record/" + jid), LinkOption.NOFOLLOW_LINKS));
        int other = start(TREE, "www", "10.7.0.3");
        assertTrue(Files.isSymbolicLink(host.path("/run/stockade/record/" + other)));
        assertEquals(path + "\n" + TREE + "\n", host.jls("path").out());
        host.jail("-m", "jid=" + jid, "name=longer", "ip4.addr=10.7.0.4").said();
        assertEquals(path + " 10.7.0.4", host.jls("-j", "longer", "path", "ip4.addr").said());
        host.jail("-r", "longer").said();
        host.run("umount", path.toString()).said();
        assertEquals(List.of(Integer.toString(other)), Host.list(host.path("/run/stockade/jail")));
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
    void checkSaysNothing() {
        int jid = start("-n", "www", TREE, "www", "10.7.0.2");
        assertEquals("", host.jls("-c", "-j", "www").said());
        assertEquals("", host.jls("-cj", jid, "path").said());
        for (var other : List.of("nosuch", "4711")) {
            var result = host.jls("-c", "-j", other);
            assertEquals("status 1, stdout \"\", stderr \"\"", result.toString());
        }
        host.jls("-c").assertFailed("jls: -j jail to check must be provided for -c");
    }

    @Test
    void theLastOfFormsCounts() {
        start("-n", "www", TREE, "a b", "10.7.0.2");
        assertEquals("   JID  Hostname                      Path", host.jls("-hv").out().split("\n")[0]);
        assertTrue(host.jls("-vh").out().startsWith("devfs_ruleset "));
        assertTrue(host.jls("-vn").out().startsWith("devfs_ruleset=4 "));
        assertEquals("name host.hostname\nname=www host.hostname=\"a b\"\n", host.jls("-sh", "name", "host.hostname").out());
    }

    // jls -s

    private Running again(String words) {
        return host.start("sh", "-c", "eval \"$0 -ic $1 command=sleep 600\"", Host.BIN + "/jail", words);
    }

    /** The same line for the jail that it makes; also jail -m takes it. */
    private void assertMadeAgain(String jail) {
        var words = host.jls("-s", "-j", jail).said();
        assertEquals("", host.run("sh", "-c", "eval \"$0 -m $1\"", Host.BIN + "/jail", words).said());
        assertEquals(words, host.jls("-s", "-j", jail).said());
        host.jail("-qr", jail).said();
        int jid = Integer.parseInt(again(words).line());
        assertEquals(words, host.jls("-s", "-j", jid).said());
    }

    @Test
    void madeAgain() {
        start("-n", "www", "-s", "2", TREE, "www.example.org", "10.7.0.2,10.7.0.3,fd00:7::1");
        host.jail("-m", "name=www", "allow.sysvipc", "allow.noset_hostname", "sysvsem=new").said();
        var words = List.of(host.jls("-s", "-j", "www").said().split(" "));
        assertTrue(words.containsAll(List.of("name=www", "path=" + TREE, "ip4.addr=10.7.0.2,10.7.0.3", "ip6.addr=fd00:7::1",
                "securelevel=2", "allow.sysvipc", "allow.noset_hostname", "sysvsem=new", "nopersist", "vnet=inherit")), words.toString());
        assertTrue(words.stream().noneMatch(word -> word.matches("(jid|dying|parent|children.*|host|enforce_statfs|exec.*)=?.*")
                && !word.startsWith("host.")), words.toString());
        assertMadeAgain("www");
    }

    @Test
    void madeAgainWithoutAddressesOrWithAllOrItsOwnNetwork() {
        start("-n", "none", TREE, "none", "");
        assertMadeAgain("none");
        var inherits = host.startJail("-ic", "name=all", "path=" + TREE, "ip4=inherit", "ip6=inherit", "command=sleep", "600");
        inherits.line();
        assertMadeAgain("all");
        var own = host.startJail("-ic", "name=own", "path=" + TREE, "vnet", "ip4.addr=10.7.1.2/24", "command=sleep", "600");
        own.line();
        assertMadeAgain("own");
    }

    @Test
    void madeAgainWithItsInterfacesAndPrograms() {
        host.run("ip", "link", "add", "first0", "type", "veth", "peer", "name", "first1").said();
        host.run("ip", "link", "add", "given0", "type", "veth", "peer", "name", "given1").said();
        host.run("ip", "link", "set", "first0", "up").said();
        host.startJail("-ic", "name=shared", "path=" + TREE, "ip4.addr=first0|10.7.2.2/24", "exec.allow=/bin/busybox",
                "command=sleep", "600").line();
        assertTrue(host.jls("-s").said().contains(" ip4.addr=\"first0|10.7.2.2/24\""));
        assertTrue(host.jls("-s").said().contains(" exec.allow=/bin/busybox"));
        assertMadeAgain("shared");
        assertTrue(host.run("ip", "-o", "address", "show", "first0").said().contains(" 10.7.2.2/24 "));
        host.startJail("-ic", "name=own", "path=" + TREE, "vnet", "vnet.interface=given1", "command=sleep", "600").line();
        assertTrue(host.jls("-s", "-j", "own").said().endsWith(" vnet.interface=given1"));
        assertMadeAgain("own");
        host.jexec("own", "ip", "link", "show", "given1").said();
        host.jail("-qr", "own").said();
        host.jail("-qr", "shared").said();
        host.run("ip", "link", "del", "given0").said();
        host.run("ip", "link", "del", "first0").said();
    }

    /** The jail's superuser chooses a hostname that a shell would take for commands. */
    @Test
    void madeAgainWithAHostileHostname() {
        var mark = Tree.empty().path("mark");
        start("-n", "www", TREE, "www", "10.7.0.2");
        for (var hostname : List.of("$(touch " + mark + ")", "`touch " + mark + "`", "'; touch " + mark + "; '",
                "\"; touch " + mark + "; \"", "a\\' \" $HOME * ~ !")) {
            var shorter = hostname.length() > 64 ? hostname.substring(0, 64) : hostname;
            host.jexec("www", "hostname", shorter).said();
            assertEquals(shorter, host.jls("-j", "www", "host.hostname").said());
            assertMadeAgain("www");
            assertEquals(shorter, host.jls("-j", "www", "host.hostname").said());
            assertFalse(mark.toFile().exists(), shorter);
        }
    }

    // --libxo

    /** What python3 makes of JSON: the value of an expression about the jails. */
    private String json(Result result, String expression) {
        assertEquals("", result.errors());
        var python = host.start("python3", "-c", "import json, sys; top = json.load(sys.stdin.buffer)\n"
                + "assert top['__version'] == '2' and len(top) == 2, top\njails = top['jail-information']['jail']\n"
                + "print(ascii((" + expression + ")))");
        return python.type(result.output()).end().said();
    }

    private static Element xml(Result result) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(result.output()))
                .getDocumentElement();
    }

    private static String text(Element element, String tag) {
        return element.getElementsByTagName(tag).item(0).getTextContent();
    }

    @Test
    void tableAsData() throws Exception {
        assertEquals("[]", json(host.jls("--libxo=json"), "jails"));
        int jid = start("-n", "www", TREE, "www.example.org", "10.7.0.2,fd00:7::1");
        int other = start("-n", "mail", TREE, "", "fd00:7::2");
        assertEquals("[{'jid': %d, 'ipv4': '10.7.0.2', 'hostname': 'www.example.org', 'path': '%s'}, ".formatted(jid, TREE)
                + "{'jid': %d, 'ipv4': '', 'hostname': '', 'path': '%s'}]".formatted(other, TREE),
                json(host.jls("--libxo:J"), "jails"));
        assertEquals("['www', 'mail']", json(host.jls("-N", "--libxo", "json,pretty"), "[jail['name'] for jail in jails]"));
        var root = xml(host.jls("--libxo", "xml", "-j", "www"));
        assertEquals("jail-information 2", root.getTagName() + " " + root.getAttribute("version"));
        assertEquals("10.7.0.2", text(root, "ipv4"));
        assertEquals("www.example.org", text(root, "hostname"));
    }

    @Test
    void summaryAsData() throws Exception {
        start("-n", "www", TREE, "www.example.org", "10.7.0.2,10.7.0.3");
        assertEquals("['www', 'ACTIVE', ['10.7.0.2', '10.7.0.3'], []]",
                json(host.jls("-v", "--libxo=json"), "[jails[0][n] for n in ('name', 'state', 'ipv4_addrs', 'ipv6_addrs')]"));
        var addresses = xml(host.jls("-v", "--libxo:XP")).getElementsByTagName("ipv4_addr");
        assertEquals("10.7.0.2 10.7.0.3", addresses.item(0).getTextContent() + " " + addresses.item(1).getTextContent());
    }

    @Test
    void parametersAsData() {
        int jid = start("-n", "www", TREE, "www.example.org", "10.7.0.2,10.7.0.3");
        assertEquals("[{'jid': '%d', 'dying': 'false', 'ip4.addr': ['10.7.0.2', '10.7.0.3'], 'ip6.addr': []}]".formatted(jid),
                json(host.jls("--libxo=json", "jid", "dying", "ip4.addr", "ip6.addr"), "jails"));
        assertEquals("[{'dying': False, 'allow.reserved_ports': True}]",
                json(host.jls("--libxo=json", "-n", "dying", "allow.reserved_ports"), "jails"));
        assertEquals("True", json(host.jls("--libxo=json", "-n"), "len(jails[0]) == len(\""
                + host.jls("-h").out().split("\n")[0] + "\".split())"));
        assertEquals("('www', False)", json(host.jls("-s", "--libxo=json"), "jails[0]['name'], 'jid' in jails[0]"));
    }

    /** Control characters, no UTF-8, marks: each format stays what it is, and JSON tells all that it can. */
    @Test
    void aHostileHostnameIsData() throws Exception {
        int jid = start(TREE, "www", "10.7.0.2");
        host.jexec(jid, "sh", "-c", "hostname \"$(printf '\\377<b>&\"\\033[31m\\\\\\303\\244]]>\\r.')\"").said();
        assertEquals("'\\ufffd<b>&\"\\x1b[31m\\\\\\xe4]]>\\r.'", json(host.jls("--libxo=json"), "jails[0]['hostname']"));
        assertEquals("True", json(host.jls("--libxo=json", "-n"), "jails[0]['host.hostname'].startswith('\\ufffd<b>')"));
        assertEquals("\ufffd<b>&\"\ufffd[31m\\\u00e4]]>\r.", text(xml(host.jls("--libxo=xml")), "hostname"));
        var html = host.jls("--libxo=html", "host.hostname");
        assertEquals("<div class=\"line\"><div class=\"data\" data-tag=\"host.hostname\">\ufffd&lt;b&gt;&amp;&quot;"
                + "\\x1b[31m\\\u00e4]]&gt;\\x0d.</div></div>\n", html.out());
    }

    @Test
    void unknownOptionsOfLibxo() {
        host.jls("--libxo=yaml").assertFailed("jls: unknown libxo option value: 'yaml'");
        host.jls("--libxo", "json,colour").assertFailed("jls: unknown libxo option value: 'colour'");
        host.jls("--libxo:JQ").assertFailed("jls: unknown libxo option value: 'Q'");
        host.jls("--libxo").assertFailed("jls: missing libxo option");
        assertEquals(HEADER, host.jls("--libxo=text").out());
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
