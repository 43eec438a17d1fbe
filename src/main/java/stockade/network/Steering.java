package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stockade.linux.Bpf;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;

/**
 * How a socket that a jail has bound to "all addresses" is reached on all of its addresses. It is really bound to
 * the first one, so that it takes the port from nobody else; a program that the kernel asks before it looks for a
 * listener itself (sk_lookup, Linux 5.9) finds it under the others.
 *
 * The program looks into a map of each address's own, so that no jail can fill that of another. It is there for as long
 * as somebody has this open: the wardens of the jails that need it.
 */
public final class Steering implements AutoCloseable {
    /** To be changed with the program or its maps: jails of two versions do not share them. */
    static final String MAP_NAME = "listeners_3";
    private static final int MAX_ADDRESSES = 1 << 18;
    /** How many sockets may be found under one address. */
    private static final int MAX_LISTENERS = 1 << 12;
    /** How many sockets may be found under one port of an address, the first that is there: those that share it (SO_REUSEPORT). */
    public static final int PLACES = 16;
    private static final int ADDRESS_SIZE = 16;
    private static final int PORT_KEY_SIZE = 8;
    /** The protocol, of 8 bits, is below it in the key. */
    private static final int PLACE_SHIFT = 8;

    private static final int PROGRAM_TYPE = 30; // BPF_PROG_TYPE_SK_LOOKUP
    private static final int ATTACH_TYPE = 36; // BPF_SK_LOOKUP

    // struct bpf_sk_lookup
    private static final int FAMILY = 8;
    private static final int PROTOCOL = 12;
    private static final int LOCAL_IP4 = 40;
    private static final int LOCAL_IP6 = 44;
    private static final int LOCAL_PORT = 60;

    // struct bpf_sock
    private static final int SOCKET_PORT = 44;
    private static final int SOCKET_STATE = 72;
    private static final int ESTABLISHED = 1;

    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int SK_RELEASE = 86;
    private static final int SK_ASSIGN = 124;
    private static final int AF_INET = 2;
    private static final int MAPPED = 0xffff0000;
    private static final int PASS = 1;
    private static final int ADDRESS_KEY = -16;
    private static final int PORT_KEY = -24;

    private final Descriptor link;
    private final Descriptor addresses;
    private final Map<Inet, Descriptor> listeners;

    private Steering(Descriptor link, Descriptor addresses, Map<Inet, Descriptor> listeners) {
        this.link = link;
        this.addresses = addresses;
        this.listeners = listeners;
    }

    /**
     * Opens that of this process's network namespace for some addresses, made if it is missing. To be called under the
     * registry's lock.
     */
    public static Steering open(List<Inet> addresses) {
        try (var network = Files.open("/proc/self/ns/net", Files.O_RDONLY)) {
            var found = find(network).orElseGet(() -> create(network));
            var listeners = new HashMap<Inet, Descriptor>();
            addresses.forEach(address -> listeners.put(address, listeners(found.map(), address)));
            return new Steering(found.link(), found.map(), listeners);
        }
    }

    /** The same for other addresses. Those that are new have descriptors, in their order; those that are gone are closed. */
    public Steering with(List<Inet> wanted, Iterator<Descriptor> added) {
        var all = new HashMap<Inet, Descriptor>();
        for (var address : wanted) {
            var kept = listeners.remove(address);
            all.put(address, kept != null ? kept : added.next());
        }
        listeners.values().forEach(Descriptor::close);
        return new Steering(link, addresses, all);
    }

    /** Has no socket found under addresses any more, if any was. */
    public static void forget(List<Inet> addresses) {
        try (var network = Files.open("/proc/self/ns/net", Files.O_RDONLY)) {
            find(network).ifPresent(found -> {
                addresses.forEach(address -> Bpf.delete(found.map(), address.mapped()));
                found.map().close();
                found.link().close();
            });
        }
    }

    private static Optional<Bpf.Link> find(Descriptor network) {
        return Bpf.findLink(Files.stat(network).inode(), MAP_NAME);
    }

    private static Bpf.Link create(Descriptor network) {
        try (var one = createListeners()) {
            var addresses = Bpf.createMapOfMaps(MAP_NAME, ADDRESS_SIZE, one, MAX_ADDRESSES);
            try (var program = Bpf.load("jail_lookup", PROGRAM_TYPE, ATTACH_TYPE, code(addresses.number()))) {
                return new Bpf.Link(Bpf.linkToNetwork(network, program, ATTACH_TYPE), addresses);
            }
        }
    }

