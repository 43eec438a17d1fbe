package stockade.network;

import static stockade.network.JailEntry.FIRST4;
import static stockade.network.JailEntry.FIRST6;
import static stockade.network.JailEntry.FLAGS;
import static stockade.network.JailEntry.INHERITS4;
import static stockade.network.JailEntry.INHERITS6;
import static stockade.network.JailEntry.RESERVED_PORTS;
import static stockade.network.JailEntry.SEVERAL;
import static stockade.network.JailEntry.USHER;
import static stockade.network.ProgramParts.ALLOW;
import static stockade.network.ProgramParts.ANY;
import static stockade.network.ProgramParts.DENY;
import static stockade.network.ProgramParts.LOOPBACK;
import static stockade.network.ProgramParts.LOOPBACK6;
import static stockade.network.ProgramParts.MAPPED;
import static stockade.network.ProgramParts.PLACE;
import static stockade.network.ProgramParts.jailOfTask;
import static stockade.network.ProgramParts.jumpIfOwn4;
import static stockade.network.ProgramParts.jumpIfOwn6;

/** The programs of bind(2), connect(2) and sendmsg(2): which addresses a jail's sockets have and get to. */
final class AddressPrograms {
    /** Allow, and do not ask for CAP_NET_BIND_SERVICE (include/linux/bpf-cgroup.h). */
    private static final int ALLOW_RESERVED_PORT = 3;

    private static final int GET_CURRENT_UID_GID = 15;
    private static final int SET_RETVAL = 187;

    // struct bpf_sock_addr
    private static final int ADDR_IP4 = 4;
    private static final int ADDR_IP6 = 8;
    private static final int ADDR_PORT = 24;
    private static final int ADDR_TYPE = 32;
    private static final int ADDR_MSG_SOURCE_IP4 = 40;
    private static final int ADDR_MSG_SOURCE_IP6 = 44;
    private static final int ADDR_SK = 64;

    // struct bpf_sock
    private static final int SOCK_SOURCE_IP4 = 24;
    private static final int SOCK_SOURCE_IP6 = 28;

    private static final int SOCK_DGRAM = 2;
    private static final int EADDRNOTAVAIL = 99;
    private static final int EACCES = 13;
    private static final int ENETUNREACH = 101;
    private static final int FIRST_UNRESERVED_PORT = 1024;

    private AddressPrograms() {
    }

    /** The wildcard and 127.0.0.1 become the jail's address; reserved ports are for the jail's root. */
    static byte[] bind4(int jails, int addresses) {
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

    /** Likewise, of :: and ::1 and of IPv4 addresses in their mapped form. */
    static byte[] bind6(int jails, int addresses) {
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

    /**
     * The wildcard and 127.0.0.1 become the jail's address. The source is the address that the socket is bound to; one that
     * has just lost it to a bind(2) that failed would get the host's. Sockets of datagrams are connected by nobody but the jail whose
     * addresses they have, and where these are several by the usher.
     */
    static byte[] connect4(int jails, int addresses) {
        return toOwnAddress4(keepDatagrams4(jailOfTask(jails), addresses))
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, "allow")
                .load64(1, 6, ADDR_SK).load32(2, 1, SOCK_SOURCE_IP4).jumpIfEqual(2, ANY, "stranger")
                .label("allow").exit(ALLOW)
                .label("unreachable").set(1, -ENETUNREACH).call(SET_RETVAL)
                .label("stranger").exit(DENY)
                .assemble();
    }

    /** Likewise, of both families. IPv4 that the jail does not have can't be reached by its mapped addresses. */
    static byte[] connect6(int jails, int addresses) {
        return keepDatagrams6(jailOfTask(jails), addresses)
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS6, "bound")
                .load64(1, 6, ADDR_SK)
                .load32(2, 1, SOCK_SOURCE_IP6).load32(3, 1, SOCK_SOURCE_IP6 + 4).or(2, 3)
                .load32(3, 1, SOCK_SOURCE_IP6 + 8).or(2, 3).load32(3, 1, SOCK_SOURCE_IP6 + 12).or(2, 3)
                .jumpIfEqual(2, 0, "stranger")
                .label("bound")
                .load64(8, 6, ADDR_IP6).load64(9, 6, ADDR_IP6 + 8)
                .load32(1, 7, FLAGS)
                .jumpUnlessEqual(8, 0, "allow")
                .jumpIfEqual32(9, MAPPED, "mapped")
                .jumpIfAnyBit(1, INHERITS6, "allow")
                .jumpIfEqual(9, 0, "own")
                .setWide(1, LOOPBACK6).jumpUnlessSame(9, 1, "allow")
                .label("own").load64(2, 7, FIRST6).load64(3, 7, FIRST6 + 8)
                .store64(6, ADDR_IP6, 2).store64(6, ADDR_IP6 + 8, 3)
                .exit(ALLOW)
                .label("mapped").jumpIfAnyBit(1, INHERITS4, "allow")
                .load32(2, 7, FIRST4).jumpIfEqual(2, ANY, "unreachable")
                .shiftRight(9, 32)
                .jumpIfEqual(9, ANY, "own4")
                .jumpUnlessEqual(9, LOOPBACK, "allow")
                .label("own4").store32(6, ADDR_IP6 + 12, 2)
                .label("allow").exit(ALLOW)
                .label("unreachable").set(1, -ENETUNREACH).call(SET_RETVAL)
                .label("stranger").exit(DENY)
                .assemble();
    }

