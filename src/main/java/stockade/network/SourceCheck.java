package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The program of the host's end of a {@link VirtualLink}: it passes IP packets from the jail's addresses to one host
 * and drops all else: broadcasts and multicasts, and of ICMP what tells of other routes than those to these addresses.
 */
final class SourceCheck {
    private static final int SKB_PROTOCOL = 16;
    private static final int SKB_DATA = 76;
    private static final int SKB_DATA_END = 80;
    private static final int SKB_LOAD_BYTES = 26;
    private static final int ETHERTYPE_IP = 0x0008;
    private static final int ETHERTYPE_IPV6 = 0xdd86;
    private static final int ETHERNET = 14;
    private static final int PLACE = -16;
    private static final int DROP = 2;
    private static final int PASS = 0;

    private SourceCheck() {
    }

    static byte[] code(List<Inet> own) {
        var program = new Ebpf().move(6, 1).load32(7, 6, SKB_PROTOCOL)
                .jumpIfEqual(7, ETHERTYPE_IP, "ip")
                .jumpUnlessEqual(7, ETHERTYPE_IPV6, "drop");
        passIp6(program, own);
        passIp4(program.label("ip"), own);
        return program.label("drop").exit(DROP).label("pass").exit(PASS).assemble();
    }

    private static void passIp4(Ebpf program, List<Inet> own) {
        if (own.stream().noneMatch(Inet4.class::isInstance)) {
            program.exit(DROP);
            return;
        }
        passUsual4(program, own);
        jumpIfOwn4(load(program.set(2, ETHERNET + 12), 4), own, "from4");
        load(program.exit(DROP).label("from4").set(2, ETHERNET + 16), 1)
                .load8(8, 10, PLACE).jumpIfAtLeast(8, 224, "drop");
        load(program.set(2, ETHERNET + 9), 1)
                .load8(8, 10, PLACE).jumpUnlessEqual(8, 1, "pass"); // ICMP
        load(program.set(2, ETHERNET), 1)
                .load8(9, 10, PLACE).and(9, 0xf).shiftLeft(9, 2).add(9, ETHERNET); // where its message begins
        load(program.move(2, 9), 1)
                .load8(8, 10, PLACE);
        for (int type : new int[] {0, 8, 13, 14}) { // echo, timestamp
            program.jumpIfEqual(8, type, "pass");
        }
        for (int type : new int[] {3, 11, 12}) { // unreachable, time exceeded, parameter problem
            program.jumpIfEqual(8, type, "error4");
        }
        jumpIfOwn4(load(program.exit(DROP).label("error4").move(2, 9).add(2, 8 + 16), 4), own, "pass");
        program.exit(DROP);
    }

    /** What most packets are, at less expense: of TCP or UDP, from the first address. */
    private static void passUsual4(Ebpf program, List<Inet> own) {
        var first = own.stream().filter(Inet4.class::isInstance).findFirst().orElseThrow().bytes();
        program.load32(1, 6, SKB_DATA).load32(2, 6, SKB_DATA_END)
                .move(3, 1).add(3, ETHERNET + 20).jumpIfMore(3, 2, "unusual4")
                .load32(2, 1, ETHERNET + 12)
                .setWide(3, ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL)
                .jumpUnlessSame(2, 3, "unusual4")
                .load8(2, 1, ETHERNET + 16).jumpIfAtLeast(2, 224, "unusual4")
                .load8(2, 1, ETHERNET + 9).jumpIfEqual(2, 6, "pass").jumpIfEqual(2, 17, "pass")
                .label("unusual4");
    }

    private static void passIp6(Ebpf program, List<Inet> own) {
        if (own.stream().noneMatch(Inet6.class::isInstance)) {
            program.exit(DROP);
            return;
        }
        jumpIfOwn6(load(program.set(2, ETHERNET + 8), 16), own, "from6");
        load(program.exit(DROP).label("from6").set(2, ETHERNET + 24), 1)
                .load8(8, 10, PLACE).jumpIfEqual(8, 0xff, "drop");
        load(program.set(2, ETHERNET + 6), 1)
                .load8(8, 10, PLACE);
        for (int header : new int[] {0, 43, 44, 60}) { // one before another, which may be ICMPv6
            program.jumpIfEqual(8, header, "drop");
        }
        load(program.jumpUnlessEqual(8, 58, "pass").set(2, ETHERNET + 40), 1)
                .load8(8, 10, PLACE)
                .jumpIfEqual(8, 128, "pass").jumpIfEqual(8, 129, "pass") // echo
                .jumpIfAtLeast(8, 5, "drop");
        jumpIfOwn6(load(program.set(2, ETHERNET + 40 + 8 + 24), 16), own, "pass");
        program.exit(DROP);
    }

    /** So many bytes of the packet, from the offset in register 2, to the place on the stack. */
    private static Ebpf load(Ebpf program, int bytes) {
        return program.move(1, 6).move(3, 10).add(3, PLACE).set(4, bytes).call(SKB_LOAD_BYTES)
                .jumpUnlessEqual(0, 0, "drop");
    }

    private static void jumpIfOwn4(Ebpf program, List<Inet> own, String label) {
        program.load32(8, 10, PLACE);
        for (var address : own) {
            if (address instanceof Inet4(int bits)) {
                program.setWide(1, Integer.reverseBytes(bits) & 0xffffffffL).jumpIfSame(8, 1, label);
            }
        }
    }

    private static void jumpIfOwn6(Ebpf program, List<Inet> own, String label) {
        program.load64(7, 10, PLACE).load64(8, 10, PLACE + 8);
        for (int i = 0; i < own.size(); i++) {
            if (own.get(i) instanceof Inet6(long high, long low)) {
                program.setWide(1, Long.reverseBytes(high)).jumpUnlessSame(7, 1, label + i)
                        .setWide(1, Long.reverseBytes(low)).jumpIfSame(8, 1, label)
                        .label(label + i);
            }
        }
    }
}
