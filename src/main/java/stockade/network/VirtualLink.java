package stockade.network;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bpf;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * The link of a jail that has a network stack of its own (vnet) to the host: a veth pair, "jailJID" on the host's side
 * and "eth0" in the jail. Each side knows the other's hardware address beforehand, so that nothing but packets of
 * IP is on the link, and of those the host takes in only what comes from the jail's addresses.
 *
 * @param number the jail's jid
 */
public record VirtualLink(int number, List<Alias> aliases) {
    public static final String INSIDE = "eth0";

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_NEWNEIGH = 28;
    private static final int RTM_NEWQDISC = 36;
    private static final int RTM_NEWTFILTER = 44;

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_NET_NS_PID = 19;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFF_UP = 1;

    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NUD_PERMANENT = 0x80;

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PREFSRC = 7;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_STATIC = 4;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;
    private static final int RTNH_F_ONLINK = 4;

    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_BPF_FD = 6;
    private static final int TCA_BPF_NAME = 7;
    private static final int TCA_BPF_FLAGS = 8;
    private static final int ACT_DIRECT = 1;
    private static final int CLSACT_HANDLE = 0xffff0000;
    private static final int CLSACT_PARENT = 0xfffffff1;
    private static final int INGRESS = 0xfffffff2;
    private static final int EVERY_PROTOCOL = 0x0300; // ETH_P_ALL in network order

    private static final int SCHED_CLS = 3;

    /** Addresses that nobody has: the host under the names by which a jail's routes know it. */
    private static final Inet GATEWAY4 = Inet.parse("169.254.1.1");
    private static final Inet GATEWAY6 = Inet.parse("fe80::1");

    private String outside() {
        return "jail" + number;
    }

    /** A hardware address of ours (the second-least bit of the first byte): of the jail's side or the host's. */
    private byte[] hardware(boolean inside) {
        return new byte[] {2, 0, 'j', (byte) (inside ? 1 : 0), (byte) (number >> 8), (byte) number};
    }

    /** For the host: makes the pair, one end in the network namespace of a process. */
    public void create(int pid) {
        var request = new RouteMessage(RTM_NEWLINK, RouteMessage.CREATE | RouteMessage.EXCLUSIVE | RouteMessage.ACKNOWLEDGE)
                .number(0).number(0).number(0).number(0)
                .attribute(IFLA_IFNAME, outside()).attribute(IFLA_ADDRESS, hardware(false));
        int info = request.begin(IFLA_LINKINFO);
        request.attribute(IFLA_INFO_KIND, "veth");
        int data = request.begin(IFLA_INFO_DATA);
        int peer = request.begin(VETH_INFO_PEER);
        request.number(0).number(0).number(0).number(0)
                .attribute(IFLA_IFNAME, INSIDE).attribute(IFLA_ADDRESS, hardware(true)).attribute(IFLA_NET_NS_PID, pid);
        request.end(peer).end(data).end(info).perform("create " + outside());
        int index = Netlink.index(outside());
        filter(index);
        forward();
        setUp(index, outside());
        for (var alias : aliases) {
            neighbour(index, alias.address(), hardware(true));
            route(index, alias.address(), alias.address().size(), List.of());
        }
    }

    /** For the host: passes on what comes from the jail, as far as the rest of the host lets it. */
    private void forward() {
        Files.write("/proc/sys/net/ipv4/conf/" + outside() + "/forwarding", "1");
        var ip6 = "/proc/sys/net/ipv6/conf/" + outside() + "/";
        if (Files.exists(ip6)) {
            Files.write(ip6 + "addr_gen_mode", "1"); // no address of the link's own
            Files.write(ip6 + "accept_ra", "0");
            if (Files.exists(ip6 + "force_forwarding")) {
                Files.write(ip6 + "force_forwarding", "1"); // Linux 6.17; before, it takes that of all interfaces
            }
        }
    }

