package stockade.role;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import stockade.confine.TreeMounts;
import stockade.linux.Descriptor;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.Signals;
import stockade.linux.UnixSocket;
import stockade.network.Alias;
import stockade.network.Netlink;
import stockade.network.Steering;
import stockade.prison.Cgroup;
import stockade.prison.Entrance;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailSpec;
import stockade.prison.Mib;
import stockade.prison.Permission;
import stockade.prison.Registry;

/**
 * Makes a jail: its record first, then what it has on the host, then its warden. A step that fails takes
 * back the ones before it; if this process is killed, the next command does.
 *
 * @param warden a socket to the warden, which has a jail without any process yet
 */
public record Creation(Jail jail, Processes.Child wardenProcess, Descriptor warden, Cgroup.Parent cgroups) {

    /**
     * Starts a jail. Its warden takes a command at once and passes it on as soon as the jail is up.
     *
     * @param directory the jail's tree, open, so that what was checked is what is used
     * @throws JailException   if the jail can't be had
     * @throws KernelException if the kernel refuses a step
     */
    public static Creation of(JailSpec spec, Descriptor directory) {
        Processes.requireOwnProc();
        try (var mounts = TreeMounts.open(spec, directory); var registry = Registry.lock()) {
            var cgroups = Cgroup.Parent.open();
            Undertaker.burySomeDead(registry);
            requireFewAddresses(spec.ip4(), spec.ip6());
            requireFree(spec);
            var reservation = reserve(registry, cgroups, spec);
            var jail = reservation.jail();
            try {
                var creation = startWarden(reservation, spec.allow().getOrDefault(Permission.RESERVED_PORTS, true), cgroups,
                        directory, mounts);
                addAliases(registry, jail); // while the warden makes init; no command runs before it is told to
                return creation;
            } catch (RuntimeException e) {
                Undertaker.tryToBury(registry, cgroups, jail);
                throw e;
            }
        }
    }

    /** What stands in the way may be a dead jail's. */
    private static Registry.Reservation reserve(Registry registry, Cgroup.Parent cgroups, JailSpec spec) {
        try {
            return registry.reserve(spec, jid -> cgroups.isFree(jid, spec.limits()));
        } catch (JailException e) {
            Undertaker.buryDead(registry);
            return registry.reserve(spec, jid -> cgroups.isFree(jid, spec.limits()));
        }
    }

    static void requireFewAddresses(Ip ip4, Ip ip6) {
        try (var mib = Mib.open()) {
            int most = mib.value(Mib.Entry.JAIL_MAX_AF_IPS);
            if (ip4.aliases().size() > most || ip6.aliases().size() > most) {
                throw new JailException("too many IPv" + (ip4.aliases().size() > most ? 4 : 6) + " addresses");
            }
        }
    }

    /** An address of a network stack of the jail's own can't be the host's too. */
    private static void requireFree(JailSpec spec) {
        if (spec.vnet()) {
            for (var address : Stream.concat(spec.ip4().addresses().stream(), spec.ip6().addresses().stream()).toList()) {
                if (Netlink.isLocal(address)) {
                    throw new JailException("vnet: the host has the address " + address);
                }
            }
        }
    }

    /** Gives the host those of the jail's addresses that it does not have. */
    static void addAliases(Registry registry, Jail jail) {
        for (var alias : jail.vnet() ? List.<Alias>of() : jail.aliases()) {
            if (!Netlink.isLocal(alias.address())) {
                registry.addresses().noteAlias(alias);
                if (!Netlink.add(alias)) {
                    registry.addresses().forgetAlias(alias); // on an interface that is down
                }
            }
        }
    }

    private static Creation startWarden(Registry.Reservation reservation, boolean reservedPorts, Cgroup.Parent cgroups,
            Descriptor directory, TreeMounts mounts) {
        var jail = reservation.jail();
        try (var life = reservation.life(); var cgroup = cgroups.create(jail)) {
            if (!jail.vnet() || !reservedPorts) {
                cgroups.admit(jail, reservedPorts);
            }
            var steering = jail.steered() ? Optional.of(Steering.open(jail.addresses()))
                    : Optional.<Steering>empty();
            var entrance = cgroups.entrance(jail);
            var pair = UnixSocket.pair();
            var process = Processes.forkInto(cgroup);
            if (process.isSelf()) {
                Warden.run(jail, life, steering, entrance, pair.theirs(), directory, mounts);
            }
            pair.theirs().close();
            steering.ifPresent(Steering::close);
            entrance.ifPresent(Entrance::close);
            return new Creation(jail, process, pair.ours(), cgroups);
        }
    }

    /**
     * Has the jail be there without any process until it is {@link #release}d, or this process ends.
     *
     * @throws JailException if it is gone
     */
    public void hold() {
        if (!UnixSocket.offer(warden, new Message.Hold().encode())) {
            throw new JailException(Attachment.ENDED); // somebody has removed it
        }
    }

    /**
     * Leaves the jail to itself.
     *
     * @param persists whether it is to be there without any process; else it is gone now, with all its traces, if it has none
     */
    public void release(boolean persists) {
        if (!UnixSocket.offer(warden, new Message.Persist(persists).encode()) && !new Poll().readable(warden).await(0)) {
            throw new JailException("the warden does not listen"); // one that has died is heard of below
        }
        switch (hear().orElse(null)) {
            case Message.Failed(int command, String reason) -> throw new JailException(reason);
            case Message.Up up -> {
                warden.close();
                cgroups.close();
            }
            case null, default -> {
                if (persists) {
                    throw new JailException(Attachment.ENDED);
                }
                awaitEnd();
            }
        }
    }

    /** Returns when the jail is up. @throws JailException if it can't be had: it is to be undone */
    public void awaitUp() {
        var answer = hear();
        boolean ended = false;
        while (answer.orElse(null) instanceof Message.Ended) {
            ended = true;
            answer = hear(); // why
        }
        if (!(answer.orElse(null) instanceof Message.Up)) {
            throw new JailException(answer.orElse(null) instanceof Message.Failed(int command, String reason) ? reason
                    : ended ? Attachment.ENDED : "the warden died");
        }
    }

    private Optional<Message> hear() {
        return Optional.ofNullable(UnixSocket.receive(warden)).map(received -> Message.decode(received.content()));
    }

    /** Ends the jail at once and returns when it is gone with all its traces, if that can be; else it is left dead. */
    public void undo() {
        try {
            if (!UnixSocket.offer(warden, new Message.Stop(0).encode())) {
                Signals.send(wardenProcess.pidfd(), Signals.SIGKILL); // and so init; the jid may be another jail's by now, if it was dead
            }
            awaitEnd();
        } catch (KernelException | JailException e) {
            warden.close(); // a jail that was never released ends without its creator, and the next command buries it
        }
    }

    /** Returns when the jail, which has ended or is about to, is gone with all its traces. */
    public void awaitEnd() {
        Processes.await(wardenProcess); // while connected, so that the warden leaves the rest to this process
        warden.close();
        try (cgroups) {
            Undertaker.bury(cgroups, jail);
        }
    }
}
