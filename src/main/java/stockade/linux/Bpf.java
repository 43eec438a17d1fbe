package stockade.linux;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** bpf(2): maps, programs of cgroups (v2), and finding them again through their cgroup. */
public final class Bpf {
    private static final int MAP_CREATE = 0;
    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int MAP_UPDATE_ELEM = 2;
    private static final int MAP_DELETE_ELEM = 3;
    private static final int PROG_LOAD = 5;
    private static final int PROG_ATTACH = 8;
    private static final int PROG_GET_FD_BY_ID = 13;
    private static final int MAP_GET_FD_BY_ID = 14;
    private static final int OBJ_GET_INFO_BY_FD = 15;
    private static final int PROG_QUERY = 16;
    private static final int LINK_CREATE = 28;
    private static final int LINK_GET_FD_BY_ID = 30;
    private static final int LINK_GET_NEXT_ID = 31;

    private static final int MAP_TYPE_HASH = 1;
    private static final int MAP_TYPE_HASH_OF_MAPS = 13;
    private static final int MAP_TYPE_SOCKHASH = 18;
    private static final int LINK_TYPE_NETNS = 5;
    private static final int NOEXIST = 1;
    private static final int NO_PREALLOC = 1;
    private static final int ALLOW_MULTI = 2;
    private static final int ATTR_SIZE = 144;

    private Bpf() {
    }

    private static long check(long result, String attempt) {
        return KernelException.check(result, Errno.ENOSYS.is(result)
                ? attempt + " (needs a Linux with CONFIG_BPF_SYSCALL)" : attempt);
    }

    private static long bpf(int command, Memory attr) {
        return Native.call(SystemCall.BPF, command, attr.address(), ATTR_SIZE);
    }

    /** A hash map whose entries take memory only while they are there. Sizes in bytes. */
    public static Descriptor createHashMap(String name, int keySize, int valueSize, int maxEntries) {
        try (var attr = new Memory(ATTR_SIZE)) {
            return createMap(attr.putInt(16, NO_PREALLOC), MAP_TYPE_HASH, name, keySize, valueSize, maxEntries);
        }
    }

    /** A hash map of sockets by their descriptors, which reads as their cookies; one that is closed leaves it. */
    public static Descriptor createSocketMap(String name, int keySize, int maxEntries) {
        try (var attr = new Memory(ATTR_SIZE)) {
            return createMap(attr, MAP_TYPE_SOCKHASH, name, keySize, 8, maxEntries);
        }
    }

    /** A hash map of maps, all like one. */
    public static Descriptor createMapOfMaps(String name, int keySize, Descriptor one, int maxEntries) {
        try (var attr = new Memory(ATTR_SIZE)) {
            return createMap(attr.putInt(16, NO_PREALLOC).putInt(20, one.number()), MAP_TYPE_HASH_OF_MAPS, name, keySize,
                    4, maxEntries);
        }
    }

    private static Descriptor createMap(Memory attr, int type, String name, int keySize, int valueSize, int maxEntries) {
        attr.putInt(0, type).putInt(4, keySize).putInt(8, valueSize).putInt(12, maxEntries);
        attr.putString(28, name);
        return new Descriptor(check(bpf(MAP_CREATE, attr), "create BPF map"));
    }

    public static void update(Descriptor map, byte[] key, byte[] value) {
        check(update(map, key, value, 0), "update BPF map");
    }

    /** Adds an entry. Returns why the kernel does not: EEXIST if there is one under the key, E2BIG if it is full. */
    public static Optional<Errno> add(Descriptor map, byte[] key, byte[] value) {
        long result = update(map, key, value, NOEXIST);
        return result < 0 ? Optional.of(Errno.of((int) -result)) : Optional.empty();
    }

    private static long update(Descriptor map, byte[] key, byte[] value, int flags) {
        try (var attr = new Memory(ATTR_SIZE); var k = Memory.bytes(key); var v = Memory.bytes(value)) {
            attr.putInt(0, map.number()).putLong(8, k.address()).putLong(16, v.address()).putLong(24, flags);
            return bpf(MAP_UPDATE_ELEM, attr);
        }
    }

