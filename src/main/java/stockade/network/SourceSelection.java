package stockade.network;

import java.util.List;
import java.util.Optional;

/**
 * Which of several addresses a destination gets as its source: one of the interface by which the host reaches it, and
 * the first where there is none (jail(8), ip4.saddrsel; in_pcbladdr in FreeBSD's netinet/in_pcb.c).
 */
public final class SourceSelection {
    private final List<Inet> addresses;
    /** The interfaces, by number, that have the addresses; looked up when first needed. */
    private Optional<List<Integer>> interfaces = Optional.empty();

    public SourceSelection(List<Inet> addresses) {
        this.addresses = addresses;
    }

    /** The source for a destination of the same family, in network order. */
    public Inet select(byte[] destination) {
        if (interfaces.isEmpty()) {
            interfaces = Optional.of(addresses.stream().map(Netlink::interfaceOf).toList());
        }
        int way = interfaces.get().indexOf(Netlink.interfaceTo(addresses.get(0).family(), destination));
        return addresses.get(Math.max(0, way));
    }
}
