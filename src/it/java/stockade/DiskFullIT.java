package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A /run with room for so much and no more: what fails says so in one line and leaves nothing, and jails can be removed. */
class DiskFullIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private String addressesBefore;

    @BeforeEach
    void makeRun() {
        host.run("mount", "-t", "tmpfs", "-o", "mode=755", "small", "/run").said();
        host.jail(TREE, "jail", ADDRESS, "true").said(); // makes what stays
        addressesBefore = host.addresses();
    }

    @AfterEach
    void removeRun() {
        host.run("umount", "--lazy", "/run").said();
    }

    private void assertNothingLeft() {
        host.assertNothingLeftOfJails();
        assertEquals(addressesBefore, host.addresses());
    }

    /** Has the file system of /run have room for so many pages, or files. */
    private void leave(String unit, int number) {
        host.run("sh", "-ec", unit.equals("pages") ? """
                mount -o remount,size=1m /run
                free=$(stat -f -c %a /run)
                head -c $(((free - $0) * 4096)) /dev/zero >/run/ballast
                [ "$(stat -f -c %a /run)" = $0 ]""" : """
                used=$(($(stat -f -c %c /run) - $(stat -f -c %d /run)))
                mount -o remount,nr_inodes=$((used + $0)) /run
                [ "$(stat -f -c %d /run)" = $0 ]""", "" + number).said();
    }

    private void giveRoom() {
        host.run("sh", "-ec", "mount -o remount,size=100m,nr_inodes=10000 /run; rm -f /run/ballast").said();
    }

    private static void assertDoneOrFull(Result result) {
        if (result.status() != 0) {
            assertTrue(result.errors().matches("jail: [^\n]*No space left on device\n"), result.toString());
            assertEquals(1, result.status());
        } else {
            assertEquals("", result.errors());
        }
    }

    /** How many of them could be done. */
    private int withLittleRoom(Object... jail) {
        int done = 0;
        for (var unit : List.of("pages", "files")) {
            for (int number : IntStream.rangeClosed(0, 12).toArray()) {
                leave(unit, number);
                var result = host.jail(jail);
                assertDoneOrFull(result);
                done += result.status() == 0 ? 1 : 0;
                var found = host.jls("name").said();
                assertEquals(result.status() == 0 && List.of(jail).contains("persist") ? "www" : "", found);
                if (!found.isEmpty()) {
                    host.jail("-r", "www").said();
                }
                assertNothingLeft();
                giveRoom();
            }
        }
        return done;
    }

    @Test
    void startsFailWhole() {
        int done = withLittleRoom("-n", "www", TREE, "jail", ADDRESS, "true");
        assertTrue(done > 4 && done < 22, done + " could be done");
    }

    @Test
    void persistentJailsFailWhole() {
        int done = withLittleRoom("-c", "name=www", "path=" + TREE, "ip4.addr=" + ADDRESS, "persist");
        assertTrue(done > 4 && done < 22, done + " could be done");
    }

    @Test
    void changesAreDoneOrNot() {
        for (var change : List.of(List.of("ip4.addr=10.7.0.3"), List.of("name=other"), List.of("nopersist"),
                List.of("allow.raw_sockets"), List.of("host.hostname=other"))) {
            for (var unit : List.of("pages", "files")) {
                for (int number : IntStream.rangeClosed(0, 4).toArray()) {
                    int jid = Integer.parseInt(host.jail("-i", "-c", "name=www", "path=" + TREE, "ip4.addr=" + ADDRESS,
                            "persist", "exec.start=sleep 600 >/dev/null 2>&1 &").said());
                    var before = state(jid);
                    leave(unit, number);
                    var words = new ArrayList<Object>(List.of("-m", "jid=" + jid));
                    words.addAll(change);
                    var result = host.jail(words.toArray());
                    assertDoneOrFull(result);
                    if (result.status() != 0) {
                        assertEquals(before, state(jid), change + " with " + number + " " + unit);
                    }
                    host.jail("-r", jid).said();
                    assertNothingLeft();
                    giveRoom();
                }
            }
        }
    }

    private String state(int jid) {
        return host.jls("-j", jid, "name", "ip4.addr", "persist", "allow.raw_sockets", "host.hostname").said()
                + host.jexec(jid, "net", "bind", "tcp", "0.0.0.0", "80").said() + host.addresses();
    }
}