    /** A value of 8 bytes, or of 4 that are then the lower ones. */
    public static Optional<Long> lookUp64(Descriptor map, byte[] key) {
        try (var attr = new Memory(ATTR_SIZE); var k = Memory.bytes(key); var v = new Memory(8).putLong(0, 0)) {
            attr.putInt(0, map.number()).putLong(8, k.address()).putLong(16, v.address());
            long result = bpf(MAP_LOOKUP_ELEM, attr);
            if (Errno.ENOENT.is(result)) {
                return Optional.empty();
            }
            check(result, "look up in BPF map");
            return Optional.of(v.getLong(0));
        }
    }

    /** A map in a map of maps. */
    public static Optional<Descriptor> lookUpMap(Descriptor map, byte[] key) {
        return lookUp64(map, key).map(id -> byId(MAP_GET_FD_BY_ID, (int) (long) id));
    }

    /** Removes an entry if it is there. */
    public static void delete(Descriptor map, byte[] key) {
        try (var attr = new Memory(ATTR_SIZE); var k = Memory.bytes(key)) {
            attr.putInt(0, map.number()).putLong(8, k.address());
            long result = bpf(MAP_DELETE_ELEM, attr);
            if (!Errno.ENOENT.is(result)) {
                check(result, "delete from BPF map");
            }
        }
    }

    /**
     * Loads a program. Both types are numbers of enum bpf_prog_type and bpf_attach_type. A refusal carries
     * the last words of the verifier.
     */
    public static Descriptor load(String name, int type, int attachType, byte[] instructions) {
        int logSize = 65536;
        try (var attr = new Memory(ATTR_SIZE); var code = Memory.bytes(instructions);
                var license = Memory.string("BSD")) {
            attr.putInt(0, type).putInt(4, instructions.length / 8).putLong(8, code.address());
            attr.putLong(16, license.address());
            attr.putString(48, name);
            attr.putInt(68, attachType);
            long result = bpf(PROG_LOAD, attr);
            if (result >= 0) {
                return new Descriptor(result);
            }
            try (var log = new Memory(logSize)) {
                attr.putInt(24, 1).putInt(28, logSize).putLong(32, log.address());
                bpf(PROG_LOAD, attr);
                var words = log.getString(0).strip();
                throw new KernelException("load BPF program " + name
                        + (words.isEmpty() ? "" : " (" + words.substring(words.lastIndexOf('\n') + 1) + ")"),
                        Errno.of((int) -result));
            }
        }
    }

    /** Attaches a program to a cgroup for it and all below it, beside whatever others are attached there. */
    public static void attach(Descriptor cgroup, Descriptor program, int attachType) {
        try (var attr = new Memory(ATTR_SIZE)) {
            attr.putInt(0, cgroup.number()).putInt(4, program.number()).putInt(8, attachType).putInt(12, ALLOW_MULTI);
            check(bpf(PROG_ATTACH, attr), "attach BPF program");
        }
    }

    /**
     * Has a program see what comes in by an interface, by its index, for as long as there is the interface (tcx, Linux 6.6).
     *
     * @return whether the kernel can
     */
    public static boolean attachToInterface(int index, Descriptor program) {
        int tcxIngress = 46; // BPF_TCX_INGRESS
        try (var attr = new Memory(ATTR_SIZE)) {
            attr.putInt(0, index).putInt(4, program.number()).putInt(8, tcxIngress);
            long result = bpf(PROG_ATTACH, attr);
            if (Errno.EINVAL.is(result)) {
                return false;
            }
            check(result, "attach BPF program");
            return true;
        }
    }

    /** Has a program run in a network namespace for as long as somebody has the link open. */
    public static Descriptor linkToNetwork(Descriptor network, Descriptor program, int attachType) {
        try (var attr = new Memory(ATTR_SIZE)) {
            attr.putInt(0, program.number()).putInt(4, network.number()).putInt(8, attachType);
            return new Descriptor(check(bpf(LINK_CREATE, attr), "link BPF program"));
        }
    }

