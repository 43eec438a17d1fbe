package stockade.role;

import stockade.prison.Cgroup;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Permission;
import stockade.prison.Permissions;
import stockade.prison.Registry;
import stockade.prison.ResourceLimits;

/** Gives a jail that runs other limits. */
public final class Limiting {
    private Limiting() {
    }

    /** @throws JailException if the host has not what the limits need, or they can't change */
    public static void require(Jail before, ResourceLimits changes) {
        var after = after(before, changes);
        try (var cgroups = Cgroup.Parent.open()) {
            cgroups.requireLimits(after);
        }
    }

    private static Jail after(Jail before, ResourceLimits changes) {
        changes.firstFixed(before.limits()).ifPresent(resource -> {
            throw new JailException(resource.label() + " cannot be changed after creation");
        });
        return before.with(changes.over(before.limits()));
    }

    /**
     * To be called under the registry's lock.
     *
     * @param changes those that change, with the new amounts
     * @throws JailException if one of them can't be had: none has changed then, as far as the kernel lets that be done
     */
    public static void apply(Registry registry, Jail before, ResourceLimits changes) {
        var after = after(before, changes);
        try (var cgroups = Cgroup.Parent.open(); var permissions = Permissions.of(before.jid())) {
            cgroups.requireLimits(after);
            registry.rewrite(after); // first, so that whoever buries the jail knows of every cgroup
            boolean ports = permissions.allow(Permission.RESERVED_PORTS);
            try {
                cgroups.limit(after, ports);
            } catch (RuntimeException e) {
                var restored = before.with(before.limits().over(changes.lifted()));
                registry.rewrite(restored);
                cgroups.limit(restored, ports);
                throw e;
            }
        }
    }
}
