package stockade.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.KernelException;

/** An interface as the kernel tells of it: the message RTM_NEWLINK of rtnetlink(7). */
final class Link {
    static final int RTM_NEWLINK = 16;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_GROUP = 27;
    static final int IFF_UP = 1;

    /**
     * Those whose own state is all in what the kernel tells of them, to be compared. That of others is not: a vxlan's
     * forwarding table, whether a tun has a carrier.
     */
    private static final List<String> GIVABLE = List.of("veth", "macvlan", "ipvlan", "vlan");

    private static final int RTM_GETLINK = 18;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_NUM_VF = 21;
    private static final int IFLA_EXT_MASK = 29;
    private static final int IFLA_LINK_NETNSID = 37;
    private static final int IFLA_XDP = 43;
    private static final int IFLA_PROP_LIST = 52;
    private static final int IFLA_ALT_IFNAME = 53;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_XDP_ATTACHED = 2;
    /** Tell of virtual functions, and leave statistics out. With a mask, room is made for any number of names. */
    private static final int EXT_MASK = 1 | 8;
    /** The size of struct ifinfomsg. */
    private static final int STRUCTURE = 16;

    private final RouteMessage.Answer message;
    private final Attributes attributes;

    private Link(RouteMessage.Answer message) {
        this.message = message;
        this.attributes = message.attributes(STRUCTURE);
    }

    /**
     * The one that has this name, and not only as one of its others.
     *
     * @throws KernelException ENODEV if there is none
     */
    static Link named(String name) {
        var answer = query(0, 0).attribute(IFLA_IFNAME, name).askAtLength();
        var errno = Errno.of(answer.errno());
        if (answer.errno() == 0) {
            var link = new Link(answer);
            if (link.name().equals(name)) {
                return link;
            }
            errno = Errno.ENODEV;
        }
        throw new KernelException("interface " + name, errno);
    }

    /** Whether an interface has this name, be it as one of its others. */
    static boolean isTaken(String name) {
        return query(0, 0).attribute(IFLA_IFNAME, name).ask().errno() == 0;
    }

    /** @throws KernelException ENODEV if there is none */
    static Link at(int index) {
        return find(index).orElseThrow(() -> new KernelException("interface " + index, Errno.ENODEV));
    }

    static Optional<Link> find(int index) {
        var answer = query(0, index).askAtLength();
        if (answer.errno() == 0) {
            return Optional.of(new Link(answer));
        }
        if (Errno.of(answer.errno()) == Errno.ENODEV) {
            return Optional.empty();
        }
        throw new KernelException("interface " + index, Errno.of(answer.errno()));
    }

    /** Hands on each there is. */
    static void each(Consumer<Link> to) {
        query(RouteMessage.ALL, 0).askForAll("list interfaces", answer -> to.accept(new Link(answer)));
    }

    private static RouteMessage query(int flags, int index) {
        return new RouteMessage(RTM_GETLINK, flags).number(0).number(index).number(0).number(0)
                .attribute(IFLA_EXT_MASK, EXT_MASK);
    }

    /** A request to change the one with an index. */
    static RouteMessage change(int type, int index, int flags, int changedFlags) {
        return new RouteMessage(type, RouteMessage.ACKNOWLEDGE).number(0).number(index).number(flags)
                .number(changedFlags);
    }

    int index() {
        return message.numberAt(4);
    }

    int flags() {
        return message.numberAt(8);
    }

    String name() {
        return text(attributes.value(IFLA_IFNAME));
    }

    /** An attribute's value, and nothing if it has none. */
    byte[] value(int attribute) {
        return attributes.value(attribute);
    }

    List<String> alternativeNames() {
        var names = new ArrayList<String>();
        attributes.in(IFLA_PROP_LIST).values(IFLA_ALT_IFNAME).forEach(name -> names.add(text(name)));
        return names;
    }

    /** Whether rtnetlink(7) made it, and can so remove it. */
    boolean isVirtual() {
        return kind().length > 0;
    }

    private byte[] kind() {
        return attributes.in(IFLA_LINKINFO).value(IFLA_INFO_KIND);
    }

    /** @throws KernelException if a jail that has it could change what can't be set back */
    void requireGivable() {
        if (isVirtual() && !GIVABLE.contains(text(kind()))) {
            throw new KernelException("interface " + name() + " of type " + text(kind()), Errno.EOPNOTSUPP);
        }
        requireNo(attributes.value(IFLA_MASTER), "is part of another");
        requireNo(attributes.in(IFLA_XDP).value(IFLA_XDP_ATTACHED), "has an XDP program");
        requireNo(attributes.value(IFLA_NUM_VF), "has virtual functions");
    }

    private void requireNo(byte[] value, String objection) {
        if (number(value) != 0) {
            throw new KernelException("interface " + name() + ", which " + objection, Errno.EBUSY);
        }
    }

    /**
     * Whether this, found under its index, is what it was: a virtual one can have been removed, and another made with
     * its index. What its kind alone has is the same then, and if it rests on another that is here, that is here by
     * {@link GivenInterfaces} as well, as an index tells.
     *
     * @param shift what the indices of such are here, less what they were
     */
    boolean isStill(Link former, int shift) {
        var info = attributes.in(IFLA_LINKINFO);
        var formerInfo = former.attributes.in(IFLA_LINKINFO);
        boolean restsHere = attributes.value(IFLA_LINK).length > 0 && attributes.value(IFLA_LINK_NETNSID).length == 0;
        return Arrays.equals(kind(), former.kind())
                && Arrays.equals(info.value(IFLA_INFO_DATA), formerInfo.value(IFLA_INFO_DATA))
                && (!restsHere
                        || number(attributes.value(IFLA_LINK)) == number(former.attributes.value(IFLA_LINK)) + shift);
    }

    private static int number(byte[] value) {
        return value.length == 4 ? RouteMessage.intAt(value, 0) : value.length == 1 ? value[0] : 0;
    }

    /** A string attribute, which ends with a NUL. */
    private static String text(byte[] value) {
        return Bytes.toString(value, 0, Math.max(0, value.length - 1));
    }

    /** All that is known of it, for {@link #parse}. */
    String record() {
        return Bytes.toString(message.message());
    }

    /** What was recorded of some; without the last, if whoever wrote it was killed meanwhile. */
    static List<Link> parse(String records) {
        var bytes = Bytes.of(records);
        var links = new ArrayList<Link>();
        for (int at = 0; at + STRUCTURE <= bytes.length;) {
            int end = at + RouteMessage.intAt(bytes, at);
            if (end > bytes.length) {
                break;
            }
            links.add(new Link(RouteMessage.Answer.of(Arrays.copyOfRange(bytes, at, end))));
            at = end;
        }
        return links;
    }
}
