package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Interfaces of the host that a jail has: eth1 and eth2, whose other ends are wire1 and wire2. */
class VnetInterfaceIT {
    private static final Tree TREE = Tree.busybox().program("/bin/bash").program("/sbin/ip").program("/sbin/tc");

    /** What a jail's root leaves on an interface, each of which would come to the host with it. */
    private static final List<String> LEFT = List.of(
            "ip link set eth1 address 02:66:66:66:66:66", "ip link set eth1 broadcast 02:66:66:66:66:67",
            "ip link set eth1 mtu 1300", "ip link set eth1 txqueuelen 7", "ip link set eth1 group 9",
            "ip link set eth1 group 1", "ip link set eth1 alias theirs", "ip link set eth1 alias ''",
            "ip link set eth1 arp off", "ip link set eth1 multicast off", "ip link set eth1 allmulticast on",
            "ip link set eth1 promisc on", "ip link set eth1 dynamic on", "ip link set eth1 trailers off",
            "ip link set eth1 gso_max_size 2000", "ip link set eth1 gso_max_segs 3",
            "ip link set eth1 gro_max_size 3000", "ip link set eth1 mode dormant", "ip link set eth1 name evil",
            "ip link property add dev eth1 altname evil", "ip link property del dev eth1 altname lan0",
            "ip link set eth1 promisc on address 02:66:66:66:66:66; ip link set eth1 up;"
                    + " ip link add name mac link eth1 type macvlan mode passthru; ip link set mac up");

    /** What the kernel takes from an interface that moves. */
    private static final List<String> GOES = List.of("ip address add 10.8.0.2/24 dev eth1; ip link set eth1 up",
            "ip link set eth1 up; ip route add 10.10.0.0/16 dev eth1", "ip link set eth1 addrgenmode none",
            "ip link set eth1 up; ip maddress add 01:00:5e:00:00:99 dev eth1",
            "ip neighbour add 10.8.0.9 lladdr 02:66:66:66:66:66 dev eth1",
            "ip link add name bridge type bridge; ip link set eth1 master bridge; ip link set eth1 up",
            "tc qdisc add dev eth1 root pfifo limit 3", "tc qdisc add dev eth1 clsact",
            "tc qdisc add dev eth1 clsact; tc filter add dev eth1 ingress u32 match u32 0 0");

    @RegisterExtension
    final Host host = new Host("10.9.0.1");

    private String before;

    @BeforeEach
    void connect() {
        sh("""
                for i in 1 2; do
                    echo "link add eth$i address 02:00:00:00:00:0$i mtu 1400 txqueuelen 500 type veth peer name wire$i
                    link set eth$i group 3 alias 'the host' gso_max_size 60000
                    link property add dev eth$i altname lan$i
                    link set eth$i up
                    link set wire$i group 7 up"
                done | ip -batch -
                ip link property add dev eth1 altname lan0""");
        before = state("eth1");
    }

    @AfterEach
    void disconnect() {
        sh("ip link delete group 7");
    }

    private String sh(String script) {
        return host.run("sh", "-ec", script).said();
    }

    private int jail(Object... parameters) {
        return Integer.parseInt(host.startJail(Stream.of(Stream.of("-i", "-c", "path=" + TREE, "vnet"),
                Stream.of(parameters), Stream.of("command=sleep", "600")).flatMap(part -> part).toArray()).line());
    }

    /** What the jail's root does, with the programs that the host has. */
    private Result in(int jid, String script) {
        return host.jexec(jid, "bash", "-ec", "PATH=/sbin:/bin; " + script);
    }

