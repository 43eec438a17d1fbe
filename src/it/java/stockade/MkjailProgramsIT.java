package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Trees that mkjail(8) makes for programs of Debian's packages: each named alone is of use in its jail. */
class MkjailProgramsIT extends Services {
    private static final String POSTGRES = "/usr/lib/postgresql/"
            + Host.list(Path.of("/usr/lib/postgresql")).getLast() + "/bin/";
    private static final String DATA = "/var/lib/postgresql/data";

    private final Path keys = Tree.empty().root();

    private Tree made(String... programs) {
        var tree = new Tree(Tree.empty().path("made"));
        var result = host.mkjail(words(List.of(tree), programs));
        assertEquals(0, result.status(), result.toString());
        // a slow machine is told how far it is
        assertEquals("", result.out() + result.errors().replaceAll("mkjail: .* of .* files, .* MB\n", ""));
        assertHasNoSecrets(tree);
        return tree;
    }

    /** What only root may read on the host stays there. */
    private static void assertHasNoSecrets(Tree tree) {
        try (var files = Files.walk(tree.root())) {
            files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).forEach(file -> {
                var path = tree.root().relativize(file).toString();
                assertTrue(((int) tree.attribute(path, "mode") & 04) != 0, path);
                assertFalse(path.matches("etc/(g?shadow-?|ssh/ssh_host_.*_key)|etc/ssl/private/.*"), path);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String inFirst(Tree tree, String... command) {
        return host.jail(words(List.of(tree, "first.example", FIRST), command)).said();
    }

    private static String[] fetch(String... words) {
        return Stream.concat(Stream.of("/usr/bin/curl", "-sS", "--max-time", "5"), Stream.of(words)).toArray(String[]::new);
    }

    @Test
    void busybox() {
        assertEquals("first.example", inFirst(made("busybox"), "busybox", "sh", "-c", "busybox hostname"));
    }

    @Test
    void aShellAndWhatItRuns() {
        var tree = made("bash", "ls", "cat", "sort", "id").script("greet", "#!/bin/bash\ncat /etc/hosts\n");
        assertEquals("bin dev etc greet lib lib64 proc root run sbin tmp usr var",
                inFirst(tree, "bash", "-c", "printf '%s\\n' /* | sort -r | sort | while read f; do echo -n \"${f#/} \"; done"));
        assertEquals("127.0.0.1\tlocalhost\n::1\tlocalhost", inFirst(tree, "/greet"));
        assertEquals("uid=0(root) gid=0(root) groups=0(root)", inFirst(tree, "id"));
        assertTrue(Host.read(tree.path("etc/passwd")).startsWith("root:*:0:0:root:/root:/bin/bash\n"));
    }

    @Test
    void pythonHasItsStandardLibrary() {
        var program = """
                import asyncio, bz2, concurrent.futures, csv, ctypes, curses, datetime, decimal, email.message, encodings.idna
                import fcntl, grp, hashlib, http.server, json, logging, lzma, mmap, multiprocessing, pwd, queue, random
                import readline, select, socket, sqlite3, ssl, statistics, subprocess, tempfile, threading, unittest, uuid
                import urllib.request, xml.etree.ElementTree, zipfile, zlib, zoneinfo
                server = http.server.HTTPServer(('', 80), http.server.SimpleHTTPRequestHandler)
                threading.Thread(target=server.handle_request).start()
                print(urllib.request.urlopen('http://localhost/etc/letter').read().decode().strip())
                db = sqlite3.connect(':memory:')
                print(db.execute('select 6 * 7').fetchone()[0], lzma.decompress(lzma.compress(b'x')),
                      hashlib.new('sha3_256', b'').hexdigest()[:8], ctypes.CDLL(None).getpid() > 0,
                      ssl.create_default_context().cert_store_stats()['x509_ca'] > 50, pwd.getpwuid(0).pw_name)
                def double(n):
                    return 2 * n
                with multiprocessing.Pool(2) as pool:
                    print(pool.map(double, [1, 2, 3]), flush=True)
                async def soon():
                    return (await (await asyncio.create_subprocess_exec('python3', '-c', 'print(4)',
                            stdout=subprocess.PIPE)).communicate())[0]
                print(asyncio.run(soon()), json.dumps({'a': str(decimal.Decimal('1.1') + 1)}))
                """;
        var tree = made("python3").file("program.py", program).file("etc/letter", "Dear all,\n");
        var result = host.jail(tree, "first.example", FIRST, "python3", "/program.py");
        assertEquals("""
                Dear all,
                42 b'x' a7ffc6f8 True True root
                [2, 4, 6]
                b'4\\n' {"a": "2.1"}
                """, result.out(), result.errors());
        assertEquals(0, result.status(), result.errors());
    }

    @Test
    void perlHasItsModules() {
        var program = """
                use strict; use warnings;
                use POSIX qw(strftime floor); use Data::Dumper; use Encode; use IO::Socket::INET; use Time::HiRes qw(time);
                use Storable qw(freeze thaw); use List::Util qw(sum); use Digest::SHA qw(sha1_hex); use File::Temp; use JSON::PP;
                use utf8; binmode STDOUT, ':utf8';
                $Data::Dumper::Indent = 0;
                print Dumper(thaw(freeze([1, 2]))), " ", sum(1, 2), " ", floor(2.5), " ", lc("\\x{100}"), " ",
                    sha1_hex('') =~ /^da39/ ? 1 : 0, " ", encode_json({a => 1}), " ", strftime('%Y', gmtime(0)), "\\n";
                my $server = IO::Socket::INET->new(Listen => 1, LocalPort => 'http(80)', Proto => 'tcp') or die $@;
                if (!fork) { my $c = IO::Socket::INET->new('localhost:80') or die $@; print $c "Dear server\\n"; exit }
                print scalar readline $server->accept;
                """;
        assertEquals("$VAR1 = [1,2]; 3 2 \u0101 1 {\"a\":1} 1970\nDear server",
                inFirst(made("perl").file("program.pl", program), "perl", "/program.pl"));
    }

    @Test
    void java() throws IOException {
        var tree = made("java").file("Letter.java", """
                public class Letter {
                    public static void main(String[] words) throws Exception {
                        var context = javax.net.ssl.SSLContext.getDefault();
                        var server = new java.net.ServerSocket(80);
                        var thread = new Thread(() -> {
                            try (var to = new java.net.Socket("localhost", 80)) {
                                to.getOutputStream().write("Dear server".getBytes());
                            } catch (java.io.IOException e) {
                                e.printStackTrace();
                            }
                        });
                        thread.start();
                        System.out.println(new String(server.accept().getInputStream().readAllBytes()) + " "
                                + context.getProtocol() + " " + java.time.ZoneId.of("Europe/Vienna") + " "
                                + java.nio.charset.Charset.forName("ISO-8859-15") + " "
                                + java.nio.file.Files.getOwner(java.nio.file.Path.of("/etc")));
                    }
                }
                """);
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "11",
                tree.path("Letter.java").toString()));
        assertEquals("Dear server Default Europe/Vienna ISO-8859-15 root", inFirst(tree, "java", "-cp", "/", "Letter"));
    }

    @Test
    void nginxServesThePagesOfDebiansDefaultSite() {
        var tree = made("nginx").file("var/www/html/index.html", "page\n");
        serve(tree, "first.example", FIRST, "nginx");
        var curl = made("curl");
        for (var url : List.of("http://" + FIRST4 + "/", "http://[" + FIRST6 + "]/")) {
            assertEquals("page", host.run(fetch(url)).said());
            assertEquals("page", inClient(curl, fetch(url)).said());
        }
        assertEquals("", Host.read(tree.path("var/log/nginx/error.log")));
    }

    @Test
    void aServerOfCertificatesIsBelievedIfItsAuthorityIs() throws IOException {
        Tree.output("sh", "-ec", """
                cd "$0"
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=authority \
                    -keyout ca.key -out ca.pem 2>/dev/null
                openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=first.example \
                    -keyout key -out request 2>/dev/null
                printf 'subjectAltName=IP:%s\\n' "$1" >names
                openssl x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out cert 2>/dev/null
                """, keys.toString(), FIRST4);
        var server = made("openssl").copy(keys.resolve("cert"), "srv/cert").copy(keys.resolve("key"), "srv/key");
        host.startJail("-i", server, "first.example", FIRST, "openssl", "s_server", "-accept", "443", "-cert", "/srv/cert",
                "-key", "/srv/key", "-www").await("ACCEPT");
        var curl = made("curl").copy(keys.resolve("ca.pem"), "ca.pem");
        var url = "https://" + FIRST4 + "/";
        var page = inClient(curl, fetch("--cacert", "/ca.pem", url));
        assertTrue(page.said().contains("s_server"), page.toString());
        var refused = inClient(curl, fetch(url));
        assertEquals(60, refused.status(), refused.toString()); // 77 if there were no authorities at all
        assertTrue(Files.size(curl.path("etc/ssl/certs/ca-certificates.crt")) > 100_000);
    }

    @Test
    void sshdTakesCommandsAndGivesFilesAway() {
        var server = made("sshd", "sh").file("root/letter", "Dear user,\n");
        var client = made("ssh", "sftp");
        for (var file : List.of(server.path("etc/ssh/ssh_host_ed25519_key"), keys.resolve("id"))) {
            Tree.output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString());
        }
        server.directory("root/.ssh", 0700).file("root/.ssh/authorized_keys", Host.read(keys.resolve("id.pub")));
        client.directory("root/.ssh", 0700).file("root/.ssh/id_ed25519", Host.read(keys.resolve("id")))
                .mode("root/.ssh/id_ed25519", 0600)
                .file("root/.ssh/known_hosts", "* " + Host.read(server.path("etc/ssh/ssh_host_ed25519_key.pub")));
        serve(server, "first.example", FIRST, "/usr/sbin/sshd");
        for (var address : List.of(FIRST4, FIRST6)) {
            assertEquals("/root " + address + " 22", inClient(client, "ssh", "-o", "BatchMode=yes", "root@" + address,
                    "set -- $SSH_CONNECTION; echo $PWD $3 $4").said());
        }
        var fetched = inClient(client, "sftp", "-q", "-o", "BatchMode=yes", "root@" + FIRST4 + ":letter", "/tmp/letter");
        assertEquals(0, fetched.status(), fetched.toString());
        assertEquals("Dear user,\n", Host.read(client.path("tmp/letter")));
    }

