package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Commands with too few descriptors for their work: each says so in one line, and does no harm to jails that are there. */
class FewDescriptorsIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private Result limited(int descriptors, String command, Object... words) {
        return host.run(Stream.concat(Stream.of("sh", "-c", "ulimit -n $0; exec \"$@\"", descriptors, Host.BIN.resolve(command)),
                Stream.of(words)).map(Object::toString).toArray(String[]::new));
    }

    @Test
    void otherJailsStayWhatTheyAre() {
        int jid = Integer.parseInt(host.jail("-i", "-c", "name=www", "path=" + TREE, "ip4.addr=" + ADDRESS, "persist").said());
        int failed = 0;
        for (int descriptors = 3; descriptors < 28; descriptors++) {
            var results = List.of(limited(descriptors, "jail", TREE, "jail", "10.7.0.3", "true"),
                    limited(descriptors, "jail", "-n", "www", TREE, "jail", "10.7.0.3", "true"),
                    limited(descriptors, "jls", "jid"), limited(descriptors, "jexec", "www", "true"));
            assertEquals(jid + " www " + ADDRESS, host.jls("jid", "name", "ip4.addr").said(), descriptors + " descriptors");
            assertEquals(ADDRESS + ":80", host.jexec("www", "net", "bind", "tcp", "0.0.0.0", "80").said());
            for (var result : results) {
                if (result.status() != 0) {
                    assertTrue(result.errors().matches("(jail|jls|jexec): [^\n]*(Too many open files|\"www\" already exists)\n"),
                            descriptors + ": " + result);
                    assertEquals(1, result.status());
                    failed++;
                }
            }
        }
        assertTrue(failed > 25, failed + " failed");
        host.jail("-r", "www").said();
        host.assertNothingLeft();
    }
}
