package stockade.network;

import java.util.Arrays;
import stockade.linux.KernelException;

/** What can be changed of an interface that goes along with it to another network namespace, and how it is set back. */
final class LinkState {
    /** In an order in which none changes what one before it has set. */
    private enum Property {
        GROUP(Link.IFLA_GROUP, "group"),
        MAP(14, "map"),
        ADDRESS(1, "hardware address"),
        BROADCAST(2, "broadcast address"),
        MTU(4, "MTU"),
        QUEUE(13, "queue length"),
        LINK_MODE(17, "mode"),
        ALIAS(20, "alias"),
        PROTOCOL_DOWN(39, "protodown"),
        GSO_MAX_SEGMENTS(40, "gso_max_segs"),
        GSO_MAX_SIZE(41, "gso_max_size"), // sets that of IPv4, too (net/core/dev.h)
        GRO_MAX_SIZE(58, "gro_max_size"),
        GSO_IPV4_MAX_SIZE(63, "gso_ipv4_max_size"),
        GRO_IPV4_MAX_SIZE(64, "gro_ipv4_max_size");

        private final int attribute;
        private final String label;

        Property(int attribute, String label) {
            this.attribute = attribute;
            this.label = label;
        }
    }

    /** IFF_DEBUG, NOTRAILERS, NOARP, PROMISC, ALLMULTI, MULTICAST, PORTSEL, AUTOMEDIA, DYNAMIC; not UP. */
    private static final int FLAGS = 0x4 | 0x20 | 0x80 | 0x100 | 0x200 | 0x1000 | 0x2000 | 0x4000 | 0x8000;

    private static final int RTM_NEWLINKPROP = 108;
    private static final int RTM_DELLINKPROP = 109;
    private static final int IFLA_PROP_LIST = 52;
    private static final int IFLA_ALT_IFNAME = 53;
    private static final int NLA_F_NESTED = 0x8000;
    private static final int IFLA_PROTO_DOWN_REASON = 55;
    private static final int PROTO_DOWN_REASON_MASK = 1;
    private static final int PROTO_DOWN_REASON_VALUE = 2;

    private LinkState() {
    }

    /**
     * Sets back all but the names and whether it is up. It is down afterwards.
     *
     * @param index where it is now
     * @throws KernelException with what can't be set back
     */
    static void restore(Link former, int index) {
        Link.change(Link.RTM_NEWLINK, index, former.flags() & FLAGS, FLAGS | Link.IFF_UP)
                .perform("restore flags of " + former.name());
        for (var property : Property.values()) {
            var value = former.value(property.attribute);
            var now = Link.at(index).value(property.attribute);
            if (!Arrays.equals(value, now)) {
                restore(former, index, property, value);
            }
        }
    }

    private static void restore(Link former, int index, Property property, byte[] value) {
        var request = Link.change(Link.RTM_NEWLINK, index, 0, 0);
        switch (property) {
            case ALIAS -> request.attribute(property.attribute, Arrays.copyOf(value, Math.max(0, value.length - 1)));
            case PROTOCOL_DOWN -> { // which can't be taken back as long as somebody has given reasons
                request.attribute(property.attribute, value);
                int reason = request.begin(IFLA_PROTO_DOWN_REASON);
                request.attribute(PROTO_DOWN_REASON_MASK, -1).attribute(PROTO_DOWN_REASON_VALUE, 0).end(reason);
            }
            default -> request.attribute(property.attribute, value);
        }
        request.perform("restore " + property.label + " of " + former.name());
    }

    /** Takes away all names but the one, which could be those of others where it comes to be. */
    static void removeAlternativeNames(Link link) {
        for (var name : link.alternativeNames()) {
            alternativeName(RTM_DELLINKPROP, link.index(), name).perform("remove name " + name);
        }
    }

    static void addAlternativeNames(Link former, Link now) {
        for (var name : former.alternativeNames()) {
            if (!now.alternativeNames().contains(name)) {
                alternativeName(RTM_NEWLINKPROP, now.index(), name)
                        .perform("add name " + name + " to " + former.name());
            }
        }
    }

    private static RouteMessage alternativeName(int type, int index, String name) {
        int create = type == RTM_NEWLINKPROP ? RouteMessage.CREATE | RouteMessage.EXCLUSIVE : 0;
        var request = new RouteMessage(type, RouteMessage.ACKNOWLEDGE | create)
                .number(0).number(index).number(0).number(0);
        int list = request.begin(IFLA_PROP_LIST | NLA_F_NESTED);
        return request.attribute(IFLA_ALT_IFNAME, name).end(list);
    }
}