    @Test
    void vsftpdServesAnybody() {
        var tree = made("vsftpd").file("srv/ftp/letter", "Dear all,\n").file("etc/vsftpd.conf", """
                listen=NO
                listen_ipv6=YES
                background=YES
                anonymous_enable=YES
                secure_chroot_dir=/var/run/vsftpd/empty
                """);
        serve(tree, "first.example", FIRST, "vsftpd");
        var curl = made("curl");
        for (var url : List.of("ftp://" + FIRST4 + "/letter", "ftp://[" + FIRST6 + "]/letter")) {
            assertEquals("Dear all,", host.run(fetch(url)).said());
            assertEquals("Dear all,", inClient(curl, fetch(url)).said());
        }
    }

    private Result asPostgres(Tree tree, String... command) {
        return host.jail(words(List.of("-l", "-U", "postgres", "-c", "path=" + tree, "host.hostname=first.example",
                "ip4.addr=" + FIRST4, "ip6.addr=" + FIRST6, "allow.sysvipc"), command));
    }

    @Test
    void postgresqlKeepsTables() {
        var tree = made(POSTGRES + "postgres", "sh");
        var made = asPostgres(tree, "command=" + POSTGRES + "initdb", "-D", DATA, "--no-sync", "--auth=trust");
        assertEquals(0, made.status(), made.toString());
        tree.append(DATA.substring(1) + "/postgresql.conf", "listen_addresses = '*'\n")
                .append(DATA.substring(1) + "/pg_hba.conf", "host all all 10.6.0.0/24 trust\n");
        assertEquals("", asPostgres(tree, "command=" + POSTGRES + "pg_ctl", "-D", DATA, "-s", "-w", "-l",
                DATA + "/log", "start").said());
        var client = made(POSTGRES + "psql");
        assertEquals("CREATE TABLE\nINSERT 0 3\n6|2026-07-01 14:00:00", inClient(client, POSTGRES + "psql", "-X", "-A",
                "-t", "-h", FIRST4, "-U", "postgres", "-c", "create table page (n int)",
                "-c", "insert into page values (1), (2), (3)", "-c",
                "select sum(n), timestamptz '2026-07-01 12:00 UTC' at time zone 'Europe/Vienna' from page").said());
    }

    @Test
    void gitFetchesFromItsDaemon() {
        var server = made("git", "sh");
        var commit = """
                git init -q -b main /srv/letters && cd /srv/letters && echo Dear >letter && git add letter
                git -c user.name=me -c user.email=me@example.org commit -q -m letter && git log --format=%s
                """;
        assertEquals("letter", inFirst(server, "sh", "-c", commit));
        serve(server, "first.example", FIRST, "git", "daemon", "--base-path=/srv", "--export-all", "--detach");
        var client = made("git");
        assertEquals("", inClient(client, "git", "clone", "-q", "git://" + FIRST4 + "/letters", "/tmp/letters").said());
        assertEquals("Dear\n", Host.read(client.path("tmp/letters/letter")));
    }
}
