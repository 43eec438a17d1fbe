package stockade.network;

import static stockade.network.JailEntry.FLAGS;
import static stockade.network.JailEntry.INHERITS4;
import static stockade.network.JailEntry.INHERITS6;
import static stockade.network.JailEntry.USHER;
import static stockade.network.ProgramParts.AF_INET;
import static stockade.network.ProgramParts.AF_INET6;
import static stockade.network.ProgramParts.ALLOW;
import static stockade.network.ProgramParts.DENY;
import static stockade.network.ProgramParts.PLACE;
import static stockade.network.ProgramParts.jailOfTask;

/** The program of setsockopt(2). */
final class OptionProgram {
    // struct bpf_sockopt and struct bpf_sock
    private static final int SOCKOPT_SK = 0;
    private static final int SOCKOPT_VALUE = 8;
    private static final int SOCKOPT_VALUE_END = 16;
    private static final int SOCKOPT_LEVEL = 24;
    private static final int SOCKOPT_NAME = 28;
    private static final int SOCKOPT_LENGTH = 32;
    /** More than a page, of which programs have no copy (__cgroup_bpf_run_filter_setsockopt, kernel/bpf/cgroup.c, Linux 6.5). */
    private static final int TOO_LONG = 4097;
    private static final int SOCK_FAMILY = 4;
    private static final int SOCK_TYPE = 8;
    private static final int SOCK_PORT = 44;
    private static final int SOCK_RAW = 3;

    // levels and options
    private static final int SOL_IP = 0;
    private static final int SOL_SOCKET = 1;
    private static final int SOL_TCP = 6;
    private static final int TCP_ULP = 31;
    private static final int SOL_IPV6 = 41;
    private static final int SOL_ICMPV6 = 58;
    private static final int SOL_RAW = 255;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_BROADCAST = 6;
    private static final int SO_LINGER = 13;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;
    private static final int SO_ATTACH_REUSEPORT_EBPF = 52;
    private static final int SO_BINDTOIFINDEX = 62;
    private static final int GET_CURRENT_UID_GID = 15;
    private static final int SET_RETVAL = 187;
    private static final int ENOPROTOOPT = 92;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;
    private static final int IP_LOCAL_PORT_RANGE = 51;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IPV6_MULTICAST_LOOP = 19;
    private static final int IPV6_V6ONLY = 26;

    private OptionProgram() {
    }

