package stockade.network;

import static stockade.network.JailEntry.FIRST4;
import static stockade.network.JailEntry.FIRST6;
import static stockade.network.JailEntry.FLAGS;
import static stockade.network.JailEntry.HOST_NETWORK;
import static stockade.network.JailEntry.INHERITS4;
import static stockade.network.JailEntry.INHERITS6;
import static stockade.network.JailEntry.MORE4;
import static stockade.network.JailEntry.MORE6;
import static stockade.network.JailEntry.ROOT_UID;
import static stockade.network.JailEntry.VNET;

/**
 * The BPF programs that hold a jail's sockets to the jail's addresses. They are attached once, to the parent
 * of all jails' cgroups, and look up the jail by its cgroup's id (see {@link JailMaps}); a cgroup that is not known
 * may do nothing at all.
 *
 * In all of them register 6 has the context, 7 the jail's entry, and the jail's cgroup id is kept on the stack.
 */
enum JailPrograms {
    /** The wildcard and 127.0.0.1 become the jail's address; reserved ports are for the jail's root. */
    INET4_BIND("jail_bind4", 18, 8) {
        @Override
        byte[] code(int jails, int addresses) {
            var program = jailOfTask(jails)
                    .load32(8, 6, ADDR_IP4)
                    .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, "port")
                    .jumpIfEqual(8, ANY, "own")
                    .jumpIfEqual(8, LOOPBACK, "own");
            jumpIfOwn4(program, addresses, "port");
            return finishBind(program
                    .jump("foreign")
                    .label("own").load32(1, 7, FIRST4).jumpIfEqual(1, ANY, "foreign").store32(6, ADDR_IP4, 1));
        }
    },

    /** Likewise, of :: and ::1 and of IPv4 addresses in their mapped form. */
    INET6_BIND("jail_bind6", 18, 9) {
        @Override
        byte[] code(int jails, int addresses) {
            var program = jailOfTask(jails)
                    .load64(8, 6, ADDR_IP6).load64(9, 6, ADDR_IP6 + 8)
                    .jumpUnlessEqual(8, 0, "other")
                    .jumpIfEqual32(9, MAPPED, "mapped")
                    .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS6, "port")
                    .jumpIfEqual(9, 0, "own")
                    .setWide(1, LOOPBACK6).jumpIfSame(9, 1, "own")
                    .label("other").load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS6, "port");
            jumpIfOwn6(program, addresses, "port");
            program.jump("foreign")
                    .label("mapped").load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, "port")
                    .move(8, 9).shiftRight(8, 32)
                    .jumpIfEqual(8, ANY, "own4")
                    .jumpIfEqual(8, LOOPBACK, "own4");
            jumpIfOwn4(program, addresses, "port");
            return finishBind(program
                    .jump("foreign")
                    .label("own4").load32(1, 7, FIRST4).jumpIfEqual(1, ANY, "foreign").store32(6, ADDR_IP6 + 12, 1)
                    .jump("port")
                    .label("own").load64(1, 7, FIRST6).load64(2, 7, FIRST6 + 8).move(3, 1).or(3, 2)
                    .jumpIfEqual(3, 0, "foreign")
                    .store64(6, ADDR_IP6, 1).store64(6, ADDR_IP6 + 8, 2));
        }
    },

    /** The wildcard and 127.0.0.1 become the jail's address. The source is fixed since the socket's birth. */
    INET4_CONNECT("jail_connect4", 18, 10) {
        @Override
        byte[] code(int jails, int addresses) {
            return toOwnAddress4(jailOfTask(jails))
                    .label("allow").exit(ALLOW)
                    .label("stranger").exit(DENY)
                    .assemble();
        }
    },

    /** Likewise, of both families; and the socket is bound to the jail's address if it is not bound yet. */
    INET6_CONNECT("jail_connect6", 18, 11) {
        @Override
        byte[] code(int jails, int addresses) {
            return jailOfTask(jails)
                    .load64(8, 6, ADDR_IP6).load64(9, 6, ADDR_IP6 + 8)
                    .load32(1, 7, FLAGS)
                    // the source: an address of the family that the destination really has
                    .storeNumber64(10, PACKET, AF_INET6).storeNumber64(10, PACKET + 8, 0)
                    .storeNumber64(10, PACKET + 16, 0).storeNumber64(10, PACKET + 24, 0)
                    .jumpUnlessEqual(8, 0, "other")
                    .jumpIfEqual32(9, MAPPED, "mapped")
                    .jumpIfAnyBit(1, INHERITS6, "done")
                    .load64(2, 7, FIRST6).load64(3, 7, FIRST6 + 8)
                    .jumpIfEqual(9, 0, "own")
                    .setWide(1, LOOPBACK6).jumpUnlessSame(9, 1, "other")
                    .label("own").store64(6, ADDR_IP6, 2).store64(6, ADDR_IP6 + 8, 3)
                    .label("other").load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS6, "done")
                    .load64(2, 7, FIRST6).load64(3, 7, FIRST6 + 8)
                    .store64(10, PACKET + 8, 2).store64(10, PACKET + 16, 3)
                    .jump("bind")
                    .label("mapped").jumpIfAnyBit(1, INHERITS4, "done")
                    .load32(2, 7, FIRST4).jumpIfEqual(2, ANY, "unreachable")
                    .move(8, 9).shiftRight(8, 32)
                    .jumpIfEqual(8, ANY, "own4")
                    .jumpUnlessEqual(8, LOOPBACK, "other4")
                    .label("own4").store32(6, ADDR_IP6 + 12, 2)
                    .label("other4").storeNumber32(10, PACKET + 16, MAPPED).store32(10, PACKET + 20, 2)
                    .label("bind").move(1, 6).move(2, 10).add(2, PACKET).set(3, SOCKADDR_IN6_SIZE).call(BIND)
                    .label("done").label("allow").exit(ALLOW)
                    .label("unreachable").set(1, -ENETUNREACH).call(SET_RETVAL)
                    .label("stranger").exit(DENY)
                    .assemble();
        }
    },

    /** As connect; and the source is one of the jail's addresses whatever IP_PKTINFO says. */
    UDP4_SENDMSG("jail_sendmsg4", 18, 14) {
        @Override
        byte[] code(int jails, int addresses) {
            var program = toOwnAddress4(jailOfTask(jails))
                    .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, "allow")
                    .load32(8, 6, ADDR_MSG_SOURCE_IP4);
            jumpIfOwn4(program, addresses, "allow");
            return program.load32(1, 7, FIRST4).store32(6, ADDR_MSG_SOURCE_IP4, 1)
                    .label("allow").exit(ALLOW)
                    .label("stranger").exit(DENY)
                    .assemble();
        }
    },

    UDP6_SENDMSG("jail_sendmsg6", 18, 15) {
        @Override
        byte[] code(int jails, int addresses) {
            var program = jailOfTask(jails)
                    .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS6, "allow")
                    .load64(8, 6, ADDR_IP6).load64(9, 6, ADDR_IP6 + 8)
                    .load64(2, 7, FIRST6).load64(3, 7, FIRST6 + 8)
                    .jumpUnlessEqual(8, 0, "source")
                    .jumpIfEqual(9, 0, "own")
                    .setWide(1, LOOPBACK6).jumpUnlessSame(9, 1, "source")
                    .label("own").store64(6, ADDR_IP6, 2).store64(6, ADDR_IP6 + 8, 3)
                    .label("source");
            for (int word = 0; word < 4; word++) {
                program.load32(1, 6, ADDR_MSG_SOURCE_IP6 + 4 * word).store32(10, PACKET + 4 * word, 1);
            }
            program.load64(8, 10, PACKET).load64(9, 10, PACKET + 8);
            jumpIfOwn6(program, addresses, "allow");
            for (int word = 0; word < 4; word++) {
                program.load32(1, 7, FIRST6 + 4 * word).store32(6, ADDR_MSG_SOURCE_IP6 + 4 * word, 1);
            }
            return program.label("allow").exit(ALLOW)
                    .label("stranger").exit(DENY)
                    .assemble();
        }
    },

    /** Whatever else got this far: only packets to the jail's addresses reach its sockets. */
    INGRESS("jail_ingress", 8, 0) {
        @Override
        byte[] code(int jails, int addresses) {
            var program = jailOfPacket(jails);
            ofPacket4(program, "allow").load32(8, 10, PACKET + 4);
            jumpIfOwn4(program, addresses, "allow");
            program.exit(DENY);
            ofPacket6(program, "allow").load64(8, 10, PACKET + 16).load64(9, 10, PACKET + 24);
            jumpIfOwn6(program, addresses, "allow");
            return program
                    .label("stranger").exit(DENY)
                    .label("allow").exit(ALLOW)
                    .assemble();
        }
    },

    /**
     * What the host's network has besides addresses is the host's: its interfaces, and groups joined on them. A
     * raw socket in addition may only do what is on a list, for what the kernel does for raw sockets it does past the
     * other programs: no routing of multicasts (MRT_INIT), no broadcast, and no copies of its own multicasts, for such
     * a copy leaves without being seen here; nor the errors that other sockets get (IP_RECVERR).
     */
    SETSOCKOPT("jail_setsockopt", 25, 22) {
        @Override
        byte[] code(int jails, int addresses) {
            var program = new Ebpf().move(6, 1)
                    .load64(7, 6, SOCKOPT_SK)
                    .load32(1, 7, SOCK_FAMILY)
                    .jumpIfEqual(1, AF_INET, "internet")
                    .jumpUnlessEqual(1, AF_INET6, "allow")
                    .label("internet").call(GET_CURRENT_CGROUP_ID);
            passOwnNetwork(lookUp(program, jails))
                    .label("stranger").load64(7, 6, SOCKOPT_SK)
                    .load32(8, 6, SOCKOPT_LEVEL).load32(9, 6, SOCKOPT_NAME)
                    .load32(1, 7, SOCK_TYPE).jumpIfEqual(1, SOCK_RAW, "raw");
            jumpIfOption(program, "deny", SOL_SOCKET, "ip", SO_BINDTODEVICE, SO_BINDTOIFINDEX);
            program.jump("allow").label("ip");
            jumpIfOption(program, "deny", SOL_IP, "ip6", 35, 39, 41, 42, 46, 48); // IP_ADD_MEMBERSHIP and kin
            program.jump("allow").label("ip6");
            jumpIfOption(program, "deny", SOL_IPV6, "allow", 20, 27, 41, 42, 46, 48); // IPV6_JOIN_GROUP and kin
            program.jump("allow").label("raw");
            jumpIfOption(program, "deny", SOL_SOCKET, "raw_ip", SO_BROADCAST, SO_BINDTODEVICE, SO_BINDTOIFINDEX);
            program.jump("allow").label("raw_ip");
            // IP_TOS, TTL, HDRINCL, RETOPTS, PKTINFO, MTU_DISCOVER, RECVTTL, RECVTOS, BIND_ADDRESS_NO_PORT, MULTICAST_IF,
            // MULTICAST_TTL
            jumpIfOption(program, "allow", SOL_IP, "raw_ip6", 1, 2, 3, 7, 8, 10, 12, 13, 24, 32, 33);
            program.jumpIfEqual(9, IP_MULTICAST_LOOP, "off").jump("deny").label("raw_ip6");
            // IPV6_CHECKSUM, UNICAST_HOPS, MULTICAST_IF, MULTICAST_HOPS, MTU_DISCOVER, V6ONLY, RECVPKTINFO, PKTINFO, RECVHOPLIMIT,
            // DONTFRAG, RECVTCLASS, TCLASS, AUTOFLOWLABEL
            jumpIfOption(program, "allow", SOL_IPV6, "raw_own", 7, 16, 17, 18, 23, 26, 49, 50, 51, 62, 66, 67, 70);
            program.jumpIfEqual(9, IPV6_MULTICAST_LOOP, "off").jump("deny").label("raw_own");
            return program
                    .jumpIfEqual(8, SOL_RAW, "allow") // ICMP_FILTER
                    .jumpIfEqual(8, SOL_ICMPV6, "allow")
                    .jump("deny")
                    // of the kernel's copy of the value, which is what is then set
                    .label("off").load64(1, 6, SOCKOPT_VALUE).load64(2, 6, SOCKOPT_VALUE_END)
                    .move(3, 1).add(3, 4).jumpIfMore(3, 2, "deny")
                    .load32(3, 1, 0).jumpUnlessEqual(3, 0, "deny")
                    .exit(ALLOW)
                    .label("allow").storeNumber32(6, SOCKOPT_LENGTH, 0) // the value was not looked at: no copy is needed
                    .exit(ALLOW)
                    .label("deny").exit(DENY)
                    .assemble();
        }
    },

    /**
     * Only packets from the jail's addresses leave its sockets. A raw socket's moreover do not go to 127.0.0.1 or
     * ::1, which are the jail itself only where a socket has ports; and its ICMP is only what asks and answers: an
     * error would be believed by the host, about routes that others use. Attached last, it tells that all are.
     */
    EGRESS("jail_egress", 8, 1) {
        @Override
        byte[] code(int jails, int addresses) {
            var program = jailOfPacket(jails);
            ofPacket4(program, "allow").load32(8, 10, PACKET);
            jumpIfOwn4(program, addresses, "own4");
            program.exit(DENY)
                    .label("own4").set(9, 4).jump("socket");
            ofPacket6(program, "allow").load64(8, 10, PACKET).load64(9, 10, PACKET + 8);
            jumpIfOwn6(program, addresses, "own6");
            program.exit(DENY)
                    .label("own6").set(9, 6)
                    .label("socket").load64(1, 6, SKB_SK)
                    .jumpIfEqual(1, 0, "allow")
                    .call(SK_FULLSOCK)
                    .jumpIfEqual(0, 0, "allow")
                    .load32(1, 0, SOCK_TYPE)
                    .jumpUnlessEqual(1, SOCK_RAW, "allow")
                    .jumpIfEqual(9, 6, "raw6")
                    .load32(8, 10, PACKET + 4)
                    .jumpUnlessEqual(8, LOOPBACK, "elsewhere")
                    .load32(1, 7, FIRST4).jumpUnlessEqual(1, LOOPBACK, "deny")
                    .label("elsewhere");
            loadByte(program.set(2, IP4_PROTOCOL)).jumpUnlessEqual(8, IPPROTO_ICMP, "allow");
            loadByte(program.set(2, 0)).and(8, 0xf).shiftLeft(8, 2);
            loadByte(program.move(2, 8))
                    .jumpIfEqual(8, 0, "allow").jumpIfEqual(8, 8, "allow") // echo
                    .jumpIfEqual(8, 13, "allow").jumpIfEqual(8, 14, "allow") // timestamp
                    .exit(DENY)
                    .label("raw6").load64(1, 10, PACKET + 16).jumpUnlessEqual(1, 0, "elsewhere6")
                    .load64(1, 10, PACKET + 24).setWide(2, LOOPBACK6).jumpIfSame(1, 2, "deny")
                    .label("elsewhere6");
            loadByte(program.set(2, IP6_NEXT_HEADER))
                    .jumpIfEqual(8, 0, "deny").jumpIfEqual(8, 43, "deny") // a header before another, which may be ICMP
                    .jumpIfEqual(8, 44, "deny").jumpIfEqual(8, 60, "deny")
                    .jumpUnlessEqual(8, IPPROTO_ICMPV6, "allow");
            return loadByte(program.set(2, IP6_SIZE))
                    .jumpIfEqual(8, 128, "allow").jumpIfEqual(8, 129, "allow") // echo
                    .label("deny").exit(DENY)
                    .label("stranger").exit(DENY)
                    .label("allow").exit(ALLOW)
                    .assemble();
        }
    };

    private static final int DENY = 0;
    private static final int ALLOW = 1;
    /** Allow, and do not ask for CAP_NET_BIND_SERVICE (include/linux/bpf-cgroup.h). */
    private static final int ALLOW_RESERVED_PORT = 3;

    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int GET_CURRENT_UID_GID = 15;
    private static final int SKB_LOAD_BYTES = 26;
    private static final int BIND = 64;
    private static final int SKB_CGROUP_ID = 79;
    private static final int GET_CURRENT_CGROUP_ID = 80;
    private static final int SK_FULLSOCK = 95;
    private static final int GET_NETNS_COOKIE = 122;
    private static final int SET_RETVAL = 187;

    // struct bpf_sock_addr
    private static final int ADDR_IP4 = 4;
    private static final int ADDR_IP6 = 8;
    private static final int ADDR_PORT = 24;
    private static final int ADDR_MSG_SOURCE_IP4 = 40;
    private static final int ADDR_MSG_SOURCE_IP6 = 44;
    // struct __sk_buff and struct bpf_sock
    private static final int SKB_PROTOCOL = 16;
    private static final int SKB_SK = 168;
    private static final int SOCK_FAMILY = 4;
    private static final int SOCK_TYPE = 8;
    private static final int SOCK_RAW = 3;
    // headers
    private static final int IP4_PROTOCOL = 9;
    private static final int IP4_ADDRESSES = 12;
    private static final int IP6_NEXT_HEADER = 6;
    private static final int IP6_ADDRESSES = 8;
    private static final int IP6_SIZE = 40;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    // struct bpf_sockopt, and options of sockets
    private static final int SOCKOPT_SK = 0;
    private static final int SOCKOPT_VALUE = 8;
    private static final int SOCKOPT_VALUE_END = 16;
    private static final int SOCKOPT_LEVEL = 24;
    private static final int SOCKOPT_NAME = 28;
    private static final int SOCKOPT_LENGTH = 32;
    private static final int SOL_IP = 0;
    private static final int SOL_SOCKET = 1;
    private static final int SOL_IPV6 = 41;
    private static final int SOL_ICMPV6 = 58;
    private static final int SOL_RAW = 255;
    private static final int SO_BROADCAST = 6;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SO_BINDTOIFINDEX = 62;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IPV6_MULTICAST_LOOP = 19;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCKADDR_IN6_SIZE = 28;
    private static final int EADDRNOTAVAIL = 99;
    private static final int EACCES = 13;
    private static final int ENETUNREACH = 101;
    private static final int FIRST_UNRESERVED_PORT = 1024;
    // as a little-endian machine loads them from network byte order
    private static final int ANY = 0;
    private static final int LOOPBACK = 0x0100007f;
    private static final long LOOPBACK6 = 1L << 56;
    /** The third word of ::ffff:a.b.c.d. */
    private static final int MAPPED = 0xffff0000;
    private static final int ETHERTYPE_IP = 0x0008;
    private static final int ETHERTYPE_IPV6 = 0xdd86;

    // places on the stack
    private static final int CGROUP = -8;
    private static final int KEY = -32;
    private static final int PACKET = -64;

    private final String label;
    private final int type;
    private final int attachType;

    JailPrograms(String label, int type, int attachType) {
        this.label = label;
        this.type = type;
        this.attachType = attachType;
    }

    String label() {
        return label;
    }

    /** Of enum bpf_prog_type. */
    int type() {
        return type;
    }

    /** Of enum bpf_attach_type. */
    int attachType() {
        return attachType;
    }

    /** The program's instructions, with the descriptors of the maps in them. */
    abstract byte[] code(int jails, int addresses);

    /** The start of a program that a task's system call runs. */
    private static Ebpf jailOfTask(int jails) {
        return passOwnNetwork(lookUp(new Ebpf().move(6, 1).call(GET_CURRENT_CGROUP_ID), jails));
    }

    /** The start of a program that a packet of a socket runs. */
    private static Ebpf jailOfPacket(int jails) {
        return lookUp(new Ebpf().move(6, 1).call(SKB_CGROUP_ID), jails)
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, VNET, "allow"); // the cgroup is the socket's maker's
    }

    private static Ebpf lookUp(Ebpf program, int jails) {
        return program.store64(10, CGROUP, 0)
                .loadMap(1, jails)
                .move(2, 10).add(2, CGROUP)
                .call(MAP_LOOKUP_ELEM)
                .jumpIfEqual(0, 0, "stranger")
                .move(7, 0);
    }

    /** A jail with a stack of its own may do anything with its sockets, but is a stranger to those of the host's. */
    private static Ebpf passOwnNetwork(Ebpf program) {
        return program.load32(1, 7, FLAGS).jumpIfAnyBit(1, VNET, "vnet").jump("shared")
                .label("vnet").move(1, 6).call(GET_NETNS_COOKIE)
                .load64(1, 7, HOST_NETWORK).jumpUnlessSame(0, 1, "allow").jump("stranger")
                .label("shared");
    }

    /** Goes on at a label if the IPv4 address in register 8 is one of the jail's. */
    private static void jumpIfOwn4(Ebpf program, int addresses, String label) {
        program.load32(1, 7, FIRST4).jumpIfSame(8, 1, label)
                .storeNumber64(10, KEY + 8, 0).storeNumber32(10, KEY + 16, MAPPED).store32(10, KEY + 20, 8)
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, MORE4, label + "?4")
                .jump(label + "!4")
                .label(label + "?4");
        lookUpAddress(program, addresses).jumpUnlessEqual(0, 0, label).label(label + "!4");
    }

    /** Likewise, for the IPv6 address in registers 8 and 9. */
    private static void jumpIfOwn6(Ebpf program, int addresses, String label) {
        program.load64(1, 7, FIRST6).jumpUnlessSame(8, 1, label + "6")
                .load64(1, 7, FIRST6 + 8).jumpIfSame(9, 1, label)
                .label(label + "6").store64(10, KEY + 8, 8).store64(10, KEY + 16, 9)
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, MORE6, label + "?6")
                .jump(label + "!6")
                .label(label + "?6");
        lookUpAddress(program, addresses).jumpUnlessEqual(0, 0, label).label(label + "!6");
    }

    /** Goes on at a label if the option in registers 8 and 9 is of a level and among some; at another if of other levels. */
    private static void jumpIfOption(Ebpf program, String label, int level, String otherLevel, int... options) {
        program.jumpUnlessEqual(8, level, otherLevel);
        for (int option : options) {
            program.jumpIfEqual(9, option, label);
        }
    }

    /** The byte of the packet at the offset in register 2 to register 8. */
    private static Ebpf loadByte(Ebpf program) {
        return program.move(1, 6).move(3, 10).add(3, KEY).set(4, 1)
                .call(SKB_LOAD_BYTES)
                .jumpUnlessEqual(0, 0, "deny")
                .load8(8, 10, KEY);
    }

    private static Ebpf lookUpAddress(Ebpf program, int addresses) {
        return program.load64(1, 10, CGROUP).store64(10, KEY, 1)
                .loadMap(1, addresses).move(2, 10).add(2, KEY).call(MAP_LOOKUP_ELEM);
    }

    private static Ebpf toOwnAddress4(Ebpf program) {
        return program.load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, "done")
                .load32(2, 7, FIRST4)
                .load32(1, 6, ADDR_IP4)
                .jumpIfEqual(1, ANY, "own")
                .jumpIfEqual(1, LOOPBACK, "own")
                .jump("done")
                .label("own").store32(6, ADDR_IP4, 2)
                .label("done");
    }

    /** The end of a program for bind(2), where the address is settled: the port, and the refusals. */
    private static byte[] finishBind(Ebpf program) {
        return program
                .label("port").load32(9, 6, ADDR_PORT).networkToHost16(9)
                .jumpIfAtLeast(9, FIRST_UNRESERVED_PORT, "allow")
                .jumpIfEqual(9, 0, "allow")
                .load32(8, 7, ROOT_UID)
                .call(GET_CURRENT_UID_GID).move32(0, 0)
                .jumpUnlessSame(0, 8, "reserved")
                .exit(ALLOW_RESERVED_PORT)
                .label("reserved").set(1, -EACCES).call(SET_RETVAL)
                .exit(DENY)
                .label("foreign").set(1, -EADDRNOTAVAIL).call(SET_RETVAL)
                .exit(DENY)
                .label("allow").exit(ALLOW)
                .label("stranger").exit(DENY)
                .assemble();
    }

    /** Loads the addresses of an IPv4 packet to the stack; what is no such packet goes on at {@link #ofPacket6}. */
    private static Ebpf ofPacket4(Ebpf program, String inherited) {
        return program.load32(1, 6, SKB_PROTOCOL)
                .jumpUnlessEqual(1, ETHERTYPE_IP, "not4")
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, inherited)
                .move(1, 6).set(2, IP4_ADDRESSES).move(3, 10).add(3, PACKET).set(4, 8)
                .call(SKB_LOAD_BYTES)
                .jumpUnlessEqual(0, 0, "stranger");
    }

    private static Ebpf ofPacket6(Ebpf program, String inherited) {
        return program.label("not4").load32(1, 6, SKB_PROTOCOL)
                .jumpUnlessEqual(1, ETHERTYPE_IPV6, "stranger")
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS6, inherited)
                .move(1, 6).set(2, IP6_ADDRESSES).move(3, 10).add(3, PACKET).set(4, 32)
                .call(SKB_LOAD_BYTES)
                .jumpUnlessEqual(0, 0, "stranger");
    }
}
