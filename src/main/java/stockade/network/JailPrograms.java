package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import stockade.linux.Bpf;
import stockade.linux.Descriptor;

/**
 * The BPF programs that hold a jail's sockets to the jail's address. They are attached once, to the parent
 * of all jails' cgroups, and look up the jail in a map by its cgroup's id; a cgroup that is not in the map
 * may do nothing at all.
 */
public enum JailPrograms {
    /** The wildcard and 127.0.0.1 become the jail's address; reserved ports are for the jail's root. */
    INET4_BIND("jail_bind", 18, 8) {
        @Override
        byte[] code(int map) {
            return jailOfTask(new Ebpf().move(6, 1), map)
                    .load32(1, 6, ADDR_IP4)
                    .jumpIfEqual(1, ANY, "own")
                    .jumpIfEqual(1, LOOPBACK, "own")
                    .jumpIfSame(1, 7, "port")
                    .set(1, -EADDRNOTAVAIL).call(SET_RETVAL)
                    .exit(DENY)
                    .label("own").store32(6, ADDR_IP4, 7)
                    .label("port").load32(9, 6, ADDR_PORT).networkToHost16(9)
                    .jumpIfAtLeast(9, FIRST_UNRESERVED_PORT, "allow")
                    .jumpIfEqual(9, 0, "allow")
                    .call(GET_CURRENT_UID_GID).move32(0, 0)
                    .jumpUnlessSame(0, 8, "reserved")
                    .exit(ALLOW_RESERVED_PORT)
                    .label("reserved").set(1, -EACCES).call(SET_RETVAL)
                    .exit(DENY)
                    .label("allow").exit(ALLOW)
                    .label("stranger").exit(DENY)
                    .assemble();
        }
    },

    /** The wildcard and 127.0.0.1 become the jail's address. The source is fixed since the socket's birth. */
    INET4_CONNECT("jail_connect", 18, 10) {
        @Override
        byte[] code(int map) {
            return toOwnAddress(jailOfTask(new Ebpf().move(6, 1), map))
                    .exit(ALLOW)
                    .label("stranger").exit(DENY)
                    .assemble();
        }
    },

    /** As connect; and the source is the jail's address whatever IP_PKTINFO says. */
    UDP4_SENDMSG("jail_sendmsg", 18, 14) {
        @Override
        byte[] code(int map) {
            return toOwnAddress(jailOfTask(new Ebpf().move(6, 1), map))
                    .store32(6, ADDR_MSG_SOURCE_IP4, 7)
                    .exit(ALLOW)
                    .label("stranger").exit(DENY)
                    .assemble();
        }
    },

    /** Whatever else got this far: only packets to the jail's address reach its sockets. */
    INGRESS("jail_ingress", 8, 0) {
        @Override
        byte[] code(int map) {
            return addresses(map)
                    .jumpIfSame(9, 7, "allow")
                    .label("stranger").exit(DENY)
                    .label("allow").exit(ALLOW)
                    .assemble();
        }
    },

    /**
     * Only packets from the jail's address leave its sockets, and none for 127.0.0.1: that is the jail itself where
     * a socket has ports, and a raw socket's must not get to the host's. Attached last, it tells that all are.
     */
    EGRESS("jail_egress", 8, 1) {
        @Override
        byte[] code(int map) {
            return addresses(map)
                    .jumpUnlessSame(8, 7, "stranger")
                    .jumpIfSame(9, 7, "allow")
                    .jumpUnlessEqual(9, LOOPBACK, "allow")
                    .load64(1, 6, SKB_SK)
                    .jumpIfEqual(1, 0, "allow")
                    .call(SK_FULLSOCK)
                    .jumpIfEqual(0, 0, "allow")
                    .load32(1, 0, SOCK_TYPE)
                    .jumpIfEqual(1, SOCK_RAW, "stranger")
                    .label("allow").exit(ALLOW)
                    .label("stranger").exit(DENY)
                    .assemble();
        }
    };

    /** To be changed whenever the programs or the map change: jails of two versions do not share a map. */
    static final String MAP_NAME = "stockade_2";

    private static final int MAX_JAILS = 1 << 15;