    /**
     * What the host's network has besides addresses is the host's: its interfaces, and groups joined on them. With whom a
     * port is shared is for the usher to see to (its PortSharing). How a port is found is his alone where bind(2) is:
     * IP_BIND_ADDRESS_NO_PORT is taken for set, IP_LOCAL_PORT_RANGE for unknown. Nor is a group to be chosen from by a
     * program of a socket that is not bound, which could then join none. SO_LINGER with a time is taken for set, for it may be
     * the usher who closes a socket last, and he is not to wait. IPV6_ADDRFORM is not for jails: a socket may be bound to
     * another address then. Of what TCP_ULP lays over a socket there is "tls" alone: "smc" makes it one of another family, whose options and
     * addresses are not seen here (net/smc/af_smc.c, smc_ulp_init, 6.18). Whether a socket of IPv6 serves IPv4, too, is for the usher to see to. A raw socket in addition
     * may only do what is on a list, for what the kernel does for raw sockets it does past the other programs: no routing of
     * multicasts (MRT_INIT), no broadcast, and no copies of its own multicasts, for such a copy leaves without being seen
     * here; nor the errors that other sockets get (IP_RECVERR).
     */
    static byte[] setsockopt(int jails, int addresses) {
        var program = new Ebpf().move(6, 1)
                .load64(7, 6, SOCKOPT_SK)
                .load32(1, 7, SOCK_FAMILY)
                .jumpIfEqual(1, AF_INET, "internet")
                .jumpUnlessEqual(1, AF_INET6, "allow")
                .label("internet").storeNumber64(10, PLACE, 0);
        jailOfTask(program, jails)
                .load32(1, 7, FLAGS).store32(10, PLACE, 1)
                .load32(1, 7, USHER).store32(10, PLACE + 4, 1)
                .label("stranger").load64(7, 6, SOCKOPT_SK)
                .load32(8, 6, SOCKOPT_LEVEL).load32(9, 6, SOCKOPT_NAME)
                .load32(1, 7, SOCK_TYPE).jumpIfEqual(1, SOCK_RAW, "raw")
                .jumpUnlessEqual(8, SOL_TCP, "not tcp").jumpUnlessEqual(9, TCP_ULP, "allow")
                .load32(3, 6, SOCKOPT_LENGTH).jumpIfAtLeast(3, TOO_LONG, "deny")
                .load64(1, 6, SOCKOPT_VALUE).load64(2, 6, SOCKOPT_VALUE_END)
                .move(3, 1).add(3, 3).jumpIfMore(3, 2, "deny")
                .load8(3, 1, 0).jumpUnlessEqual(3, 't', "deny").load8(3, 1, 1).jumpUnlessEqual(3, 'l', "deny")
                .load8(3, 1, 2).jumpUnlessEqual(3, 's', "deny").exit(ALLOW)
                .label("not tcp");
        jumpIfOption(program, "deny", SOL_SOCKET, "ip", SO_BINDTODEVICE, SO_BINDTOIFINDEX);
        program.jumpIfEqual(9, SO_LINGER, "linger")
                .jumpIfEqual(9, SO_ATTACH_REUSEPORT_CBPF, "group").jumpIfEqual(9, SO_ATTACH_REUSEPORT_EBPF, "group")
                .jumpIfEqual(9, SO_REUSEADDR, "reuse").jumpUnlessEqual(9, SO_REUSEPORT, "allow")
                .label("reuse").call(GET_CURRENT_UID_GID).shiftRight(0, 32)
                .load32(1, 10, PLACE + 4).jumpIfSame(0, 1, "allow")
                .jump("deny")
                .label("group").load32(1, 7, SOCK_PORT).jumpIfEqual(1, 0, "deny").jump("allow")
                .label("linger");
        doNotLinger(program).label("ip");
        jumpIfOption(program, "deny", SOL_IP, "ip6", 35, 39, 41, 42, 46, 48, 50); // IP_ADD_MEMBERSHIP and kin, IP_UNICAST_IF
        program.jumpIfEqual(9, IP_LOCAL_PORT_RANGE, "port").jumpUnlessEqual(9, IP_BIND_ADDRESS_NO_PORT, "allow")
                .label("port").load32(2, 10, PLACE)
                .load32(1, 7, SOCK_FAMILY).jumpIfEqual(1, AF_INET, "own4")
                .jumpIfAnyBit(2, INHERITS6, "allow").jump("own")
                .label("own4").jumpIfAnyBit(2, INHERITS4, "allow")
                .label("own").call(GET_CURRENT_UID_GID).shiftRight(0, 32)
                .load32(1, 10, PLACE + 4).jumpIfSame(0, 1, "allow")
                .jumpIfEqual(9, IP_BIND_ADDRESS_NO_PORT, "taken for set")
                .set(1, -ENOPROTOOPT).call(SET_RETVAL).exit(DENY)
                .label("taken for set").set(1, -1).store32(6, SOCKOPT_LENGTH, 1).exit(ALLOW) // not for the kernel to carry out
                .label("ip6");
        // IPV6_ADDRFORM; JOIN_GROUP and kin; FLOWLABEL_MGR, whose exclusive labels bind all of the host's sockets; RTHDR and
        // 2292PKTOPTIONS, by which a packet goes elsewhere than its destination says; UNICAST_IF
        jumpIfOption(program, "deny", SOL_IPV6, "allow", 1, 20, 27, 41, 42, 46, 48, 32, 57, 6, 76);
        program.jumpUnlessEqual(9, IPV6_V6ONLY, "allow")
                .call(GET_CURRENT_UID_GID).shiftRight(0, 32).load32(1, 10, PLACE + 4).jumpIfSame(0, 1, "allow")
                .jump("deny").label("raw");
        jumpIfOption(program, "deny", SOL_SOCKET, "raw_ip", SO_BROADCAST, SO_BINDTODEVICE, SO_BINDTOIFINDEX);
        program.jump("allow").label("raw_ip");
        // IP_TOS, TTL, HDRINCL, RETOPTS, PKTINFO, MTU_DISCOVER, RECVTTL, RECVTOS, BIND_ADDRESS_NO_PORT, MULTICAST_IF,
        // MULTICAST_TTL
        jumpIfOption(program, "allow", SOL_IP, "raw_ip6", 1, 2, 3, 7, 8, 10, 12, 13, 24, 32, 33);
        program.jumpIfEqual(9, IP_MULTICAST_LOOP, "off").jump("deny").label("raw_ip6");
        // IPV6_CHECKSUM, UNICAST_HOPS, MULTICAST_IF, MULTICAST_HOPS, MTU_DISCOVER, V6ONLY, RECVPKTINFO, PKTINFO,
        // RECVHOPLIMIT, DONTFRAG, RECVTCLASS, TCLASS, AUTOFLOWLABEL
        jumpIfOption(program, "allow", SOL_IPV6, "raw_own", 7, 16, 17, 18, 23, 26, 49, 50, 51, 62, 66, 67, 70);
        program.jumpIfEqual(9, IPV6_MULTICAST_LOOP, "off").jump("deny").label("raw_own");
        program
                .jumpIfEqual(8, SOL_RAW, "allow") // ICMP_FILTER
                .jumpIfEqual(8, SOL_ICMPV6, "allow")
                .jump("deny")
                .label("off");
        return loadNumber(program).jumpUnlessEqual(3, 0, "deny").exit(ALLOW)
                .label("allow").set(1, 0).store32(6, SOCKOPT_LENGTH, 1) // the value was not looked at: no copy is needed
                .exit(ALLOW)
                .label("deny").exit(DENY)
                .assemble();
    }