    /** All that is told of an interface, but for what its other end and the time say. */
    private String state(String name) {
        return host.run("bash", "-c", """
                ip -d link show dev $0; ip maddress show dev $0; ip neighbour show dev $0; ip route show dev $0
                tc qdisc show dev $0; tc filter show dev $0 ingress
                grep -r . /proc/sys/net/ipv[46]/conf/$0 2>/dev/null | grep -v stable_secret""", name).said()
                .replaceAll("state \\w+|LOWER_UP|NO-CARRIER|M-DOWN|@\\w+|link-netnsid \\d+", "")
                .replaceAll("inet6? +(?:ff0|224).*|link  +(?:33:33|01:00:5e:00:00:0).*|fe80.*", "")
                .replaceAll("[\\s,]+", " ");
    }

    private void end(int jid) {
        host.jail("-r", jid).said();
    }

    private void assertIsBack() {
        assertEquals(before, state("eth1"));
        assertEquals("", host.run("sh", "-c", "mount | grep nsfs").out());
    }

    @Test
    void theJailHasItAndTheHostHasNot() {
        int jid = jail("vnet.interface=eth1");
        assertFalse(sh("ip -o link").contains("eth1"));
        var link = in(jid, "ip -o link show eth1").said();
        assertTrue(link.contains("state DOWN"), link);
        assertEquals(2, in(jid, "ip -o link").said().lines().count(), "lo and eth1");
        assertEquals("", in(jid, "ip address add 10.8.0.2/24 dev eth1; ip link set eth1 up").said());
        sh("ip address add 10.8.0.1/24 dev wire1");
        assertEquals(0, host.run("busybox", "ping", "-c", "1", "-W", "2", "10.8.0.2").status());
        assertEquals(0, in(jid, "busybox ping -c 1 -W 2 10.8.0.1").status());
        assertFalse(in(jid, "cat /proc/mounts").said().contains("nsfs"));
        end(jid);
        assertIsBack();
    }

    /** With nobody who restores it, so that the test below means something. */
    @ParameterizedTest
    @FieldSource("LEFT")
    void byItselfItStays(String vandalism) {
        assertNotEquals(before, state(moveOutAndBack(vandalism)));
    }

    @Test
    void byItselfNothingElseChanges() {
        assertEquals(before, state(moveOutAndBack("true")));
    }

    /** Returns the name that it has then. */
    private String moveOutAndBack(String meanwhile) {
        var other = host.start("unshare", "--net", "sleep", "600");
        other.awaitProgram("sleep");
        var inOther = "nsenter --target " + other.pid() + " --net ";
        sh("ip link set eth1 netns " + other.pid());
        sh(inOther + "sh -ec \"" + meanwhile + '"');
        var name = sh(inOther + "ip -o link").contains(" evil@") ? "evil" : "eth1";
        sh(inOther + "ip link set " + name + " netns " + host.pid());
        other.kill();
        Host.pause();
        sh("ip link set " + name + " up");
        return name;
    }

    @ParameterizedTest
    @FieldSource({"LEFT", "GOES"})
    void whatTheJailLeavesOnItIsUndone(String vandalism) {
        int jid = jail("vnet.interface=eth1");
        in(jid, vandalism).said();
        end(jid);
        assertIsBack();
    }

    /** A macvlan in passthru mode gives the interface below it, when it ends, the address that it had found there. */
    @Test
    void anAddressThatAMacvlanKeepsDoesNotComeLater() {
        var kept = "ip link set eth1 address 02:66:66:66:66:66 up; ip link add name mac link eth1 type macvlan mode passthru;"
                + " ip link set mac up; ip link set mac address 02:00:00:00:00:01";
        moveOutAndBack(kept);
        host.start("bash", "-c", "until ip link show eth1 | grep 02:66:66:66:66:66; do sleep 0.1; done").line();
        sh("ip link set eth1 address 02:00:00:00:00:01");
        int jid = jail("vnet.interface=eth1");
        in(jid, kept).said();
        end(jid);
        sh("sleep 0.5"); // which is later than above
        assertIsBack();
    }

