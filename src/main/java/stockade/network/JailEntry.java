package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What the kernel is told of a jail: the value of the map that {@link JailPrograms} look into by its cgroup's id.
 *
 * @param usher     the real group by which the programs know the jail's usher, who alone binds its sockets
 * @param reservedPorts whether he may bind ports below 1024
 * @param addresses all that it has; the first of a family is the default source
 * @param inherits4 whether it has the host's whole IPv4
 * @param inherits6 whether it has the host's whole IPv6
 */
public record JailEntry(int usher, boolean reservedPorts, List<Inet> addresses, boolean inherits4, boolean inherits6) {
    // offsets in the value
    static final int USHER = 0;
    static final int FLAGS = 4;
    static final int FIRST4 = 8;
    static final int FIRST6 = 16;
    static final int SIZE = 32;

    // bits of the flags
    static final int INHERITS4 = 1;
    static final int INHERITS6 = 2;
    /** Addresses other than the first are in the set. */
    static final int MORE4 = 4;
    static final int MORE6 = 8;
    static final int RESERVED_PORTS = 16;
    /** Of whatever family: some sockets are found under others than they are bound to. */
    static final int SEVERAL = 32;

    byte[] value() {
        var ip4 = addresses.stream().filter(Inet4.class::isInstance).toList();
        var ip6 = addresses.stream().filter(Inet6.class::isInstance).toList();
        var value = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        value.putInt(usher);
        value.putInt((inherits4 ? INHERITS4 : 0) | (inherits6 ? INHERITS6 : 0) | (ip4.size() > 1 ? MORE4 : 0)
                | (ip6.size() > 1 ? MORE6 : 0) | (reservedPorts ? RESERVED_PORTS : 0)
                | (addresses.size() > 1 ? SEVERAL : 0));
        value.put(ip4.isEmpty() ? new byte[4] : ip4.get(0).bytes()).putInt(0);
        value.put(ip6.isEmpty() ? new byte[16] : ip6.get(0).bytes());
        return value.array();
    }
}
