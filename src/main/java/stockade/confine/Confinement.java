package stockade.confine;

import java.util.List;
import java.util.Optional;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Mounts;
import stockade.linux.Processes;
import stockade.linux.Seccomp;
import stockade.network.VirtualLink;
import stockade.prison.Jail;
import stockade.prison.JailMounts;
import stockade.tree.ExecutableFiles;

/**
 * What is done to a jail's init, in order. It is done once, before the first command; every process of the
 * jail descends from init and so inherits all of it.
 */
public final class Confinement {
    /** The namespaces that init is born into; the host keeps none of them for itself. */
    public static final int NAMESPACES = Processes.CLONE_NEWUSER | Processes.CLONE_NEWNS | Processes.CLONE_NEWPID
            | Processes.CLONE_NEWUTS | Processes.CLONE_NEWIPC | Processes.CLONE_NEWCGROUP | Processes.CLONE_NEWNET;

    private final byte[] filter;
    private final List<Descriptor> devices;
    private final Descriptor proc;

    private Confinement(byte[] filter, List<Descriptor> devices, Descriptor proc) {
        this.filter = filter;
        this.devices = devices;
        this.proc = proc;
    }

    /** What can be done while the warden still maps users and prepares the tree: what the host's mounts are needed for. */
    public static Confinement prepare(Jail jail, JailMounts mounts) {
        Mounts.makeAllPrivate();
        return new Confinement(SystemCallFilter.program(SystemCallFilter.Sockets.of(jail),
                SystemCallFilter.Code.of(jail)),
                Devices.ofHost(mounts), ProcessFileSystem.create());
    }

    /**
     * Confines this process, which is alone in its new namespaces and whose users are mapped by now.
     *
     * @param tree   the jail's tree as a detached mount, see {@link Tree#prepare}
     * @param mounts what is mounted in it
     * @return the descriptor by which the warden answers the calls that the filter hands over
     */
    public Descriptor apply(Jail jail, Descriptor tree, TreeMounts mounts) {
        Identity.becomeRootOfJail();
        if (!jail.limits().isEmpty()) {
            Processes.unshare(Processes.CLONE_NEWCGROUP); // its root is where this process is now
            IpcLimits.set(jail.limits());
        }
        Tree.enter(tree);
        mounts.attach(jail);
        var executables = jail.limitsPrograms() ? Optional.of(AllowedPrograms.mount(jail)) : Optional.<ExecutableFiles>empty();
        Devices.mount(devices, jail, mounts.wanted(), executables.isPresent());
        ProcessFileSystem.mount(proc, jail, mounts.wanted(), executables.isPresent());
        Processes.setHostname(jail.hostname().text());
        Processes.setDomainName(""); // a uts namespace begins with the host's
        configureNetwork(jail);
        executables.ifPresent(files -> AllowedPrograms.enforce(jail, files));
        var listener = Seccomp.install(filter);
        Capabilities.drop(jail.vnet());
        Credentials.makeUndumpable();
        Credentials.dieWithParent();
        return listener;
    }

    /** The link to the host is there by now. A jail that shares the host's stack has an empty network of its own. */
    private static void configureNetwork(Jail jail) {
        if (jail.vnet()) {
            VirtualLink.setUpLoopback();
            jail.link().ifPresent(VirtualLink::configureInside);
        }
    }
}