    @Test
    void allAtOnceAlsoOfOneThatIsDown() {
        sh("ip link set eth1 down");
        end(jail("vnet.interface=eth1"));
        before = state("eth1"); // as above, but that there is no trace of its having been up
        int jid = jail("vnet.interface=eth1");
        for (var vandalism : LEFT) {
            if (!vandalism.contains("evil")) {
                in(jid, vandalism).said();
            }
        }
        for (var vandalism : GOES) {
            in(jid, vandalism);
        }
        end(jid);
        assertIsBack();
        assertFalse(before.contains(" UP"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ip link set eth1 name wire1", "ip link property add dev eth1 altname wire1",
        "ip link set eth1 name x; ip link add name eth1 type bridge; ip link set x master eth1",
        "ip link set eth1 name x; ip link property add dev lo altname eth1; ip link set lo down name jail1",
        "ip link set eth1 name x; ip link set eth2 name eth1; ip link set x name eth2",
        "for i in 1 2; do ip link property del dev eth$i altname lan$i; done;"
                + " ip link property add dev eth1 altname lan2; ip link property add dev eth2 altname lan1",
        "for i in {1..450}; do printf 'link property add dev eth1 altname %0100d\\n' $i; done | ip -batch -"})
    void namesAreOfNoUse(String vandalism) {
        int jid = jail("vnet.interface=eth1,eth2");
        var second = "02:00:00:00:00:02";
        in(jid, vandalism).said();
        end(jid);
        assertIsBack();
        assertTrue(sh("ip link show eth2").contains(second));
        assertTrue(sh("ip link show lan2").contains(second));
    }

    @Test
    void oneWhoseNameIsTakenComesBackWhenItIsFree() {
        int jid = jail("vnet.interface=eth1,eth2");
        sh("ip link add eth1 type bridge");
        host.jail("-r", jid).assertFailed("jail: " + jid + ": take back interface eth1: File exists");
        assertTrue(sh("ip link show eth2").contains("02:00:00:00:00:02"), "the other is back");
        assertEquals("other", host.jail(TREE, "h", "", "echo", "other").said(), "nobody else is kept from anything");
        sh("ip link delete eth1");
        host.jls().said();
        assertIsBack();
    }

    /** The jail can remove a virtual one, as the end of its link to the host; it can't put another in its place. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "ip link add name eth3 index $index type bridge",
        "ip link add name eth3 index $index type veth peer name x",
        "ip link add name eth3 index $index link eth1 type macvlan mode bridge"})
    void whatIsPutInItsPlaceDoesNotCome(String impostor) {
        sh("ip link add eth3 link wire2 type macvlan mode bridge");
        int jid = jail("vnet.interface=eth1,eth3");
        in(jid, "index=$(ip -o link show eth3 | cut -d : -f 1); ip link delete eth3; " + impostor)
                .said();
        end(jid);
        assertIsBack();
        assertFalse(sh("ip -o link").contains("eth3"));
    }

    /** What only its kind has is compared: the jail could as well have removed it. */
    @Test
    void aMacvlanComesBackUnlessItsModeIsAnother() {
        for (var words : List.of("up", "up address 02:66:66:66:66:66", "protodown on protodown_reason 3 on")) {
            sh("ip link add eth3 link wire2 type macvlan mode bridge; ip link set eth3 up");
            before = state("eth3");
            int jid = jail("vnet.interface=eth3");
            in(jid, "ip link set eth3 " + words).said();
            end(jid);
            assertEquals(before, state("eth3"), words);
            sh("ip link delete eth3");
        }
        sh("ip link add eth3 link wire2 type macvlan mode bridge");
        int jid = jail("vnet.interface=eth3");
        in(jid, "ip link set eth3 type macvlan mode vepa").said();
        end(jid);
        assertFalse(sh("ip -o link").contains("eth3"));
        before = state("eth1");
    }

    @Test
    void jailsCanBeConnected() {
        sh("ip link add name left type veth peer name right");
        int first = jail("vnet.interface=left");
        int second = jail("vnet.interface=right", "ip4.addr=10.9.0.2");
        in(first, "ip address add 10.8.1.1/24 dev left; ip link set left up").said();
        in(second, "ip address add 10.8.1.2/24 dev right; ip link set right up").said();
        assertEquals(0, in(first, "busybox ping -c 1 -W 2 10.8.1.2").status());
        end(first);
        end(second);
        int both = jail("vnet.interface=left,right");
        in(both, "ip link set left name other; ip link set right name left").said();
        end(both);
        sh("ip link show left; ip link delete right");
    }

    @Test
    void itAddsToTheAddressesOfTheJail() {
        int jid = jail("vnet.interface=eth1", "ip4.addr=10.9.0.2");
        assertTrue(in(jid, "ip -o address").said().contains("inet 10.9.0.2/32 scope global eth0"));
        assertEquals(0, host.run("busybox", "ping", "-c", "1", "-W", "2", "10.9.0.2").status());
        assertTrue(in(jid, "ip -o link").said().contains("eth1"));
        end(jid);
        assertIsBack();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"vnet.interface=eth1; vnet.interface requires vnet",
        "vnet vnet.interface=lo; vnet.interface: not an interface to be given: \"lo\"",
        "vnet vnet.interface=eth1,; vnet.interface: not an interface to be given: \"\"",
        "vnet vnet.interface=abcdefghijklmnop; vnet.interface: not an interface to be given: \"abcdefghijklmnop\"",
        "vnet vnet.interface=../lo; vnet.interface: not an interface to be given: \"../lo\"",
        "vnet vnet.interface=eth1,eth1; vnet.interface: the same interface twice: eth1,eth1",
        "vnet vnet.interface=eth0 ip4.addr=10.9.0.2; vnet.interface: eth0 is what has the addresses",
        "vnet vnet.interface=eth9; interface eth9: No such device",
        "vnet vnet.interface=eth1,eth9; interface eth9: No such device",
        "vnet vnet.interface=eth1,lan1; interface lan1: No such device",
        "vnet vnet.interface=eth1,vxlan7; interface vxlan7 of type vxlan: Operation not supported",
        "vnet vnet.interface=eth1,port7; interface port7, which is part of another: Device or resource busy"})
    void whatCantBe(String words, String message) {
        sh("ip link add name bridge7 type bridge; ip link add name port7 type veth peer name peer7;"
                + " ip link set port7 master bridge7; ip link add name vxlan7 type vxlan id 3 dstport 4789 dev wire1");
        host.jail(Stream.of(Stream.of("-c", "path=" + TREE), Stream.of(words.split(" ")), Stream.of("command=true"))
                .flatMap(part -> part).toArray()).assertFailed("jail: " + message);
        assertIsBack();
        sh("ip link delete port7; ip link delete bridge7; ip link delete vxlan7");
    }