    private static final int DENY = 0;
    private static final int ALLOW = 1;
    /** Allow, and do not ask for CAP_NET_BIND_SERVICE (include/linux/bpf-cgroup.h). */
    private static final int ALLOW_RESERVED_PORT = 3;

    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int GET_CURRENT_UID_GID = 15;
    private static final int SKB_LOAD_BYTES = 26;
    private static final int SKB_CGROUP_ID = 79;
    private static final int GET_CURRENT_CGROUP_ID = 80;
    private static final int SK_FULLSOCK = 95;
    private static final int SET_RETVAL = 187;

    private static final int ADDR_IP4 = 4;
    private static final int ADDR_PORT = 24;
    private static final int ADDR_MSG_SOURCE_IP4 = 40;
    private static final int SKB_PROTOCOL = 16;
    private static final int SKB_SK = 168;
    private static final int SOCK_TYPE = 8;
    private static final int SOCK_RAW = 3;
    private static final int IP_SOURCE = 12;

    private static final int EADDRNOTAVAIL = 99;
    private static final int EACCES = 13;
    private static final int FIRST_UNRESERVED_PORT = 1024;
    /** The uid that no process has. */
    private static final int NOBODY = -1;
    // as a little-endian machine loads them from network byte order
    private static final int ANY = 0;
    private static final int LOOPBACK = 0x0100007f;
    private static final int ETHERTYPE_IP = 0x0008;

    private final String label;
    private final int type;
    private final int attachType;

    JailPrograms(String label, int type, int attachType) {
        this.label = label;
        this.type = type;
        this.attachType = attachType;
    }

    /** The program's instructions, with the map's descriptor in them. */
    abstract byte[] code(int map);

    /** The jail's address to register 7 and its root's uid to 8, by the cgroup of the calling task. */
    private static Ebpf jailOfTask(Ebpf program, int map) {
        return lookUp(program.call(GET_CURRENT_CGROUP_ID), map);
    }

    private static Ebpf lookUp(Ebpf program, int map) {
        return program.store64(10, -8, 0)
                .loadMap(1, map)
                .move(2, 10).add(2, -8)
                .call(MAP_LOOKUP_ELEM)
                .jumpIfEqual(0, 0, "stranger")
                .load32(7, 0, 0)
                .load32(8, 0, 4);
    }

    private static Ebpf toOwnAddress(Ebpf program) {
        return program.load32(1, 6, ADDR_IP4)
                .jumpIfEqual(1, ANY, "own")
                .jumpIfEqual(1, LOOPBACK, "own")
                .jump("done")
                .label("own").store32(6, ADDR_IP4, 7)
                .label("done");
    }

    /** The source and destination of the packet that register 6 has to registers 8 and 9; the jail's address to 7. */
    private static Ebpf addresses(int map) {
        return lookUp(new Ebpf()
                        .move(6, 1)
                        .load32(1, 6, SKB_PROTOCOL)
                        .jumpIfEqual(1, ETHERTYPE_IP, "ip")
                        .exit(DENY)
                        .label("ip").move(1, 6).call(SKB_CGROUP_ID), map)
                .move(1, 6).set(2, IP_SOURCE).move(3, 10).add(3, -16).set(4, 8)
                .call(SKB_LOAD_BYTES)
                .jumpIfEqual(0, 0, "loaded")
                .exit(DENY)
                .label("loaded").load32(8, 10, -16).load32(9, 10, -12);
    }

    /** The map of the programs attached to the jails' parent cgroup; null if they are not all there. */
    public static Descriptor find(Descriptor parentCgroup) {
        return Bpf.findMap(parentCgroup, EGRESS.attachType, MAP_NAME);
    }

    /** Loads the programs, attaches them to the jails' parent cgroup and returns their map. */
    public static Descriptor attachAll(Descriptor parentCgroup) {
        var map = Bpf.createHashMap(MAP_NAME, 8, 8, MAX_JAILS);
        for (var program : values()) {
            try (var loaded = Bpf.load(program.label, program.type, program.attachType, program.code(map.number()))) {
                Bpf.attach(parentCgroup, loaded, program.attachType);
            }
        }
        return map;
    }

    /** Lets the sockets of a cgroup use an address, and its reserved ports be bound by a user of the host, if by any. */
    public static void admit(Descriptor map, long cgroup, Inet4 address, Optional<Integer> rootUid) {
        Bpf.update(map, key(cgroup), ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(Integer.reverseBytes(address.bits())).putInt(rootUid.orElse(NOBODY)).array());
    }

    public static void dismiss(Descriptor map, long cgroup) {
        Bpf.delete(map, key(cgroup));
    }

    private static byte[] key(long cgroup) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(cgroup).array();
    }
}