    /**
     * For a jail with a network stack of its own: SO_LINGER with a time is taken for set there, too, because such a socket can be
     * passed to a jail whose usher closes it last.
     */
    static byte[] setsockoptOfOwnStack() {
        var program = new Ebpf().move(6, 1)
                .load32(1, 6, SOCKOPT_LEVEL).jumpUnlessEqual(1, SOL_SOCKET, "allow")
                .load32(1, 6, SOCKOPT_NAME).jumpUnlessEqual(1, SO_LINGER, "allow");
        return doNotLinger(program)
                .label("taken for set").set(1, -1).store32(6, SOCKOPT_LENGTH, 1).exit(ALLOW)
                .label("allow").set(1, 0).store32(6, SOCKOPT_LENGTH, 1).exit(ALLOW)
                .label("deny").exit(DENY)
                .assemble();
    }

    private static Ebpf doNotLinger(Ebpf program) {
        return program.load64(1, 6, SOCKOPT_VALUE).load64(2, 6, SOCKOPT_VALUE_END)
                .move(3, 1).add(3, 8).jumpIfMore(3, 2, "seen") // too short for the kernel
                .load32(3, 6, SOCKOPT_LENGTH).jumpIfAtLeast(3, TOO_LONG, "deny")
                .load32(3, 1, 0).jumpIfEqual(3, 0, "seen")
                .load32(3, 1, 4).jumpIfEqual(3, 0, "seen")
                .jump("taken for set")
                .label("seen").exit(ALLOW);
    }

    /** The value to register 3: the kernel's copy of it, which is what is then set, if it is not too long for it. */
    private static Ebpf loadNumber(Ebpf program) {
        return program.load32(1, 6, SOCKOPT_LENGTH).jumpIfAtLeast(1, TOO_LONG, "deny")
                .load64(1, 6, SOCKOPT_VALUE).load64(2, 6, SOCKOPT_VALUE_END)
                .move(3, 1).add(3, 4).jumpIfMore(3, 2, "deny")
                .load32(3, 1, 0);
    }

    /** Goes on at a label if the option in registers 8 and 9 is among some of a level; at another if of another level. */
    private static void jumpIfOption(Ebpf program, String label, int level, String otherLevel, int... options) {
        program.jumpUnlessEqual(8, level, otherLevel);
        for (int option : options) {
            program.jumpIfEqual(9, option, label);
        }
    }
}