    /** The one that was moved first is back. */
    @Test
    void afterAStartThatFailsItIsBack() {
        host.jail("-c", "path=" + TREE, "vnet", "vnet.interface=eth1", "command=/nonexistent").assertFailed(
                "jail: exec /nonexistent: No such file or directory");
        assertIsBack();
        host.jail("-c", "path=/nonexistent", "vnet", "vnet.interface=eth1", "command=true").assertFailed(
                "jail: path /nonexistent: No such file or directory");
        assertIsBack();
        sh("ip link add name x type veth peer name y");
        host.jail("-c", "jid=7", "path=/proc", "allow.exposed_path", "vnet", "vnet.interface=eth1,x", "command=true").assertFailed(
                "jail: path /proc: its file system can't map owners (idmapped mounts)");
        assertIsBack();
        sh("ip link show x; ip link delete x");
    }

    @Test
    void anotherJailCantHaveIt() {
        int jid = jail("vnet.interface=eth1");
        host.jail("-c", "path=" + TREE, "vnet", "vnet.interface=eth2,eth1", "command=true").assertFailed(
                "jail: interface eth1: No such device");
        assertTrue(sh("ip link show eth2").contains("02:00:00:00:00:02"));
        assertEquals("", in(jid, "ip link set eth1 up").said());
        host.jail("-m", "jid=" + jid, "vnet.interface=eth2").assertFailed(
                "jail: vnet.interface cannot be changed after creation");
        host.jls("vnet.interface").assertFailed("jls: unknown parameter: vnet.interface");
        end(jid);
        assertIsBack();
    }

