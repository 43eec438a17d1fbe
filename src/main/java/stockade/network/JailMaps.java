package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import stockade.linux.Bpf;
import stockade.linux.Descriptor;

/**
 * The maps that {@link JailPrograms} look into: jails by the id of their cgroup, and the set of their addresses, for
 * jails with more than one of a family.
 */
public final class JailMaps implements AutoCloseable {
    /** To be changed whenever the programs or the maps change: jails of two versions do not share maps. */
    static final String VERSION = "18";
    private static final String JAILS = "jails_" + VERSION;
    private static final String ADDRESSES = "addresses_" + VERSION;

    private static final int MAX_JAILS = 1 << 15;
    private static final int MAX_ADDRESSES = 1 << 18;
    private static final int CGROUP_ID_SIZE = 8;
    private static final int ADDRESS_KEY_SIZE = 24;

    private final Descriptor jails;
    private final Descriptor addresses;

    private JailMaps(Descriptor jails, Descriptor addresses) {
        this.jails = jails;
        this.addresses = addresses;
    }

    /** The maps of the programs attached to the jails' parent cgroup; null if they are not all there. */
    public static JailMaps find(Descriptor parentCgroup) {
        var found = Bpf.findMaps(parentCgroup, JailPrograms.EGRESS.attachType(), List.of(JAILS, ADDRESSES));
        return found.isEmpty() ? null : new JailMaps(found.get(0), found.get(1));
    }

    /** Loads the programs, attaches them to the jails' parent cgroup and returns their maps. */
    public static JailMaps attachAll(Descriptor parentCgroup) {
        var maps = new JailMaps(Bpf.createHashMap(JAILS, CGROUP_ID_SIZE, JailEntry.SIZE, MAX_JAILS),
                Bpf.createHashMap(ADDRESSES, ADDRESS_KEY_SIZE, 4, MAX_ADDRESSES));
        for (var program : JailPrograms.values()) {
            try (var loaded = Bpf.load(program.label(), program.type(), program.attachType(),
                    program.code(maps.jails.number(), maps.addresses.number()))) {
                Bpf.attach(parentCgroup, loaded, program.attachType());
            }
        }
        return maps;
    }

    /** Lets the sockets of a cgroup do what an entry says. */
    public void admit(long cgroup, JailEntry entry) {
        if (entry.addresses().size() > 1) {
            entry.addresses().forEach(address -> Bpf.update(addresses, key(cgroup, address), new byte[4]));
        }
        Bpf.update(jails, key(cgroup), entry.value());
    }

    public void dismiss(long cgroup, List<Inet> had) {
        Bpf.delete(jails, key(cgroup));
        forget(cgroup, had); // of which it may have had more
    }

    /** Has addresses not in the set any more, should they be. */
    public void forget(long cgroup, List<Inet> had) {
        had.forEach(address -> Bpf.delete(addresses, key(cgroup, address)));
    }

    private static byte[] key(long cgroup) {
        return ByteBuffer.allocate(CGROUP_ID_SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(cgroup).array();
    }

    private static byte[] key(long cgroup, Inet address) {
        return ByteBuffer.allocate(ADDRESS_KEY_SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(cgroup)
                .put(address.mapped()).array();
    }

    @Override
    public void close() {
        jails.close();
        addresses.close();
    }
}
