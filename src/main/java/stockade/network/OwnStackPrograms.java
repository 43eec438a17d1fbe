package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import stockade.linux.Bpf;
import stockade.linux.Descriptor;

/**
 * The BPF programs for jails with a network stack of their own, attached once to the parent of those cgroups. Two, for IPv4 and
 * IPv6, know which jails may not bind ports below 1024 there: a set of their cgroups' ids; for the others the kernel decides. One
 * sees to it that no socket lingers, which a jail might hand to another.
 */
public final class OwnStackPrograms implements AutoCloseable {
    /** To be changed with the program or the map: jails of two versions do not share them. */
    static final String MAP_NAME = "no_ports_2";
    private static final int MAX_JAILS = 1 << 15;
    private static final int CGROUP_ID_SIZE = 8;

    private static final int SOCK_ADDR = 18; // BPF_PROG_TYPE_CGROUP_SOCK_ADDR
    private static final int INET4_BIND = 8;
    private static final int INET6_BIND = 9; // attached last, it tells that all are
    private static final int SOCKOPT = 25; // BPF_PROG_TYPE_CGROUP_SOCKOPT
    private static final int SETSOCKOPT = 22;

    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int GET_CURRENT_CGROUP_ID = 80;
    private static final int SET_RETVAL = 187;
    private static final int ADDR_PORT = 24;
    private static final int EACCES = 13;
    private static final int FIRST_UNRESERVED_PORT = 1024;
    private static final int KEY = -8;

    private final Descriptor map;

    private OwnStackPrograms(Descriptor map) {
        this.map = map;
    }

    /** That of the programs attached to the parent cgroup; null if they are not both there. */
    public static OwnStackPrograms find(Descriptor parentCgroup) {
        var found = Bpf.findMaps(parentCgroup, INET6_BIND, List.of(MAP_NAME));
        return found.isEmpty() ? null : new OwnStackPrograms(found.get(0));
    }

    /** Loads the programs and attaches them to the parent cgroup. */
    public static OwnStackPrograms attach(Descriptor parentCgroup) {
        var map = Bpf.createHashMap(MAP_NAME, CGROUP_ID_SIZE, 4, MAX_JAILS);
        attach(parentCgroup, "jail_linger", SOCKOPT, SETSOCKOPT, OptionProgram.setsockoptOfOwnStack());
        attach(parentCgroup, "jail_ports", SOCK_ADDR, INET4_BIND, code(map.number()));
        attach(parentCgroup, "jail_ports", SOCK_ADDR, INET6_BIND, code(map.number()));
        return new OwnStackPrograms(map);
    }

    private static void attach(Descriptor parentCgroup, String name, int type, int attachType, byte[] code) {
        try (var program = Bpf.load(name, type, attachType, code)) {
            Bpf.attach(parentCgroup, program, attachType);
        }
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

    /** Says whether a cgroup's processes may bind ports below 1024. */
    public void setReservedPorts(long cgroup, boolean allowed) {
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