    /** A link with a program that uses a map. */
    public record Link(Descriptor link, Descriptor map) {
    }

    /** The link of a network namespace, by its inode, whose program uses a map of this name, if there is one. */
    public static Optional<Link> findLink(long networkInode, String mapName) {
        try (var attr = new Memory(ATTR_SIZE)) {
            for (int id = 0; ; id = attr.getInt(4)) {
                attr.putInt(0, id);
                long next = bpf(LINK_GET_NEXT_ID, attr);
                if (Errno.ENOENT.is(next)) {
                    return Optional.empty();
                }
                check(next, "list BPF links");
                var found = openLink(attr.getInt(4), networkInode, mapName);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
    }

    private static Optional<Link> openLink(int id, long networkInode, String mapName) {
        try (var attr = new Memory(ATTR_SIZE).putInt(0, id); var info = new Memory(256)) {
            long fd = bpf(LINK_GET_FD_BY_ID, attr);
            if (Errno.ENOENT.is(fd)) {
                return Optional.empty(); // it has just gone
            }
            var link = new Descriptor(check(fd, "open BPF link"));
            getInfo(link, info);
            if (info.getInt(0) == LINK_TYPE_NETNS && (info.getInt(16) & 0xffffffffL) == networkInode) {
                var maps = maps(info.getInt(8), List.of(mapName));
                if (!maps.isEmpty()) {
                    return Optional.of(new Link(link, maps.get(0)));
                }
            }
            link.close();
            return Optional.empty();
        }
    }

    /** The maps of these names that one program attached to this very cgroup uses; empty if none uses all of them. */
    public static List<Descriptor> findMaps(Descriptor cgroup, int attachType, List<String> names) {
        int most = 16;
        try (var attr = new Memory(ATTR_SIZE); var ids = new Memory(most * 4)) {
            attr.putInt(0, cgroup.number()).putInt(4, attachType).putLong(16, ids.address()).putInt(24, most);
            check(bpf(PROG_QUERY, attr), "query BPF programs");
            int count = Math.min(attr.getInt(24), most);
            for (int i = 0; i < count; i++) {
                var maps = maps(ids.getInt(i * 4), names);
                if (maps.size() == names.size()) {
                    return maps;
                }
                maps.forEach(Descriptor::close);
            }
            return List.of();
        }
    }

    /** Those maps of a program that have one of the names, in the order of the names. */
    private static List<Descriptor> maps(int programId, List<String> names) {
        int most = 8;
        var found = new Descriptor[names.size()];
        var program = byId(PROG_GET_FD_BY_ID, programId);
        try (program; var info = new Memory(256); var ids = new Memory(most * 4)) {
            info.putInt(52, most).putLong(56, ids.address());
            getInfo(program, info);
            for (int i = 0; i < Math.min(most, info.getInt(52)); i++) {
                var map = byId(MAP_GET_FD_BY_ID, ids.getInt(i * 4));
                int index = names.indexOf(mapName(map));
                if (index >= 0) {
                    found[index] = map;
                } else {
                    map.close();
                }
            }
        }
        return Arrays.stream(found).filter(Objects::nonNull).toList();
    }

    private static String mapName(Descriptor map) {
        try (var info = new Memory(256)) {
            getInfo(map, info);
            return info.getString(24);
        }
    }

    private static Descriptor byId(int command, int id) {
        try (var attr = new Memory(ATTR_SIZE).putInt(0, id)) {
            return new Descriptor(check(bpf(command, attr), "open BPF object"));
        }
    }

    private static void getInfo(Descriptor object, Memory info) {
        try (var attr = new Memory(ATTR_SIZE)) {
            attr.putInt(0, object.number()).putInt(4, 256).putLong(8, info.address());
            check(bpf(OBJ_GET_INFO_BY_FD, attr), "read BPF object");
        }
    }
}
