package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** nginx, much as Debian configures it, and curl. */
class NginxIT extends Services {
    private static final int WWW_DATA = 33;
    private static final Tree CURL = Tree.busybox().program("/usr/bin/curl");

    /** A tree with a page. */
    private static Tree tree(String page) {
        return Tree.busybox().program("/usr/sbin/nginx").user("www-data", WWW_DATA, "/var/www")
                .directory("var/log/nginx").directory("var/lib/nginx").directory("run")
                .file("etc/nginx/nginx.conf", configuration("", "80", "[::]:80", "root /var/www/html"))
                .file("var/www/html/index.html", page + "\n");
    }

    private static String configuration(String root, String listen4, String listen6, String content) {
        return """
                user www-data;
                worker_processes 2;
                pid %1$s/run/nginx.pid;
                error_log %1$s/var/log/nginx/error.log;
                events { worker_connections 768; }
                http {
                    sendfile on;
                    tcp_nopush on;
                    access_log %1$s/var/log/nginx/access.log;
                    client_body_temp_path %1$s/var/lib/nginx/body;
                    proxy_temp_path %1$s/var/lib/nginx/proxy;
                    fastcgi_temp_path %1$s/var/lib/nginx/fastcgi;
                    uwsgi_temp_path %1$s/var/lib/nginx/uwsgi;
                    scgi_temp_path %1$s/var/lib/nginx/scgi;
                    server {
                        listen %2$s default_server;
                        listen %3$s default_server;
                        %4$s;
                    }
                }
                """.formatted(root, listen4, listen6, content);
    }

    private static String[] fetch(String address, String... options) {
        var url = "http://" + (address.contains(":") ? "[" + address + "]" : address) + "/";
        return Stream.of(List.of("/usr/bin/curl", "-sS", "--max-time", "5"), List.of(options), List.of(url))
                .flatMap(List::stream).toArray(String[]::new);
    }

    /** Who has asked a server, in the order of their addresses. */
    private static List<String> askers(Tree tree) {
        var log = Host.read(tree.path("var/log/nginx/access.log"));
        return log.lines().map(line -> line.split(" ")[0]).sorted().toList();
    }

    private static List<String> sorted(String... addresses) {
        return Stream.of(addresses).sorted().toList();
    }

    @Test
    void hostAndTwoJailsServePort80OfBothFamiliesAtOnce() {
        var first = tree("first");
        var second = tree("second");
        serve(first, "first.example", FIRST, "/usr/sbin/nginx");
        serve(second, "second.example", SECOND, "/usr/sbin/nginx");
        assertFreeOnTheHost("tcp", 80);
        var hosts = Tree.empty().directory("run").directory("var/log/nginx").directory("var/lib/nginx");
        hosts.file("nginx.conf",
                configuration(hosts.toString(), HOST4 + ":80", "[" + HOST6 + "]:80", "return 200 host"));
        assertEquals("", host.run("nginx", "-c", hosts.path("nginx.conf").toString()).said());
        var pages = Map.of(FIRST4, "first", FIRST6, "first", SECOND4, "second", SECOND6, "second", HOST4, "host",
                HOST6, "host");
        pages.forEach((address, page) -> {
            var own = address.contains(":") ? HOST6 : HOST4;
            assertEquals(page, host.run(fetch(address, "--interface", own)).said());
            assertEquals(page, inClient(CURL, fetch(address)).said());
        });
        for (var server : List.of(first, second, hosts)) {
            assertEquals(sorted(HOST4, HOST6, CLIENT4, CLIENT6), askers(server));
        }
        assertEquals(0, host.run("nginx", "-c", hosts.path("nginx.conf").toString(), "-s", "quit").status());
    }

    /** Each is reached at its own loopback address from inside. */
    @Test
    void loopbackLeadsToTheJailsOwn() {
        var first = tree("first");
        serve(first.program("/usr/bin/curl"), "first.example", FIRST, "/usr/sbin/nginx");
        serve(tree("second"), "second.example", SECOND, "/usr/sbin/nginx");
        for (var address : List.of("127.0.0.1", "::1")) {
            assertEquals("first", in("first.example", fetch(address)).said());
        }
        assertEquals(sorted(FIRST4, FIRST6), askers(first));
    }

    @Test
    void itsWorkersAreAnotherUserAndItIsReloadedAndEndedBySignals() {
        serve(tree("page"), "first.example", FIRST, "/usr/sbin/nginx");
        int jid = jid("first.example");
        var users = "jail-init root,nginx root,nginx www-data,nginx www-data";
        assertEquals(users, users(jid));
        long worker = host.processes(jid).stream().filter(pid -> uid(pid) == uid(jid, WWW_DATA)).findFirst()
                .orElseThrow();
        assertEquals(0, host.jexec(jid, "/usr/sbin/nginx", "-s", "reload").status());
        while (ProcessHandle.of(worker).isPresent()) {
            Host.pause();
        }
        assertEquals("page", host.run(fetch(FIRST4)).said());
        assertEquals(users, users(jid));
        assertEquals(0, host.jexec(jid, "/usr/sbin/nginx", "-s", "quit").status());
        host.assertNothingLeft();
    }

    private String users(int jid) {
        return host.jexec(jid, "sh", "-c", "ps -o comm,user | grep -E '^(jail-init|nginx) '").said()
                .lines().map(line -> line.replaceAll(" +", " ").strip()).collect(Collectors.joining(","));
    }

    private static long uid(int jid, int uid) {
        return (1L << 31) + ((long) jid << 16) + uid;
    }

    private static long uid(long pid) {
        return Host.read(Path.of("/proc/" + pid + "/status")).lines().filter(line -> line.startsWith("Uid:"))
                .map(line -> Long.valueOf(line.split("\t")[1])).findFirst().orElseThrow();
    }

    @Test
    void inAStackOfItsOwnItServesTheHostAndOtherJailsLikewise() {
        var server = tree("own");
        assertEquals("", host.jail("-c", "path=" + server, "host.hostname=own.example", "vnet", "ip4.addr=" + FIRST4,
                "ip6.addr=" + FIRST6, "command=/usr/sbin/nginx").said());
        serve(tree("shared"), "shared.example", SECOND, "/usr/sbin/nginx");
        for (var address : List.of(FIRST4, FIRST6)) {
            var own = address.contains(":") ? HOST6 : HOST4;
            assertEquals("own", host.run(fetch(address, "--interface", own)).said());
            assertEquals("own", inClient(CURL, fetch(address)).said());
        }
        for (var address : List.of(FIRST4, FIRST6, SECOND4, SECOND6)) {
            var page = address.equals(FIRST4) || address.equals(FIRST6) ? "own" : "shared";
            var words = fetch(address);
            words[0] = "command=" + words[0];
            assertEquals(page, host.jail(words(List.of("-c", "path=" + CURL, "vnet", "ip4.addr=" + CLIENT4,
                    "ip6.addr=" + CLIENT6), words)).said(), address);
        }
        assertEquals(sorted(HOST4, HOST6, CLIENT4, CLIENT6, CLIENT4, CLIENT6), askers(server));
        assertFreeOnTheHost("tcp", 80);
    }
}
