package stockade.role;

import java.util.List;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.network.Netlink;
import stockade.network.Steering;
import stockade.network.VirtualLink;
import stockade.prison.Cgroup;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Registry;

/**
 * Removes what is left on the host of jails whose warden is gone. There is no other way to remove a jail:
 * an orderly end, a failed start and a killed warden all come to this.
 */
public final class Undertaker {
    private static final int PATIENCE = 5000;
    private static final int HURRY = 100;

    private Undertaker() {
    }

    /** Buries every dead jail that can be: one that can't is left, with what it has, to the next command. */
    public static void buryDead() {
        try (var registry = Registry.lock()) {
            bury(registry, registry.dead(), HURRY);
        }
    }

    /** Buries all that nobody has buried, because something of them is wanted. */
    static void buryDead(Registry registry) {
        bury(registry, registry.dead(), PATIENCE);
    }

    /** For each start of a jail, which is to take no longer when there are many: it does not always look. */
    static void burySomeDead(Registry registry) {
        bury(registry, registry.someDead(), HURRY);
    }

    /** @param patience how long the processes of each may take to end, in milliseconds: those who wait for a device or a server do not */
    private static void bury(Registry registry, List<Jail> dead, int patience) {
        if (!dead.isEmpty()) {
            try (var cgroups = Cgroup.Parent.open()) {
                dead.forEach(jail -> attempt(() -> {
                    if (cgroups.end(jail, patience)) {
                        bury(registry, cgroups, jail);
                    }
                }));
            }
        }
    }

    /**
     * Buries a jail whose warden has ended, unless somebody has.
     *
     * @throws KernelException if something of it can't be removed
     */
    public static void bury(Jail jail) {
        try (var cgroups = Cgroup.Parent.open()) {
            bury(cgroups, jail);
        }
    }

    static void bury(Cgroup.Parent cgroups, Jail jail) {
        Registry.awaitDeath(jail.jid());
        try (var registry = Registry.lock()) {
            registry.dead(jail.jid()).ifPresent(dead -> bury(registry, cgroups, dead));
        }
    }

    /**
     * Waits until a jail's warden has ended, and buries the jail.
     *
     * @param warden   its pidfd
     * @param patience the time after which jail and warden are killed, in milliseconds
     */
    public static void buryAfter(Descriptor warden, int patience, Jail jail) {
        awaitEnd(warden, patience, jail);
        bury(jail);
    }

    /** Waits until a jail's warden has ended. Parameters as of {@link #buryAfter}. */
    public static void awaitEnd(Descriptor warden, int patience, Jail jail) {
        if (!new Poll().readable(warden).await(patience)) {
            kill(warden, jail);
            new Poll().readable(warden).await(-1);
        }
    }

    /** Ends a jail whose warden can't be asked to, if it is there still. */
    public static void end(Jail jail) {
        try (var registry = Registry.lock(); var cgroups = Cgroup.Parent.open()) {
            if (Registry.find(jail.jid().toString()).equals(Optional.of(jail))) {
                cgroups.kill(jail);
            }
        }
    }

    /** Kills a jail, its warden included, which is in the jail's cgroup: as long as it lives no other has the jid. */
    private static void kill(Descriptor warden, Jail jail) {
        try (var registry = Registry.lock(); var cgroups = Cgroup.Parent.open()) {
            if (!new Poll().readable(warden).await(0)) {
                cgroups.kill(jail);
            }
        }
    }

    /** Buries a jail, or leaves it to the next command: it has its jid, name and addresses still, so no other gets what it left. */
    static void tryToBury(Registry registry, Cgroup.Parent cgroups, Jail jail) {
        attempt(() -> bury(registry, cgroups, jail));
    }

    private static void attempt(Runnable burial) {
        try {
            burial.run();
        } catch (KernelException | JailException e) {
            return; // as above
        }
    }

    static void bury(Registry registry, Cgroup.Parent cgroups, Jail recorded) {
        var jail = registry.withFormer(recorded);
        cgroups.remove(jail);
        if (!jail.interfaces().isEmpty()) {
            Registry.givenInterfaces(jail.jid()).takeBack();
        }
        jail.link().ifPresent(VirtualLink::remove);
        if (jail.steered()) {
            Steering.forget(registry.addresses().claimed(jail.jid(), jail.addresses()));
        }
        for (var alias : registry.addresses().release(jail.jid(), jail.addresses())) {
            Netlink.remove(alias);
            registry.addresses().forgetAlias(alias);
        }
        registry.remove(jail);
    }

    /** For a warden that nobody will outlive: a child buries its jail. */
    static void forkToBuryAfter(int warden) {
        try (var end = Processes.pidfd(warden); var cgroups = Cgroup.Parent.open();
                var directory = cgroups.elsewhere()) {
            if (Processes.forkInto(directory).isSelf()) {
                Descriptor.closeAllBut(end);
                new Poll().readable(end).await(-1);
                buryDead();
                Processes.exit(0);
            }
        } catch (KernelException | JailException e) {
            Processes.exit(1); // the next command finds the jail and buries it
        }
    }
}
