package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** PostgreSQL, its cluster made in the jail. */
class PostgresIT extends Services {
    private static final int POSTGRES = 101;
    private static final String VERSION = Host.list(Path.of("/usr/lib/postgresql")).getLast();
    private static final String PROGRAMS = "/usr/lib/postgresql/" + VERSION;
    private static final String PSQL = PROGRAMS + "/bin/psql";
    private static final String DATA = "/var/lib/postgresql/data";

    private static Tree tree() {
        return Tree.busybox()
                .program(PROGRAMS + "/bin/postgres", PROGRAMS + "/bin/initdb", PROGRAMS + "/bin/pg_ctl", PSQL,
                        PROGRAMS + "/lib/plpgsql.so", PROGRAMS + "/lib/dict_snowball.so", "/usr/bin/locale")
                .all("/usr/share/postgresql/" + VERSION).user("postgres", POSTGRES, "/var/lib/postgresql")
                .directory("var/lib/postgresql").owner("var/lib/postgresql", POSTGRES)
                .directory("var/run/postgresql").owner("var/run/postgresql", POSTGRES);
    }

    private Result asPostgres(Tree tree, String hostname, String ip4, String ip6, String... command) {
        return host.jail(words(List.of("-l", "-U", "postgres", "-c", "path=" + tree, "host.hostname=" + hostname,
                "ip4.addr=" + ip4, "ip6.addr=" + ip6, "allow.sysvipc"), command));
    }

    private void start(Tree tree, String hostname, String ip4, String ip6) {
        var result = asPostgres(tree, hostname, ip4, ip6, "command=" + PROGRAMS + "/bin/pg_ctl", "-D", DATA, "-s", "-w",
                "-l", "/var/lib/postgresql/log", "start");
        assertEquals("", result.said(), Host.read(tree.path("var/lib/postgresql/log")));
    }

    private static String[] query(String address, String... queries) {
        return Stream.concat(Stream.of(PSQL, "-X", "-A", "-t", "-h", address, "-U", "postgres"),
                Stream.of(queries).flatMap(query -> Stream.of("-c", query))).toArray(String[]::new);
    }

    /**
     * As in a jail of FreeBSD: its lock against a second server of the same data is a segment, also where
     * shared_memory_type is mmap, as it is by default.
     */
    @Test
    void itNeedsSystemVSharedMemory() {
        var refused = host.jail("-l", "-U", "postgres", tree(), "first.example", FIRST,
                PROGRAMS + "/bin/initdb", "-D", DATA);
        assertEquals(1, refused.status());
        assertTrue(refused.errors().contains("could not create shared memory segment: Function not implemented"),
                refused.toString());
    }

    @Test
    void twoJailsAnswerQueriesOnPort5432OfBothFamilies() {
        var first = tree();
        var made = asPostgres(first, "first.example", FIRST4, FIRST6, "command=" + PROGRAMS + "/bin/initdb", "-D", DATA,
                "--no-sync", "--auth=trust");
        assertEquals(0, made.status(), made.toString());
        var data = DATA.substring(1);
        first.append(data + "/postgresql.conf", "listen_addresses = '*'\n")
                .append(data + "/pg_hba.conf", "host all all 10.6.0.0/24 trust\nhost all all fd00:6::/64 trust\n");
        var second = tree().all(first.path(data).toString(), data);
        start(first, "first.example", FIRST4, FIRST6);
        start(second, "second.example", SECOND4, SECOND6);
        host.run(query(FIRST4, "create table page as select n from generate_series(1, 1000) n")).said();
        for (var address : List.of(FIRST4, FIRST6)) {
            var client = address.contains(":") ? CLIENT6 : CLIENT4;
            var sum = "select sum(n), inet_client_addr(), inet_server_addr(), inet_server_port() from page";
            assertEquals("500500|" + client + "|" + address + "|5432", inClient(first, query(address, sum)).said());
            assertEquals("500500|" + address + "|" + address + "|5432", host.run(query(address, sum)).said());
        }
        for (var address : List.of(SECOND4, SECOND6)) {
            assertEquals("", inClient(first, query(address, "select to_regclass('page')")).said());
        }
        assertEquals("postgres", in("first.example", "sh", "-c",
                "stat -c %U /proc/$(head -n 1 " + DATA + "/postmaster.pid)").said());
        assertEquals("1", in("first.example", "sh", "-c", "tail -n +2 /proc/sysvipc/shm | wc -l").said());
        // processes that answer one query together have POSIX shared memory, below /dev/shm
        var plan = host.run(query(FIRST4, "set parallel_setup_cost = 0", "set parallel_tuple_cost = 0",
                "set min_parallel_table_scan_size = 0", "explain analyze select sum(n) from page")).said();
        assertTrue(plan.matches("(?s).*Workers Launched: [1-9].*"), plan);
        assertFreeOnTheHost("tcp", 5432);
    }
}