    /** The start of connect4: what is of no datagrams, or the jail's to connect, goes on. */
    private static Ebpf keepDatagrams4(Ebpf program, int addresses) {
        program.load32(1, 6, ADDR_TYPE).jumpUnlessEqual(1, SOCK_DGRAM, "kept")
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, "source")
                .load64(1, 6, ADDR_SK).load32(8, 1, SOCK_SOURCE_IP4);
        jumpIfOwn4(program, addresses, "source");
        return askUsher(program.jump("stranger"));
    }

    /** Likewise, of connect6. */
    private static Ebpf keepDatagrams6(Ebpf program, int addresses) {
        program.load32(1, 6, ADDR_TYPE).jumpUnlessEqual(1, SOCK_DGRAM, "kept")
                .load64(1, 6, ADDR_SK);
        for (int word = 0; word < 4; word++) {
            program.load32(2, 1, SOCK_SOURCE_IP6 + 4 * word).store32(10, PLACE + 4 * word, 2);
        }
        program.load64(8, 10, PLACE).load64(9, 10, PLACE + 8)
                .load32(1, 7, FLAGS)
                .jumpUnlessEqual(8, 0, "ip6 source")
                .jumpIfEqual32(9, MAPPED, "ip4 source")
                .label("ip6 source").jumpIfAnyBit(1, INHERITS6, "source");
        jumpIfOwn6(program, addresses, "source");
        program.jump("stranger")
                .label("ip4 source").jumpIfAnyBit(1, INHERITS4, "source")
                .move(8, 9).shiftRight(8, 32);
        jumpIfOwn4(program, addresses, "source");
        return askUsher(program.jump("stranger"));
    }

    private static Ebpf askUsher(Ebpf program) {
        return program.label("source").load32(1, 7, FLAGS).and(1, SEVERAL).jumpIfEqual(1, 0, "kept")
                .load32(8, 7, USHER)
                .call(GET_CURRENT_UID_GID).shiftRight(0, 32)
                .jumpUnlessSame(0, 8, "stranger")
                .label("kept");
    }

    /** As connect; and the source is one of the jail's addresses whatever IP_PKTINFO says. */
    static byte[] sendmsg4(int jails, int addresses) {
        var program = toOwnAddress4(jailOfTask(jails))
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, "allow")
                .load32(8, 6, ADDR_MSG_SOURCE_IP4);
        jumpIfOwn4(program, addresses, "allow");
        return program.load32(1, 7, FIRST4).store32(6, ADDR_MSG_SOURCE_IP4, 1)
                .label("allow").exit(ALLOW)
                .label("unreachable").set(1, -ENETUNREACH).call(SET_RETVAL)
                .label("stranger").exit(DENY)
                .assemble();
    }

    static byte[] sendmsg6(int jails, int addresses) {
        var program = jailOfTask(jails)
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS6, "allow")
                .load64(8, 6, ADDR_IP6).load64(9, 6, ADDR_IP6 + 8)
                .load64(2, 7, FIRST6).load64(3, 7, FIRST6 + 8)
                .move(1, 2).or(1, 3).jumpIfEqual(1, 0, "unreachable")
                .jumpUnlessEqual(8, 0, "source")
                .jumpIfEqual(9, 0, "own")
                .setWide(1, LOOPBACK6).jumpUnlessSame(9, 1, "source")
                .label("own").store64(6, ADDR_IP6, 2).store64(6, ADDR_IP6 + 8, 3)
                .label("source");
        for (int word = 0; word < 4; word++) {
            program.load32(1, 6, ADDR_MSG_SOURCE_IP6 + 4 * word).store32(10, PLACE + 4 * word, 1);
        }
        program.load64(8, 10, PLACE).load64(9, 10, PLACE + 8);
        jumpIfOwn6(program, addresses, "allow");
        for (int word = 0; word < 4; word++) {
            program.load32(1, 7, FIRST6 + 4 * word).store32(6, ADDR_MSG_SOURCE_IP6 + 4 * word, 1);
        }
        return program.label("allow").exit(ALLOW)
                .label("unreachable").set(1, -ENETUNREACH).call(SET_RETVAL)
                .label("stranger").exit(DENY)
                .assemble();
    }

    /** Of a jail without IPv4 nothing leaves by it: the source would be the host's. */
    private static Ebpf toOwnAddress4(Ebpf program) {
        return program.load32(1, 7, FLAGS).jumpIfAnyBit(1, INHERITS4, "done")
                .load32(2, 7, FIRST4).jumpIfEqual(2, ANY, "unreachable")
                .load32(1, 6, ADDR_IP4)
                .jumpIfEqual(1, ANY, "own")
                .jumpIfEqual(1, LOOPBACK, "own")
                .jump("done")
                .label("own").store32(6, ADDR_IP4, 2)
                .label("done");
    }

    /**
     * The end of a program for bind(2), where the address is settled: that it is the usher who binds, the port, and the
     * refusals. Who comes here by himself has had the usher look at another socket, or another address.
     */
    private static byte[] finishBind(Ebpf program) {
        return program
                .label("port").load32(8, 7, USHER)
                .call(GET_CURRENT_UID_GID).shiftRight(0, 32)
                .jumpUnlessSame(0, 8, "stranger")
                .load32(9, 6, ADDR_PORT).networkToHost16(9)
                .jumpIfAtLeast(9, FIRST_UNRESERVED_PORT, "allow")
                .jumpIfEqual(9, 0, "allow")
                .load32(1, 7, FLAGS).jumpIfAnyBit(1, RESERVED_PORTS, "reserved")
                .set(1, -EACCES).call(SET_RETVAL)
                .exit(DENY)
                .label("reserved").exit(ALLOW_RESERVED_PORT)
                .label("foreign").set(1, -EADDRNOTAVAIL).call(SET_RETVAL)
                .exit(DENY)
                .label("allow").exit(ALLOW)
                .label("stranger").exit(DENY)
                .assemble();
    }
}
