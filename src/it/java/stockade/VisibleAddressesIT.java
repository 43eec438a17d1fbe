package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a jail that shares the host's stack sees of interfaces and addresses: its own and nothing of the host's. */
class VisibleAddressesIT extends JailAddresses {
    private static final Tree TOOLS = Tree.busybox().programInPlace("ip").programInPlace("hostname");

    private String see(String parameters, String... command) {
        return host.jail((Object[]) words("-c", "path=" + TOOLS, parameters.split(" "), "command=" + command[0],
                List.of(command).subList(1, command.length).toArray(String[]::new))).said();
    }

    private List<String> addresses(String parameters) {
        return see(parameters, "ip", "-o", "address").lines().map(line -> line.split(" +"))
                .map(words -> words[1] + " " + words[3]).toList();
    }

    @Test
    void ipShowsTheJailsAddresses() {
        link();
        assertEquals(List.of("lo 127.0.0.1/8", "lo ::1/128", "eth0 10.8.0.2/32"), addresses("ip4.addr=10.8.0.2"));
        assertEquals(List.of("lo 127.0.0.1/8", "lo ::1/128", "eth0 10.8.0.2/32", "eth0 10.8.0.4/32", "eth0 fd00:8::2/128"),
                addresses("ip4.addr=10.8.0.2,eth8|10.8.0.4/24 ip6.addr=fd00:8::2"));
        assertEquals(List.of("lo 127.0.0.1/8", "lo ::1/128"), addresses("ip4=disable"));
    }

    @Test
    void hostnameTellsThem() {
        assertEquals("10.8.0.2 10.8.0.4 fd00:8::2", see("ip4.addr=10.8.0.2,10.8.0.4 ip6.addr=fd00:8::2", "hostname", "-I"));
    }

    @Test
    void ifconfigShowsThem() {
        var said = see("ip4.addr=10.8.0.2 ip6.addr=fd00:8::2", "ifconfig");
        assertTrue(said.matches("(?s)eth0 +Link encap:Ethernet .*inet addr:10.8.0.2 .*inet6 addr: fd00:8::2/128.*MTU:1500.*"
                + "lo +Link encap:Local Loopback.*"), said);
        assertEquals("ifconfig: SIOCSIFADDR: Operation not permitted\n", host.jail((Object[]) words("-c", "path=" + TOOLS,
                "ip4.addr=10.8.0.2", "command=ifconfig", "eth0", "10.8.0.1")).errors());
    }

    @Test
    void nothingOfTheHostsIsSeen() {
        link();
        var seen = see("ip4.addr=10.8.0.2", "sh", "-c", "for p in address link 'route show table all' neigh; do"
                + " /bin/ip $p; done; busybox ip address; ifconfig -a; route -n; netstat -ln;"
                + " cat /proc/net/dev /proc/net/fib_trie /proc/net/if_inet6 /proc/net/route /proc/net/tcp");
        for (var hosts : List.of(HOST4, HOST6, "fd00:8::2", LINK, "peer8")) {
            assertFalse(seen.contains(hosts), hosts + " in " + seen);
        }
        assertEquals("", host.run("ip", "-o", "link", "show", "eth0").out());
    }

    /** ip4=inherit: the host's, which are the jail's too. */
    @Test
    void inheritedAddressesAreSeen() {
        link();
        host.run("ip", "address", "add", "10.8.8.1/24", "dev", LINK).said();
        host.run("ip", "address", "add", "fd00:88::1/64", "dev", LINK, "nodad").said();
        assertEquals(List.of("lo 127.0.0.1/8", "lo ::1/128", "eth0 10.8.8.1/32", "eth0 fd00:88::1/128"),
                addresses("ip4=inherit ip6=inherit").stream()
                        .filter(a -> a.startsWith("lo") || a.contains("8.8.1") || a.contains("88:")).toList());
    }

    @Test
    void theJailsRootCantChangeThem() {
        assertEquals(2, host.jail((Object[]) words("-c", "path=" + TOOLS, "ip4.addr=10.8.0.2", "command=ip", "address", "add",
                "10.8.0.1/32", "dev", "lo")).status());
        assertEquals(2, host.jail((Object[]) words("-c", "path=" + TOOLS, "ip4.addr=10.8.0.2", "command=ip", "link", "set",
                "lo", "down")).status());
    }
}
