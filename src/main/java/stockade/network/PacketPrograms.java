package stockade.network;

import static stockade.network.JailEntry.FIRST4;
import static stockade.network.JailEntry.FLAGS;
import static stockade.network.JailEntry.INHERITS4;
import static stockade.network.JailEntry.INHERITS6;
import static stockade.network.ProgramParts.ALLOW;
import static stockade.network.ProgramParts.DENY;
import static stockade.network.ProgramParts.LOOPBACK;
import static stockade.network.ProgramParts.LOOPBACK6;
import static stockade.network.ProgramParts.PLACE;
import static stockade.network.ProgramParts.jailOfPacket;
import static stockade.network.ProgramParts.jumpIfOwn4;
import static stockade.network.ProgramParts.jumpIfOwn6;

/** The programs that every packet to and from a jail's sockets passes. */
final class PacketPrograms {
    private static final int SKB_LOAD_BYTES = 26;
    private static final int SK_FULLSOCK = 95;

    // struct __sk_buff and struct bpf_sock
    private static final int SKB_PROTOCOL = 16;
    private static final int SKB_DATA = 76;
    private static final int SKB_DATA_END = 80;
    private static final int SKB_SK = 168;
    private static final int SOCK_TYPE = 8;
    private static final int SOCK_RAW = 3;

    // headers
    private static final int ETHERTYPE_IP = 0x0008;
    private static final int ETHERTYPE_IPV6 = 0xdd86;
    private static final int IP4_PROTOCOL = 9;
    private static final int IP4_ADDRESSES = 12;
    private static final int IP4_SIZE = 20;
    private static final int IP6_NEXT_HEADER = 6;
    private static final int IP6_ADDRESSES = 8;
    private static final int IP6_SIZE = 40;
    private static final int IPPROTO_IGMP = 2;
    private static final int IPPROTO_PIM = 103;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;

    /** A place on the stack for one byte. */
    private static final int BYTE = -72;

    private PacketPrograms() {
    }

    /** Whatever else got this far: only packets to the jail's addresses reach its sockets. */
    static byte[] ingress(int jails, int addresses) {
        var program = jailOfPacket(jails);
        ofPacket4(program, "allow").load32(8, 10, PLACE + 4);
        jumpIfOwn4(program, addresses, "allow");
        program.exit(DENY);
        ofPacket6(program, "allow").load64(8, 10, PLACE + 16).load64(9, 10, PLACE + 24);
        jumpIfOwn6(program, addresses, "allow");
        return program
                .label("stranger").exit(DENY)
                .label("allow").exit(ALLOW)
                .assemble();
    }

    /**
     * Only packets from the jail's addresses leave its sockets. A raw socket's moreover do not go to 127.0.0.1 or
     * ::1, which are the jail itself only where a socket has ports; and its ICMP is only what asks and answers: an
     * error would be believed by the host, about routes that others use. Nor do they tell routers which multicasts the host wants.
     */
    static byte[] egress(int jails, int addresses) {
        var program = jailOfPacket(jails);
        ofPacket4(program, "allow").load32(8, 10, PLACE);
        jumpIfOwn4(program, addresses, "own4");
        program.exit(DENY)
                .label("own4").set(9, 4).jump("socket");
        ofPacket6(program, "allow").load64(8, 10, PLACE).load64(9, 10, PLACE + 8);
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
                .load32(8, 10, PLACE + 4)
                .jumpUnlessEqual(8, LOOPBACK, "elsewhere")
                .load32(1, 7, FIRST4).jumpUnlessEqual(1, LOOPBACK, "deny")
                .label("elsewhere");
        loadByte(program.set(2, IP4_PROTOCOL))
                .jumpIfEqual(8, IPPROTO_IGMP, "deny").jumpIfEqual(8, IPPROTO_PIM, "deny")
                .jumpUnlessEqual(8, IPPROTO_ICMP, "allow");
        loadByte(program.set(2, 0)).and(8, 0xf).shiftLeft(8, 2);
        loadByte(program.move(2, 8))
                .jumpIfEqual(8, 0, "allow").jumpIfEqual(8, 8, "allow") // echo
                .jumpIfEqual(8, 13, "allow").jumpIfEqual(8, 14, "allow") // timestamp
                .exit(DENY)
                .label("raw6").load64(1, 10, PLACE + 16).jumpUnlessEqual(1, 0, "elsewhere6")
                .load64(1, 10, PLACE + 24).setWide(2, LOOPBACK6).jumpIfSame(1, 2, "deny")
                .label("elsewhere6");
        loadByte(program.set(2, IP6_NEXT_HEADER))
                .jumpIfEqual(8, 0, "deny").jumpIfEqual(8, 43, "deny") // a header before another, which may be ICMP
                .jumpIfEqual(8, 44, "deny").jumpIfEqual(8, 60, "deny").jumpIfEqual(8, IPPROTO_PIM, "deny")
                .jumpUnlessEqual(8, IPPROTO_ICMPV6, "allow");
        return loadByte(program.set(2, IP6_SIZE))
                .jumpIfEqual(8, 128, "allow").jumpIfEqual(8, 129, "allow") // echo
                .label("deny").exit(DENY)
                .label("stranger").exit(DENY)
                .label("allow").exit(ALLOW)
                .assemble();
    }

    /** Loads the addresses of an IPv4 packet to the stack; what is no such packet goes on at {@link #ofPacket6}. */
    private static Ebpf ofPacket4(Ebpf program, String inherited) {
        return program.load32(1, 6, SKB_PROTOCOL)
                .jumpUnlessEqual(1, ETHERTYPE_IP, "not4")
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, inherited)
                .load32(1, 6, SKB_DATA).load32(2, 6, SKB_DATA_END)
                .move(3, 1).add(3, IP4_SIZE).jumpIfMore(3, 2, "stranger")
                .load32(2, 1, IP4_ADDRESSES).store32(10, PLACE, 2)
                .load32(2, 1, IP4_ADDRESSES + 4).store32(10, PLACE + 4, 2);
    }

    private static Ebpf ofPacket6(Ebpf program, String inherited) {
        program.label("not4").load32(1, 6, SKB_PROTOCOL)
                .jumpUnlessEqual(1, ETHERTYPE_IPV6, "stranger")
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS6, inherited)
                .load32(1, 6, SKB_DATA).load32(2, 6, SKB_DATA_END)
                .move(3, 1).add(3, IP6_SIZE).jumpIfMore(3, 2, "stranger");
        for (int at = 0; at < 32; at += 8) {
            program.load64(2, 1, IP6_ADDRESSES + at).store64(10, PLACE + at, 2);
        }
        return program;
    }

    /** The byte of the packet at the offset in register 2 to register 8. */
    private static Ebpf loadByte(Ebpf program) {
        return program.move(1, 6).move(3, 10).add(3, BYTE).set(4, 1)
                .call(SKB_LOAD_BYTES)
                .jumpUnlessEqual(0, 0, "deny")
                .load8(8, 10, BYTE);
    }
}
