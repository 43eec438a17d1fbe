package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import stockade.linux.Bpf;
import stockade.linux.Descriptor;
import stockade.linux.Files;

/**
 * How a socket that a jail has bound to "all addresses" is reached on all of its addresses. It is really bound to
 * the first one, so that it takes the port from nobody else; a program that the kernel asks before it looks for a
 * listener itself (sk_lookup, Linux 5.9) finds it under the others.
 *
 * The program is there for as long as somebody has this open: the wardens of the jails that need it.
 */
public final class Steering implements AutoCloseable {
    /** To be changed with the program or its map: jails of two versions do not share it. */
    private static final String MAP_NAME = "listeners_1";
    private static final int MAX_LISTENERS = 1 << 16;
    private static final int KEY_SIZE = 24;

    private static final int PROGRAM_TYPE = 30; // BPF_PROG_TYPE_SK_LOOKUP
    private static final int ATTACH_TYPE = 36; // BPF_SK_LOOKUP

    // struct bpf_sk_lookup
    private static final int FAMILY = 8;
    private static final int PROTOCOL = 12;
    private static final int LOCAL_IP4 = 40;
    private static final int LOCAL_IP6 = 44;
    private static final int LOCAL_PORT = 60;

    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int SK_RELEASE = 86;
    private static final int SK_ASSIGN = 124;
    private static final int AF_INET = 2;
    private static final int MAPPED = 0xffff0000;
    private static final int PASS = 1;
    private static final int KEY = -24;

    private final Descriptor link;
    private final Descriptor listeners;

    private Steering(Descriptor link, Descriptor listeners) {
        this.link = link;
        this.listeners = listeners;
    }

    /** Opens that of this process's network namespace, made if it is missing. To be called under the registry's lock. */
    public static Steering open() {
        try (var network = Files.open("/proc/self/ns/net", Files.O_RDONLY)) {
            return Bpf.findLink(Files.stat(network).inode(), MAP_NAME).map(found -> new Steering(found.link(), found.map()))
                    .orElseGet(() -> create(network));
        }
    }

    private static Steering create(Descriptor network) {
        var listeners = Bpf.createSocketMap(MAP_NAME, KEY_SIZE, MAX_LISTENERS);
        try (var program = Bpf.load("jail_lookup", PROGRAM_TYPE, ATTACH_TYPE, code(listeners.number()))) {
            return new Steering(Bpf.linkToNetwork(network, program, ATTACH_TYPE), listeners);
        }
    }

    /** What is not found is left to the kernel's own search. */
    static byte[] code(int listeners) {
        var program = new Ebpf().move(6, 1)
                .load32(1, 6, FAMILY)
                .jumpUnlessEqual(1, AF_INET, "ip6")
                .storeNumber64(10, KEY, 0).storeNumber32(10, KEY + 8, MAPPED)
                .load32(1, 6, LOCAL_IP4).store32(10, KEY + 12, 1)
                .jump("port")
                .label("ip6");
        for (int word = 0; word < 4; word++) {
            program.load32(1, 6, LOCAL_IP6 + 4 * word).store32(10, KEY + 4 * word, 1);
        }
        return program
                .label("port").load32(1, 6, LOCAL_PORT).store32(10, KEY + 16, 1)
                .load32(1, 6, PROTOCOL).store32(10, KEY + 20, 1)
                .loadMap(1, listeners).move(2, 10).add(2, KEY).call(MAP_LOOKUP_ELEM)
                .jumpIfEqual(0, 0, "pass")
                .move(7, 0)
                .move(1, 6).move(2, 7).set(3, 0).call(SK_ASSIGN)
                .move(1, 7).call(SK_RELEASE)
                .label("pass").exit(PASS)
                .assemble();
    }

    /** Has a socket found under an address. It is one that listens, or one of UDP that is bound. */
    public void steer(Inet address, int port, int protocol, Descriptor socket) {
        Bpf.update(listeners,
                ByteBuffer.allocate(KEY_SIZE).order(ByteOrder.LITTLE_ENDIAN)
                        .put(address.mapped()).putInt(port).putInt(protocol).array(),
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(socket.number()).array());
    }

    /** What a process needs that keeps the program there. */
    public Descriptor link() {
        return link;
    }

    /** What a process needs that steers. */
    public Descriptor listeners() {
        return listeners;
    }

    @Override
    public void close() {
        link.close();
        listeners.close();
    }
}
