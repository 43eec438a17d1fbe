package stockade.network;

import static stockade.network.JailEntry.FIRST4;
import static stockade.network.JailEntry.FIRST6;
import static stockade.network.JailEntry.FLAGS;
import static stockade.network.JailEntry.MORE4;
import static stockade.network.JailEntry.MORE6;

/**
 * What several of the {@link JailPrograms} have in them. In all of them register 6 has the context, 7 the jail's entry,
 * and the jail's cgroup id is kept on the stack.
 */
final class ProgramParts {
    static final int DENY = 0;
    static final int ALLOW = 1;

    // families, and addresses as a little-endian machine loads them from network byte order
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int ANY = 0;
    static final int LOOPBACK = 0x0100007f;
    static final long LOOPBACK6 = 1L << 56;
    /** The third word of ::ffff:a.b.c.d. */
    static final int MAPPED = 0xffff0000;

    /** A place on the stack for 32 bytes. */
    static final int PLACE = -64;

    // other places
    private static final int CGROUP = -8;
    private static final int KEY = -32;

    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int SKB_CGROUP_ID = 79;
    private static final int GET_CURRENT_CGROUP_ID = 80;

    private ProgramParts() {
    }

    /** The start of a program that a task's system call runs; a socket of a jail's is of no use to others. */
    static Ebpf jailOfTask(int jails) {
        return jailOfTask(new Ebpf().move(6, 1), jails);
    }

    static Ebpf jailOfTask(Ebpf program, int jails) {
        return lookUp(program.call(GET_CURRENT_CGROUP_ID), jails);
    }

    /** The start of a program that a packet of a socket runs: the cgroup is that of the socket's maker. */
    static Ebpf jailOfPacket(int jails) {
        return lookUp(new Ebpf().move(6, 1).call(SKB_CGROUP_ID), jails);
    }

    private static Ebpf lookUp(Ebpf program, int jails) {
        return program.store64(10, CGROUP, 0)
                .loadMap(1, jails)
                .move(2, 10).add(2, CGROUP)
                .call(MAP_LOOKUP_ELEM)
                .jumpIfEqual(0, 0, "stranger")
                .move(7, 0);
    }

    /** Goes on at a label if the IPv4 address in register 8 is one of the jail's. */
    static void jumpIfOwn4(Ebpf program, int addresses, String label) {
        program.load32(1, 7, FIRST4).jumpIfSame(8, 1, label)
                .storeNumber64(10, KEY + 8, 0).storeNumber32(10, KEY + 16, MAPPED).store32(10, KEY + 20, 8)
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, MORE4, label + "?4")
                .jump(label + "!4")
                .label(label + "?4");
        lookUpAddress(program, addresses).jumpUnlessEqual(0, 0, label).label(label + "!4");
    }

    /** Likewise, for the IPv6 address in registers 8 and 9. */
    static void jumpIfOwn6(Ebpf program, int addresses, String label) {
        program.load64(1, 7, FIRST6).jumpUnlessSame(8, 1, label + "6")
                .load64(1, 7, FIRST6 + 8).jumpIfSame(9, 1, label)
                .label(label + "6").store64(10, KEY + 8, 8).store64(10, KEY + 16, 9)
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, MORE6, label + "?6")
                .jump(label + "!6")
                .label(label + "?6");
        lookUpAddress(program, addresses).jumpUnlessEqual(0, 0, label).label(label + "!6");
    }

    private static Ebpf lookUpAddress(Ebpf program, int addresses) {
        return program.load64(1, 10, CGROUP).store64(10, KEY, 1)
                .loadMap(1, addresses).move(2, 10).add(2, KEY).call(MAP_LOOKUP_ELEM);
    }
}