    @Test
    void itIsBackWhenTheLastProcessEnds() {
        host.jail("-c", "path=" + TREE, "vnet", "vnet.interface=eth1", "command=bash", "-c",
                "/sbin/ip link set eth1 name evil address 02:66:66:66:66:66").said();
        assertIsBack();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jail-warden", "jail-init", "jail-warden jail-init", "jail", "jail jail-warden jail-init"})
    void itIsBackAfterACrash(String victims) {
        var foreground = host.startJail("-i", "-c", "path=" + TREE, "vnet", "vnet.interface=eth1,eth2", "command=sleep",
                "600");
        int jid = Integer.parseInt(foreground.line());
        in(jid, "ip link set eth1 name evil address 02:66:66:66:66:66; ip link add name mac link evil type macvlan")
                .said();
        sh("kill -9 " + Stream.of(victims.split(" ")).map(name -> "" + (name.equals("jail") ? foreground.pid()
                : host.process(jid, name))).reduce((a, b) -> a + " " + b).orElseThrow()
                + " 2>/dev/null || true"); // the first may take the others along
        foreground.hasEnded();
        host.jls().said();
        host.assertNothingLeftOfJails();
        assertIsBack();
    }

    /** Whoever comes to remove a dead jail may have another network: the host's gets what is the host's. */
    @Test
    void itComesBackToTheHostFromAnywhere() {
        int jid = jail("vnet.interface=eth1");
        host.run("unshare", "--net", Host.BIN + "/jail", "-r", "" + jid).said();
        host.assertNothingLeftOfJails();
        assertIsBack();
    }

    @Test
    void oneThatTheHostHasRemovedIsNoObstacle() {
        int jid = jail("vnet.interface=eth1,eth2");
        sh("ip link delete wire2; ip link add wire2 group 7 type veth peer name eth2");
        end(jid);
        assertIsBack();
    }

    @ParameterizedTest
    @ValueSource(strings = {"8946", "8947", "8949", "894a", "8971", "8990", "8993", "89b0", "89b1", "89f0", "89ff",
        "8b00", "8b1a", "8bff"})
    void ioctlsThatNothingWouldUndoAreRefused(String request) {
        int jid = jail("vnet.interface=eth1");
        assertEquals("EPERM", in(jid, "device eth1 " + request).said());
        var elsewhere = sh(TREE.path("bin/device") + " eth2 " + request);
        assertNotEquals("EPERM", elsewhere);
        assertEquals(request.equals("8946"), elsewhere.equals("done")); // the only one that veth has an answer to
    }

    @ParameterizedTest
    @ValueSource(strings = {"8913", "8927", "8921", "8933", "8942"})
    void thoseThatTellOfItAreNot(String request) {
        assertEquals("done", in(jail("vnet.interface=eth1"), "device eth1 " + request).said());
    }

    /** With busybox's ifconfig(8), which makes ioctls. */
    @Test
    void ifconfigConfiguresIt() {
        int jid = jail("vnet.interface=eth1");
        assertEquals("", in(jid, "busybox ifconfig eth1 10.8.0.2 netmask 255.255.255.0 mtu 1280 up").said());
        assertTrue(in(jid, "ip -o address").said().contains("inet 10.8.0.2/24"));
        end(jid);
        assertIsBack();
    }
}
