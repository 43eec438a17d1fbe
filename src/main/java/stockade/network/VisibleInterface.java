package stockade.network;

import java.util.List;
import java.util.Optional;
import stockade.linux.Errno;
import stockade.linux.KernelException;

/**
 * What a jail that shares the host's stack sees of it: in its own network namespace, which is otherwise empty, an
 * interface that leads nowhere and has the jail's addresses. ip(8) and getifaddrs(3) show them, and getaddrinfo(3)
 * goes by them (AI_ADDRCONFIG).
 */
public final class VisibleInterface {
    private static final String NAME = "eth0";
    /** Kinds of interfaces that need no other, the better known first. */
    private static final List<String> KINDS = List.of("dummy", "ifb");

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_SETLINK = 19;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final int AF_INET6 = 10;
    private static final byte ADDR_GEN_MODE_NONE = 1;

    private VisibleInterface() {
    }

    /**
     * Gives this process's network namespace the interface with these addresses, in the place of a former one. Where the
     * kernel has none of the kinds, lo has them.
     */
    public static void show(List<Inet> addresses) {
        VirtualLink.setUpLoopback();
        new RouteMessage(RTM_DELLINK, RouteMessage.ACKNOWLEDGE).number(0).number(0).number(0).number(0)
                .attribute(IFLA_IFNAME, NAME).perform("delete " + NAME, Errno.ENODEV);
        var device = create() ? NAME : "lo";
        addresses.forEach(address -> Netlink.add(new Alias(address, Optional.of(device), address.size())));
    }

    private static boolean create() {
        for (var kind : KINDS) {
            int error = create(kind);
            if (error == 0) {
                int index = Netlink.index(NAME);
                leaveWithoutAddress(index);
                VirtualLink.setUp(index, NAME);
                return true;
            }
            if (Errno.of(error) != Errno.EOPNOTSUPP) {
                throw new KernelException("create " + NAME, Errno.of(error));
            }
        }
        return false;
    }

    private static int create(String kind) {
        var request = new RouteMessage(RTM_NEWLINK, RouteMessage.CREATE | RouteMessage.EXCLUSIVE | RouteMessage.ACKNOWLEDGE)
                .number(0).number(0).number(0).number(0).attribute(IFLA_IFNAME, NAME);
        int info = request.begin(IFLA_LINKINFO);
        return request.attribute(IFLA_INFO_KIND, kind).end(info).ask().errno();
    }

    /** Else it would get an IPv6 address of the link's own. */
    private static void leaveWithoutAddress(int index) {
        var request = new RouteMessage(RTM_SETLINK, RouteMessage.ACKNOWLEDGE)
                .number(0).number(index).number(0).number(0);
        int families = request.begin(IFLA_AF_SPEC);
        int ip6 = request.begin(AF_INET6);
        request.attribute(IFLA_INET6_ADDR_GEN_MODE, new byte[] {ADDR_GEN_MODE_NONE}).end(ip6).end(families)
                .perform("set addrgenmode of " + NAME, Errno.EAFNOSUPPORT); // a kernel without IPv6
    }
}
