package stockade.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/** Addresses of interfaces, asked for and changed by rtnetlink(7). */
public final class Netlink {
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_GETROUTE = 26;
    private static final int RTM_F_FIB_MATCH = 0x2000;
    private static final int RTN_LOCAL = 2;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RT_SCOPE_HOST = 254;
    private static final int IFADDRMSG_SIZE = 8;
    private static final int AF_INET = 2;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    /** An IPv6 address is usable at once, without a search for another host that has it (IFA_F_NODAD). */
    private static final int NO_DUPLICATE_DETECTION = 2;
    private static final int IFLA_IFNAME = 3;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTMSG_SIZE = 12;
    /** Every network namespace has its loopback interface under this index (net/core/dev.c). */
    private static final int LOOPBACK_INDEX = 1;

    private Netlink() {
    }

    /**
     * Whether the host has the address on an interface that is up: whether its local table has a route for
     * just this address. 127.0.0.0/8 is routed as a whole and makes none of its addresses one of the host's.
     */
    public static boolean isLocal(Inet address) {
        var answer = localRoute(address);
        if (answer.errno() != 0) {
            if (Errno.of(answer.errno()) == Errno.ENETUNREACH || Errno.of(answer.errno()) == Errno.EHOSTUNREACH) {
                return false;
            }
            throw new KernelException("look up route to " + address, Errno.of(answer.errno()));
        }
        return answer.type() == RTM_NEWROUTE && answer.byteAt(1) == address.size() && answer.byteAt(7) == RTN_LOCAL;
    }

    /** The host's addresses of a family that others can reach. */
    public static List<Inet> addresses(int family) {
        var addresses = new ArrayList<Inet>();
        new RouteMessage(RTM_GETADDR, RouteMessage.ALL).bytes(family, 0, 0, 0).number(0)
                .askForAll("list addresses", answer -> {
                    if (answer.byteAt(3) < RT_SCOPE_LINK) {
                        addresses.add(Inet.of(answer.attributes(IFADDRMSG_SIZE)
                                .value(family == AF_INET ? IFA_LOCAL : IFA_ADDRESS)));
                    }
                });
        return addresses;
    }

    private static RouteMessage.Answer localRoute(Inet address) {
        return route(address.family(), address.bytes(), RTM_F_FIB_MATCH).ask();
    }

    private static RouteMessage route(int family, byte[] destination, int flags) {
        return new RouteMessage(RTM_GETROUTE, 0).bytes(family, destination.length * 8, 0, 0).number(0).number(flags)
                .attribute(RTA_DST, destination);
    }

    /** The number of the interface that has an address of the host, or 0. */
    static int interfaceOf(Inet address) {
        return interfaceOf(localRoute(address));
    }

    /**
     * The number of the interface by which the host reaches a destination, or 0 if it does not; of an address of the
     * host, the interface that has it.
     */
    static int interfaceTo(int family, byte[] destination) {
        var route = route(family, destination, 0).ask();
        boolean local = route.errno() == 0 && route.byteAt(7) == RTN_LOCAL;
        return interfaceOf(local ? route(family, destination, RTM_F_FIB_MATCH).ask() : route);
    }

    private static int interfaceOf(RouteMessage.Answer route) {
        var number = route.errno() == 0 ? route.attributes(RTMSG_SIZE).value(RTA_OIF) : new byte[0];
        return number.length == 4 ? RouteMessage.intAt(number, 0) : 0;
    }

    /** Adds an alias to its interface, or to lo. Returns whether it was not there before. */
    public static boolean add(Alias alias) {
        int error = alias(RTM_NEWADDR, RouteMessage.CREATE | RouteMessage.EXCLUSIVE, alias).ask().errno();
        if (error != 0 && Errno.of(error) != Errno.EEXIST) {
            throw new KernelException("add " + alias.address() + " to " + device(alias), Errno.of(error));
        }
        return error == 0;
    }

    /** Removes an alias if it is there. */
    public static void remove(Alias alias) {
        try (var secondaries = Secondaries.keep(alias)) {
            alias(RTM_DELADDR, 0, alias)
                    .perform("remove " + alias.address() + " from " + device(alias), Errno.EADDRNOTAVAIL);
        } catch (KernelException e) {
            if (e.errno() != Errno.ENODEV) { // it went with its interface
                throw e;
            }
        }
    }

    /**
     * The first IPv4 address of a subnet on an interface takes the others of it along when it is removed, unless the
     * interface is told to keep them (promote_secondaries): it is told so meanwhile.
     */
    private record Secondaries(Optional<String> setting) implements AutoCloseable {
        static Secondaries keep(Alias alias) {
            var path = "/proc/sys/net/ipv4/conf/" + device(alias) + "/promote_secondaries";
            boolean needed = alias.address() instanceof Inet4 && alias.prefix() < alias.address().size()
                    && Files.exists(path) && Files.read(path).startsWith("0");
            if (needed) {
                Files.write(path, "1");
            }
            return new Secondaries(needed ? Optional.of(path) : Optional.empty());
        }

        @Override
        public void close() {
            setting.ifPresent(path -> Files.write(path, "0"));
        }
    }

    private static String device(Alias alias) {
        return alias.device().orElse("lo");
    }

    private static RouteMessage alias(int type, int flags, Alias alias) {
        boolean loopback = alias.device().isEmpty() || alias.device().equals(Optional.of("lo"));
        return new RouteMessage(type, flags | RouteMessage.ACKNOWLEDGE)
                .bytes(alias.address().family(), alias.prefix(), NO_DUPLICATE_DETECTION,
                        loopback ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE)
                .number(loopback ? LOOPBACK_INDEX : index(alias.device().get()))
                .attribute(IFA_LOCAL, alias.address().bytes()).attribute(IFA_ADDRESS, alias.address().bytes());
    }

    /** The number of an interface. @throws KernelException ENODEV if there is none of that name */
    static int index(String device) {
        var answer = new RouteMessage(RTM_GETLINK, 0).number(0).number(0).number(0).number(0)
                .attribute(IFLA_IFNAME, device).ask();
        if (answer.errno() != 0) {
            throw new KernelException("interface " + device, Errno.of(answer.errno()));
        }
        return answer.numberAt(4);
    }
}
