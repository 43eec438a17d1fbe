package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import stockade.linux.Bpf;
import stockade.linux.Descriptor;

/**
 * Which jails with a network stack of their own may not bind ports below 1024 there: a set of their cgroups' ids. For the
 * others the kernel decides. Two programs, for IPv4 and IPv6, are attached once to the parent of those cgroups.
 */
public final class ReservedPorts implements AutoCloseable {
    /** To be changed with the program or the map: jails of two versions do not share them. */
    private static final String MAP_NAME = "no_ports_1";
    private static final int MAX_JAILS = 1 << 15;
    private static final int CGROUP_ID_SIZE = 8;

    private static final int PROGRAM_TYPE = 18; // BPF_PROG_TYPE_CGROUP_SOCK_ADDR
    private static final int INET4_BIND = 8;
    private static final int INET6_BIND = 9; // attached last, it tells that both are

    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int GET_CURRENT_CGROUP_ID = 80;
    private static final int SET_RETVAL = 187;
    private static final int ADDR_PORT = 24;
    private static final int EACCES = 13;
    private static final int FIRST_UNRESERVED_PORT = 1024;
    private static final int KEY = -8;

    private final Descriptor map;

    private ReservedPorts(Descriptor map) {
        this.map = map;
    }

    /** That of the programs attached to the parent cgroup; null if they are not both there. */
    public static ReservedPorts find(Descriptor parentCgroup) {
        var found = Bpf.findMaps(parentCgroup, INET6_BIND, List.of(MAP_NAME));
        return found.isEmpty() ? null : new ReservedPorts(found.get(0));
    }

    /** Loads the programs and attaches them to the parent cgroup. */
    public static ReservedPorts attach(Descriptor parentCgroup) {
        var map = Bpf.createHashMap(MAP_NAME, CGROUP_ID_SIZE, 4, MAX_JAILS);
        for (int attachType : new int[] {INET4_BIND, INET6_BIND}) {
            try (var program = Bpf.load("jail_ports", PROGRAM_TYPE, attachType, code(map.number()))) {
                Bpf.attach(parentCgroup, program, attachType);
            }
        }
        return new ReservedPorts(map);
    }

    static byte[] code(int map) {
        return new Ebpf().load32(7, 1, ADDR_PORT).networkToHost16(7)
                .jumpIfEqual(7, 0, "allow")
                .jumpIfAtLeast(7, FIRST_UNRESERVED_PORT, "allow")
                .call(GET_CURRENT_CGROUP_ID).store64(10, KEY, 0)
                .loadMap(1, map).move(2, 10).add(2, KEY).call(MAP_LOOKUP_ELEM)
                .jumpIfEqual(0, 0, "allow")
                .set(1, -EACCES).call(SET_RETVAL)
                .exit(ProgramParts.DENY)
                .label("allow").exit(ProgramParts.ALLOW)
                .assemble();
    }

    /** Says whether a cgroup's processes may. */
    public void set(long cgroup, boolean allowed) {
        var key = ByteBuffer.allocate(CGROUP_ID_SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(cgroup).array();
        if (allowed) {
            Bpf.delete(map, key);
        } else {
            Bpf.update(map, key, new byte[4]);
        }
    }

    @Override
    public void close() {
        map.close();
    }
}
