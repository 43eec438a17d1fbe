package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestInstancePreDestroyCallback;

/** What tests of real servers have in common: a host, jails for two servers, and a jail for a client. */
abstract class Services {
    static final String HOST4 = "10.6.0.1";
    static final String HOST6 = "fd00:6::1";
    static final String FIRST4 = "10.6.0.2";
    static final String FIRST6 = "fd00:6::2";
    static final String FIRST = FIRST4 + "," + FIRST6;
    static final String SECOND4 = "10.6.0.3";
    static final String SECOND6 = "fd00:6::3";
    static final String SECOND = SECOND4 + "," + SECOND6;
    static final String CLIENT4 = "10.6.0.4";
    static final String CLIENT6 = "fd00:6::4";
    static final String CLIENT = CLIENT4 + "," + CLIENT6;

    private static final String NET = Tree.probe("net").toString();

    @RegisterExtension
    final Host host = new Host(HOST4, HOST6);

    /** A test that is disabled has a host, too. */
    @RegisterExtension
    final TestInstancePreDestroyCallback end = context -> {
        if (ProcessHandle.of(host.pid()).isPresent()) {
            host.close();
        }
    };

    /** A server in the background ends with its jail. */
    @AfterEach
    void endJails() {
        for (var jid : host.jls("jid").said().split("\\s+")) {
            if (!jid.isEmpty()) {
                host.jail("-r", jid).said();
            }
        }
    }

    /** Starts a server that goes to the background when it is ready. */
    void serve(Tree tree, String hostname, String addresses, String... command) {
        assertEquals("", host.jail(words(List.of(tree, hostname, addresses), command)).said());
    }

    /** Runs a command in a jail at the client's addresses. */
    Result inClient(Tree tree, String... command) {
        return host.jail(words(List.of(tree, "client.example", CLIENT), command));
    }

    /** Runs a command in the jail that has this hostname. */
    Result in(String hostname, String... command) {
        return host.jexec(words(List.of(jid(hostname)), command));
    }

    int jid(String hostname) {
        return host.jls("jid", "host.hostname").said().lines().map(line -> line.split(" "))
                .filter(words -> words[1].equals(hostname)).map(words -> Integer.valueOf(words[0])).findFirst()
                .orElseThrow();
    }

    static Object[] words(List<?> first, String... more) {
        return Stream.concat(first.stream(), Stream.of(more)).toArray();
    }

    /** Checks that a port of the jails is the host's to use, and that nobody answers there. */
    void assertFreeOnTheHost(String protocol, int port) {
        var number = Integer.toString(port);
        for (var address : List.of(HOST4, "127.0.0.1")) {
            if (protocol.equals("tcp")) {
                assertEquals("connect: ECONNREFUSED", host.run(NET, "connect", address, number).said());
            }
            assertEquals(address + ":" + port, host.run(NET, "bind", protocol, address, number).said());
        }
    }
}
