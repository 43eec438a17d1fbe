package stockade.confine;

import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Mounts;
import stockade.linux.Processes;
import stockade.prison.Jail;

/**
 * What is done to a jail's init, in order. It is done once, before the first command; every process of the
 * jail descends from init and so inherits all of it.
 */
public final class Confinement {
    private Confinement() {
    }

    /** The namespaces that init is born into; the host keeps none of them for itself. */
    public static final int NAMESPACES = Processes.CLONE_NEWUSER | Processes.CLONE_NEWNS | Processes.CLONE_NEWPID
            | Processes.CLONE_NEWUTS | Processes.CLONE_NEWIPC | Processes.CLONE_NEWCGROUP | Processes.CLONE_NEWNET;

    /**
     * Confines this process, which is alone in its new namespaces and whose users are mapped.
     *
     * @param tree the jail's tree as a detached mount, see {@link Tree#prepare}
     * @return the descriptor by which the warden answers the calls that the filter hands over
     */
    public static Descriptor apply(Jail jail, Descriptor tree) {
        Identity.becomeRootOfJail();
        Mounts.makeAllPrivate();
        var devices = Devices.ofHost();
        var proc = ProcessFileSystem.create();
        Tree.enter(tree);
        Devices.mount(devices);
        ProcessFileSystem.mount(proc);
        Processes.setHostname(jail.hostname().text());
        var listener = SystemCallFilter.install();
        Capabilities.drop();
        Credentials.makeUndumpable();
        Credentials.dieWithParent();
        return listener;
    }
}