    private void filter(int index) {
        try (var program = Bpf.load("jail_source", SCHED_CLS, 0,
                SourceCheck.code(aliases.stream().map(Alias::address).toList()))) {
            if (Bpf.attachToInterface(index, program)) {
                return;
            }
            // before Linux 6.6, at more expense for each packet
            new RouteMessage(RTM_NEWQDISC, RouteMessage.CREATE | RouteMessage.EXCLUSIVE | RouteMessage.ACKNOWLEDGE)
                    .number(0).number(index).number(CLSACT_HANDLE).number(CLSACT_PARENT).number(0)
                    .attribute(TCA_KIND, "clsact").perform("add clsact to " + outside());
            var request = new RouteMessage(RTM_NEWTFILTER,
                    RouteMessage.CREATE | RouteMessage.EXCLUSIVE | RouteMessage.ACKNOWLEDGE)
                    .number(0).number(index).number(1).number(INGRESS).number(1 << 16 | EVERY_PROTOCOL)
                    .attribute(TCA_KIND, "bpf");
            int options = request.begin(TCA_OPTIONS);
            request.attribute(TCA_BPF_FD, program.number()).attribute(TCA_BPF_NAME, "jail_source")
                    .attribute(TCA_BPF_FLAGS, ACT_DIRECT).end(options).perform("add filter to " + outside());
        }
    }

    /** For the host: removes the link if it is there. An interface of the same name that is not ours stays. */
    public void remove() {
        var found = new RouteMessage(RTM_GETLINK, 0).number(0).number(0).number(0).number(0)
                .attribute(IFLA_IFNAME, outside()).ask();
        if (found.errno() != 0 && Errno.of(found.errno()) != Errno.ENODEV) {
            throw new KernelException("look for " + outside(), Errno.of(found.errno()));
        }
        var attributes = found.attributes(16);
        if (found.errno() == 0 && Arrays.equals(attributes.value(IFLA_ADDRESS), hardware(false))
                && Arrays.equals(attributes.value(IFLA_IFNAME), Bytes.of(outside() + "\0"))) { // not by an altname
            new RouteMessage(RTM_DELLINK, RouteMessage.ACKNOWLEDGE).number(0).number(found.numberAt(4)).number(0).number(0)
                    .perform("remove " + outside(), Errno.ENODEV);
        }
    }

    /** In the jail's network namespace: loopback, addresses, and the host as the way to everywhere. */
    public void configureInside() {
        setUpLoopback();
        int index = Netlink.index(INSIDE);
        for (var alias : aliases) {
            // by itself: there is nobody else on the link, whatever prefix was given
            Netlink.add(new Alias(alias.address(), Optional.of(INSIDE), alias.address().size()));
        }
        setUp(index, INSIDE);
        for (var gateway : List.of(GATEWAY4, GATEWAY6)) {
            var own = aliases.stream().map(Alias::address).filter(a -> a.family() == gateway.family()).toList();
            if (!own.isEmpty()) {
                neighbour(index, gateway, hardware(false));
                route(index, gateway, 0, own);
            }
        }
    }

    /** In the jail's network namespace. */
    public static void setUpLoopback() {
        setUp(1, "lo");
    }

    static void setUp(int index, String device) {
        new RouteMessage(RTM_NEWLINK, RouteMessage.ACKNOWLEDGE).number(0).number(index).number(IFF_UP).number(IFF_UP)
                .perform("set " + device + " up");
    }

    private static void neighbour(int index, Inet address, byte[] hardware) {
        new RouteMessage(RTM_NEWNEIGH, RouteMessage.CREATE | RouteMessage.ACKNOWLEDGE)
                .bytes(address.family(), 0, 0, 0).number(index).bytes(NUD_PERMANENT, 0, 0, RTN_UNICAST)
                .attribute(NDA_DST, address.bytes()).attribute(NDA_LLADDR, hardware)
                .perform("add neighbour " + address);
    }

    /** A route to an address by itself or, with a prefix of 0, by it to everywhere, from the first of some sources. */
    private static void route(int index, Inet address, int prefix, List<Inet> sources) {
        boolean gateway = prefix == 0;
        var request = new RouteMessage(RTM_NEWROUTE,
                RouteMessage.CREATE | RouteMessage.EXCLUSIVE | RouteMessage.ACKNOWLEDGE)
                .bytes(address.family(), prefix, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC,
                        gateway || address instanceof Inet6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK, RTN_UNICAST)
                .number(gateway ? RTNH_F_ONLINK : 0)
                .attribute(RTA_OIF, index)
                .attribute(gateway ? RTA_GATEWAY : RTA_DST, address.bytes());
        sources.stream().findFirst().ifPresent(source -> request.attribute(RTA_PREFSRC, source.bytes()));
        request.perform("add route by " + address);
    }
}
