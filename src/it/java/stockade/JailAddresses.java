package stockade;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestInstancePreDestroyCallback;

/** What tests of addresses have in common: a host with addresses, jails with some, and the probe net6 in both. */
abstract class JailAddresses {
    static final Tree TREE = Tree.busybox();
    static final String HOST4 = "10.8.0.1";
    static final String HOST6 = "fd00:8::1";
    /** The jail's, which the host has before it. */
    static final String OWN4 = "10.8.0.2";
    static final String OWN6 = "fd00:8::2";
    static final String BOTH = OWN4 + "," + OWN6;
    /** Another jail's, added for it. */
    static final String OTHER4 = "10.8.0.3";
    static final String OTHER6 = "fd00:8::3";
    static final String OTHER = OTHER4 + "," + OTHER6;
    /** The jail's second ones, added for it. */
    static final String MORE4 = "10.8.0.4";
    static final String MORE6 = "fd00:8::4";
    static final String SEVERAL = String.join(",", OWN4, MORE4, OWN6, MORE6);
    /** Nobody's. */
    static final String STRANGER6 = "fd00:8::77";
    static final String LINK = "eth8";
    static final String NET6 = Tree.probe("net6").toString();

    @RegisterExtension
    final Host host = new Host(HOST4, OWN4, HOST6, OWN6);

    /** A test that is disabled has a host, too. */
    @RegisterExtension
    final TestInstancePreDestroyCallback end = context -> {
        if (ProcessHandle.of(host.pid()).isPresent()) {
            host.close();
        }
    };

    boolean linked;

    /** A network interface that is up. */
    void link() {
        host.run("sh", "-ec", "ip link add " + LINK + " type veth peer name peer8;"
                + " for link in " + LINK + " peer8; do ip link set $link addrgenmode none; ip link set $link up; done").said();
        linked = true;
    }

    @AfterEach
    void unlink() {
        if (linked) {
            host.run("ip", "link", "delete", LINK);
        }
    }

    static String[] words(Object... words) {
        return Stream.of(words).flatMap(word -> word instanceof String[] several ? Stream.of(several)
                : Stream.of(word.toString())).toArray(String[]::new);
    }

    static String oneLine(String lines) {
        return lines.strip().replace("\n", " ");
    }

    Running startOnHost(String use) {
        return host.start(words(NET6, use.split(" ")));
    }

    String onHost(String use) {
        return oneLine(startOnHost(use).end().said());
    }

    Running startInJail(String addresses, String use) {
        return host.startJail((Object[]) words(TREE, "jail", addresses, "net6", use.split(" ")));
    }

    Running start(int jid, String use) {
        return host.start(words(Host.BIN + "/jexec", jid, "net6", use.split(" ")));
    }

    Running startAsUser(int jid, String use) {
        return host.start(words(Host.BIN + "/jexec", "-U", "user", jid, "net6", use.split(" ")));
    }

    String inJail(String addresses, String use) {
        return oneLine(startInJail(addresses, use).end().said());
    }

    String inJail(int jid, String use) {
        return oneLine(host.jexec((Object[]) words(jid, "net6", use.split(" "))).said());
    }

    Running startByParameters(String parameters, String command) {
        return host.startJail((Object[]) words("-c", "path=" + TREE, parameters.split(" "), ("command=" + command).split(" ")));
    }

    String byParameters(String parameters, String command) {
        return oneLine(startByParameters(parameters, command).end().said());
    }

    /** Starts a jail by parameters, which runs until it is ended, and returns its jid when it is up. */
    int background(String parameters) {
        return Integer.parseInt(host.startJail((Object[]) words("-i", "-c", "path=" + TREE, parameters.split(" "),
                "command=sleep", "600")).line());
    }

    int rawJail(String addresses) {
        int jid = host.background(TREE, addresses);
        host.jail("-m", "jid=" + jid, "allow.raw_sockets").said();
        return jid;
    }

    /** The addresses of an interface, each with its prefix. */
    List<String> addressesOf(String device) {
        return host.run("ip", "-o", "address", "show", "dev", device).said().lines().map(line -> line.split(" +")[3]).toList();
    }
}
