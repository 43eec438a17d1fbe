package stockade.role;

import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.KernelException;
import stockade.linux.Processes;
import stockade.linux.UnixSocket;
import stockade.network.Netlink;
import stockade.prison.Cgroup;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailSpec;
import stockade.prison.Registry;

/**
 * Makes a jail: its record first, then what it has on the host, then its warden. A step that fails takes
 * back the ones before it; if this process is killed, the next command does.
 *
 * @param warden a socket to the warden, which has a jail without any process yet
 */
public record Creation(Jail jail, Processes.Child wardenProcess, Descriptor warden) {

    /**
     * @param directory the jail's tree, open, so that what was checked is what is used
     * @throws JailException   if the jail can't be had
     * @throws KernelException if the kernel refuses a step
     */
    public static Creation of(JailSpec spec, Descriptor directory) {
        var creation = start(spec, directory);
        try {
            awaitUp(creation.warden);
            return creation;
        } catch (RuntimeException e) {
            creation.undo();
            throw e;
        }
    }

    /** Ends the jail at once and returns when it is gone with all its traces. */
    public void undo() {
        UnixSocket.offer(warden, new Message.Stop(0).encode());
        awaitEnd();
    }

    /** Returns when the jail, which has ended or is about to, is gone with all its traces. */
    public void awaitEnd() {
        Processes.await(wardenProcess); // while connected, so that the warden leaves the rest to this process
        warden.close();
        Undertaker.buryDead();
    }

    private static Creation start(JailSpec spec, Descriptor directory) {
        try (var registry = Registry.lock(); var cgroups = Cgroup.Parent.open()) {
            Undertaker.buryDead(registry);
            boolean aliased = spec.address().isPresent() && !Netlink.isLocal(spec.address().get());
            var reservation = registry.reserve(spec, cgroups::isFree, aliased);
            var jail = reservation.jail();
            try (var life = reservation.life(); var cgroup = cgroups.create(jail.jid(), jail.address())) {
                if (aliased) {
                    Netlink.addAlias(jail.address().get());
                }
                var pair = UnixSocket.pair();
                var process = Processes.forkInto(cgroup);
                if (process.isSelf()) {
                    Warden.run(jail, life, pair.theirs(), directory);
                }
                pair.theirs().close();
                return new Creation(jail, process, pair.ours());
            } catch (RuntimeException e) {
                Undertaker.bury(registry, cgroups, jail);
                throw e;
            }
        }
    }

    private static void awaitUp(Descriptor warden) {
        var answer = Optional.ofNullable(UnixSocket.receive(warden)).map(received -> Message.decode(received.content()));
        switch (answer.orElseThrow(() -> new JailException("the warden died"))) {
            case Message.Up up -> {
            }
            case Message.Failed(int command, String reason) -> throw new JailException(reason);
            default -> throw new IllegalArgumentException("not for the creator");
        }
    }
}
