package stockade.role;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.Poll;
import stockade.linux.UnixSocket;
import stockade.network.Inet;
import stockade.network.Netlink;
import stockade.network.Steering;
import stockade.prison.Cgroup;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Permission;
import stockade.prison.Permissions;
import stockade.prison.Registry;

/**
 * Changes a jail that runs. Sockets that it has stay bound to what they are bound to: with an address that the jail has
 * no more they get and send nothing.
 */
public final class Change {
    /** How long the warden may take to note it, in milliseconds. */
    private static final int PATIENCE = 1000;

    private Change() {
    }

    /**
     * To be called under the registry's lock.
     *
     * @throws JailException if the jail can't have them: nothing is changed
     */
    public static void apply(Registry registry, Jail before, Ip ip4, Ip ip6) {
        var after = before.with(ip4, ip6);
        require(before, after);
        try (var cgroups = Cgroup.Parent.open(); var permissions = Permissions.of(before.jid())) {
            release(registry, cgroups, registry.withFormer(before), before); // somebody may have been killed at this
            boolean ports = permissions.allow(Permission.RESERVED_PORTS);
            try {
                registry.beginReaddressing(before, after);
                Creation.addAliases(registry, after);
                cgroups.admit(after, ports);
                registry.rewrite(after);
                tell(before, after);
            } catch (RuntimeException e) {
                cgroups.admit(before, ports);
                registry.rewriteIfOther(before);
                release(registry, cgroups, after, before);
                throw e;
            }
            release(registry, cgroups, before, after);
        }
    }

    /** Has the warden and the usher know another record of a jail with the same addresses. Under the registry's lock. */
    public static void tellRecord(Registry registry, Jail before, Jail after) {
        registry.rewrite(after);
        try {
            tell(before, after);
        } catch (RuntimeException e) {
            registry.rewrite(before);
            throw e;
        }
    }

    /** Has the warden keep a jail without any process, or not: one that has none is gone then, with all its traces. */
    public static void persist(Jail jail, boolean persists) {
        boolean persisted = Registry.persists(jail.jid());
        try (var warden = Attachment.connect(jail); var end = Attachment.end(warden)) {
            if (!isDone(warden, () -> UnixSocket.offer(warden, new Message.Persist(persists).encode()),
                    () -> UnixSocket.offer(warden, new Message.Persist(persisted).encode()))) {
                Undertaker.buryAfter(end, PATIENCE, jail);
                if (persists) {
                    throw new JailException(Attachment.ENDED);
                }
            }
        }
    }

    private static void require(Jail before, Jail after) {
        if (before.vnet()) {
            throw new JailException("vnet jails cannot have IP address restrictions");
        }
        Creation.requireFewAddresses(after.ip4(), after.ip6());
        if (!before.steered() && after.addresses().size() > 1) {
            throw new JailException("a jail that was made with one address can't get several");
        }
        if (Math.max(without(after, before).size(), without(before, after).size()) >= UnixSocket.MAX_DESCRIPTORS) {
            throw new JailException("more than " + (UnixSocket.MAX_DESCRIPTORS - 1) + " addresses at once");
        }
    }

    /** The warden passes it on to the usher. */
    private static void tell(Jail before, Jail after) {
        try (var warden = Attachment.connect(after)) {
            if (!isDone(warden, () -> offer(warden, before, after), () -> offer(warden, after, before))) {
                throw new JailException(Attachment.ENDED);
            }
        }
    }

    /** Returns whether the warden will read it. */
    private static boolean offer(Descriptor warden, Jail before, Jail after) {
        var steering = after.steered() ? Optional.of(Steering.open(after.addresses())) : Optional.<Steering>empty();
        try (var record = Files.inMemory("jail", after.recordBytes())) {
            var descriptors = new ArrayList<>(List.of(record));
            steering.ifPresent(s -> without(after, before).forEach(address -> descriptors.add(s.listeners(address))));
            return UnixSocket.offer(warden, new Message.Readdress().encode(), descriptors.toArray(Descriptor[]::new));
        } finally {
            steering.ifPresent(Steering::close);
        }
    }

    /**
     * Has the warden do something. One who does not answer may yet do it, and then takes it back.
     *
     * @param request  returns whether he will read it
     * @param opposite what is to be as before
     * @return whether it is done; else the jail has ended
     */
    private static boolean isDone(Descriptor warden, BooleanSupplier request, BooleanSupplier opposite) {
        if (!request.getAsBoolean() && !new Poll().readable(warden).await(0)) { // one that has died is heard of below
            throw new JailException(Attachment.SILENT);
        }
        try {
            return hear(warden);
        } catch (RuntimeException e) {
            opposite.getAsBoolean();
            throw e;
        }
    }

    private static boolean hear(Descriptor warden) {
        if (!new Poll().readable(warden).await(PATIENCE)) {
            throw new JailException(Attachment.SILENT);
        }
        return switch (Optional.ofNullable(UnixSocket.receive(warden)).map(answer -> Message.decode(answer.content())).orElse(null)) {
            case Message.Failed(int command, String reason) -> throw new JailException(reason);
            case Message.Ended ended -> false;
            case null -> false;
            default -> true;
        };
    }

    /** Takes back what one has and another has not of the same jail. */
    private static void release(Registry registry, Cgroup.Parent cgroups, Jail had, Jail has) {
        var gone = without(had, has);
        cgroups.dismiss(had, gone);
        if (had.steered()) {
            Steering.forget(registry.addresses().claimed(had.jid(), gone));
        }
        for (var alias : registry.addresses().release(had.jid(), gone)) {
            Netlink.remove(alias);
            registry.addresses().forgetAlias(alias);
        }
        registry.endReaddressing(has);
    }

    private static List<Inet> without(Jail one, Jail other) {
        return one.addresses().stream().filter(address -> !other.addresses().contains(address)).toList();
    }
}
