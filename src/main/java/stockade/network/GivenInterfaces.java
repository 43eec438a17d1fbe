package stockade.network;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Mounts;

/**
 * Interfaces of the host that a jail has as long as it is there (vnet.interface). With a network namespace that ends
 * the kernel removes the virtual ones, and those that are not come to the first namespace of all, as the jail left them
 * (net/core/dev.c, default_device_exit_net). So both namespaces are kept, and what the interfaces were, in the jail's
 * directory, until somebody has taken them back:
 *
 * <pre>
 *   network     the jail's network namespace, mounted
 *   home        that of the host, for whoever takes them back may be in another
 *   interfaces  what the kernel told of each before it was given
 * </pre>
 *
 * @param directory the jail's
 */
public record GivenInterfaces(String directory) {
    /**
     * In the jail each has its index of the host and this much more: an index that nothing in a new namespace has,
     * and by which it is found whatever its name has become.
     */
    private static final int SHIFT = 10_000;

    private static final int RTM_DELLINK = 17;
    private static final int IFLA_NET_NS_PID = 19;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_NEW_IFINDEX = 49; // Linux 5.13
    private static final int NSFS = 0x6e736673;

    /** The group of what is removed at once. */
    private static final int DOOMED = 1;

    private String network() {
        return directory + "/network";
    }

    private String home() {
        return directory + "/home";
    }

    private String interfaces() {
        return directory + "/interfaces";
    }

    /**
     * For the host: moves interfaces to the network namespace of a process. If it fails, {@link #takeBack} has to
     * follow.
     *
     * @throws KernelException if there is none of a name, or one can't be given
     */
    public void give(List<String> names, int pid) {
        var links = new ArrayList<Link>();
        var record = new StringBuilder();
        for (var name : names) {
            var link = Link.named(name);
            link.requireGivable();
            links.add(link);
            record.append(link.record());
        }
        keep("/proc/self/ns/net", home());
        keep("/proc/" + pid + "/ns/net", network());
        Files.replace(interfaces(), 0600, record.toString());
        for (var link : links) {
            Link.change(Link.RTM_NEWLINK, link.index(), 0, 0).attribute(IFLA_NET_NS_PID, pid)
                    .attribute(IFLA_NEW_IFINDEX, link.index() + SHIFT).perform("give interface " + link.name());
        }
    }

    private static void keep(String namespace, String path) {
        Files.create(path, 0600, "");
        Mounts.bind(namespace, path);
    }

    /**
     * Takes back, as they were, those that are still there. The jail has no process any more.
     *
     * @throws KernelException if one can't be: it stays where it is, and this can be tried again
     */
    public void takeBack() {
        if (Files.exists(interfaces())) { // else none was moved yet, or all are back
            for (var path : List.of(home(), network())) {
                if (!Files.isOn(path, NSFS)) {
                    throw new KernelException(path + " is not mounted here", Errno.ENOENT);
                }
            }
            try (var home = NetworkNamespace.open(home()); var network = NetworkNamespace.open(network())) {
                takeBack(Link.parse(Files.read(interfaces())), home, network);
            }
            Files.unlink(interfaces());
        }
        for (var path : List.of(home(), network())) {
            if (Files.isOn(path, NSFS)) {
                Mounts.unmount(path);
            }
            Files.unlinkIfPresent(path);
        }
        Files.unlinkIfPresent(interfaces() + ".new");
    }

    private static void takeBack(List<Link> formers, NetworkNamespace home, NetworkNamespace network) {
        var present = network.ask(() -> present(formers));
        network.run(() -> removeOthers(present));
        var failures = new ArrayList<KernelException>();
        for (var former : formers) {
            try {
                if (present.contains(former.index() + SHIFT)) {
                    takeBack(former, home, network);
                }
                home.run(() -> completeNames(former));
            } catch (KernelException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }

    /** The indices of those that the jail has, and has not replaced or made another kind of. */
    private static Set<Integer> present(List<Link> formers) {
        var indices = new HashSet<Integer>();
        for (var former : formers) {
            Link.find(former.index() + SHIFT).filter(link -> link.isStill(former, SHIFT))
                    .ifPresent(link -> indices.add(link.index()));
        }
        return indices;
    }

    /**
     * Removes what else the jail has of interfaces, while it can: such as rest on one of the host's would go on to do
     * so, and change it when they end (a macvlan in passthru mode gives back the hardware address that it found).
     */
    private static void removeOthers(Set<Integer> kept) {
        var doomed = new ArrayList<Integer>();
        var others = new ArrayList<Integer>();
        Link.each(link -> (link.isVirtual() && !kept.contains(link.index()) ? doomed : others).add(link.index()));
        others.forEach(index -> group(index, 0));
        doomed.forEach(index -> group(index, DOOMED));
        Link.change(RTM_DELLINK, 0, 0, 0).attribute(Link.IFLA_GROUP, DOOMED)
                .perform("remove interfaces of the jail", Errno.ENODEV);
    }

    private static void group(int index, int group) {
        Link.change(Link.RTM_NEWLINK, index, 0, 0).attribute(Link.IFLA_GROUP, group)
                .perform("group interfaces of the jail", Errno.ENODEV);
    }

    private static void takeBack(Link former, NetworkNamespace home, NetworkNamespace network) {
        int index = former.index() + SHIFT;
        network.run(() -> {
            LinkState.removeAlternativeNames(Link.at(index));
            LinkState.restore(former, index);
        });
        if (home.ask(() -> Link.isTaken(former.name()))) { // it would arrive under a name of the jail's choice
            throw new KernelException("take back interface " + former.name(), Errno.EEXIST);
        }
        network.run(() -> {
            int error = move(former, index, home).attribute(IFLA_NEW_IFINDEX, former.index()).ask().errno();
            if (Errno.of(error) == Errno.EBUSY) { // another has the index by now
                move(former, index, home).perform("take back interface " + former.name());
            } else if (error != 0) {
                throw new KernelException("take back interface " + former.name(), Errno.of(error));
            }
        });
    }

    /** With its name, and up if it was, in one request: whoever is killed meanwhile has done all of it or nothing. */
    private static RouteMessage move(Link former, int index, NetworkNamespace home) {
        return Link.change(Link.RTM_NEWLINK, index, former.flags() & Link.IFF_UP, Link.IFF_UP)
                .attribute(IFLA_NET_NS_FD, home.file().number()).attribute(Link.IFLA_IFNAME, former.name());
    }

    /** Also of one that somebody took back and was killed. */
    private static void completeNames(Link former) {
        for (int index : List.of(former.index(), former.index() + SHIFT)) {
            Link.find(index).filter(link -> link.name().equals(former.name()))
                    .ifPresent(link -> LinkState.addAlternativeNames(former, link));
        }
    }
}