    private static Descriptor createListeners() {
        return Bpf.createSocketMap("jail_listeners", PORT_KEY_SIZE, MAX_LISTENERS);
    }

    /** The sockets of an address, whose jail shares it with none. */
    private static Descriptor listeners(Descriptor addresses, Inet address) {
        return Bpf.lookUpMap(addresses, address.mapped()).orElseGet(() -> {
            var made = createListeners();
            Bpf.update(addresses, address.mapped(), number(made.number()));
            return made;
        });
    }

    /**
     * What is not found is left to the kernel's own search. So is a socket that has given up its port since, and one of
     * UDP that is connected, which gets what its peer sends and nothing else. Of those that share a port the kernel chooses one
     * by whichever is found.
     */
    static byte[] code(int addresses) {
        var program = new Ebpf().move(6, 1)
                .load32(1, 6, FAMILY)
                .jumpUnlessEqual(1, AF_INET, "ip6")
                .storeNumber64(10, ADDRESS_KEY, 0).storeNumber32(10, ADDRESS_KEY + 8, MAPPED)
                .load32(1, 6, LOCAL_IP4).store32(10, ADDRESS_KEY + 12, 1)
                .jump("look")
                .label("ip6");
        for (int word = 0; word < 4; word++) {
            program.load32(1, 6, LOCAL_IP6 + 4 * word).store32(10, ADDRESS_KEY + 4 * word, 1);
        }
        program.label("look").loadMap(1, addresses).move(2, 10).add(2, ADDRESS_KEY).call(MAP_LOOKUP_ELEM)
                .jumpIfEqual(0, 0, "pass")
                .move(9, 0)
                .load32(8, 6, LOCAL_PORT).store32(10, PORT_KEY, 8);
        for (int place = 0; place < PLACES; place++) {
            var next = "place" + (place + 1);
            program.load32(1, 6, PROTOCOL).add(1, place << PLACE_SHIFT).store32(10, PORT_KEY + 4, 1)
                    .move(1, 9).move(2, 10).add(2, PORT_KEY).call(MAP_LOOKUP_ELEM)
                    .jumpIfEqual(0, 0, next)
                    .move(7, 0)
                    .load32(1, 7, SOCKET_PORT).jumpUnlessSame(1, 8, "release" + place)
                    .load32(1, 7, SOCKET_STATE).jumpIfEqual(1, ESTABLISHED, "release" + place)
                    .move(1, 6).move(2, 7).set(3, 0).call(SK_ASSIGN)
                    .move(1, 7).call(SK_RELEASE)
                    .jump("pass")
                    .label("release" + place).move(1, 7).call(SK_RELEASE)
                    .label(next);
        }
        return program.label("pass").exit(PASS).assemble();
    }

    /**
     * Has a socket found under an address. It is one that listens, or one of UDP that is bound. Returns 0 or -errno.
     *
     * @param place which of those that are found there it is
     */
    public long steer(Inet address, int port, int protocol, int place, Descriptor socket) {
        return Bpf.add(listeners.get(address), key(port, protocol, place), number64(socket.number()))
                .map(errno -> -(long) (errno == Errno.EEXIST ? Errno.EADDRINUSE : Errno.ENOBUFS).number()).orElse(0L);
    }

    /** The number among all (SO_COOKIE) of the socket that is found under an address. */
    public Optional<Long> found(Inet address, int port, int protocol, int place) {
        return Bpf.lookUp64(listeners.get(address), key(port, protocol, place));
    }

    /** Has a socket not found any more, by its number among all (SO_COOKIE). */
    public void unsteer(Inet address, int port, int protocol, int place, long cookie) {
        if (found(address, port, protocol, place).equals(Optional.of(cookie))) {
            Bpf.delete(listeners.get(address), key(port, protocol, place));
        }
    }

    private static byte[] key(int port, int protocol, int place) {
        return ByteBuffer.allocate(PORT_KEY_SIZE).order(ByteOrder.LITTLE_ENDIAN).putInt(port)
                .putInt(protocol + (place << PLACE_SHIFT)).array();
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    private static byte[] number64(int value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    /** What a process needs that keeps the program there and may come to have a process that steers. */
    public List<Descriptor> descriptors() {
        var all = new ArrayList<>(listeners.values());
        all.add(link);
        return all;
    }

    /** What a process needs that steers to an address. */
    public Descriptor listeners(Inet address) {
        return listeners.get(address);
    }

    /** What a process needs that steers. */
    public List<Descriptor> listeners() {
        return List.copyOf(listeners.values());
    }

    @Override
    public void close() {
        link.close();
        addresses.close();
        listeners.values().forEach(Descriptor::close);
    }
}
