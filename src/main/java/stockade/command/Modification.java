package stockade.command;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stockade.prison.Cgroup;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Parameter;
import stockade.prison.Permission;
import stockade.prison.Permissions;
import stockade.prison.Registry;
import stockade.prison.Resource;
import stockade.prison.ResourceLimits;
import stockade.role.Limiting;
import stockade.role.Readdressing;

/**
 * What jail -m changes, and of which jail.
 *
 * @param jail its jid or name
 * @param ip4  its IPv4 addresses, if they change
 * @param ip6  its IPv6 addresses, if they change
 * @param limits those that change
 */
record Modification(String jail, Map<Permission, Boolean> permissions, Optional<Ip> ip4, Optional<Ip> ip6,
        ResourceLimits limits) {

    /** @param words parameters: name=value, name, or a switch with "no" before the last part of its name */
    static Modification parse(List<String> words) {
        var permissions = new EnumMap<Permission, Boolean>(Permission.class);
        var limits = ResourceLimits.NONE;
        var others = new HashMap<String, String>();
        for (var word : words) {
            int equals = word.indexOf('=');
            var label = equals < 0 ? word : word.substring(0, equals);
            var value = equals < 0 ? "" : word.substring(equals + 1);
            if (List.of("name", "jid", "ip4.addr", "ip6.addr", "interface").contains(label)) {
                if (others.put(label.equals("jid") ? "name" : label, value) != null) {
                    throw new JailException("cannot redefine parameter \"" + label + "\".");
                }
            } else if (Resource.isLabel(label)) {
                limits = limits.changed(label, value);
            } else {
                requireChangeable(label);
                permissions.putAll(Parameters.readPermission(label, value));
            }
        }
        var device = Optional.ofNullable(others.get("interface"));
        return new Modification(Optional.ofNullable(others.get("name")).orElseThrow(() -> new JailException("no jail specified")),
                permissions, Optional.ofNullable(others.get("ip4.addr")).map(value -> Parameters.addresses(4, value, device)),
                Optional.ofNullable(others.get("ip6.addr")).map(value -> Parameters.addresses(6, value, device)), limits);
    }

    private static void requireChangeable(String label) {
        for (var parameter : Parameter.values()) {
            if (parameter.permission().filter(Permission::isChangeable).isEmpty()
                    && (parameter.label().equals(label) || parameter.isSwitch() && parameter.negation().equals(label))) {
                throw new JailException(label + " cannot be changed after creation");
            }
        }
        if (label.equals(Parameters.VNET_INTERFACE)) { // which is none of those that jls(8) tells
            throw new JailException(label + " cannot be changed after creation");
        }
    }

    /** Makes the changes. */
    void apply() {
        try (var registry = Registry.lock()) {
            if (ip4.isPresent() || ip6.isPresent()) {
                var found = find();
                Readdressing.apply(registry, found, ip4.orElse(found.ip4()), ip6.orElse(found.ip6()));
            }
            var found = find();
            if (!limits.isEmpty()) {
                Limiting.apply(registry, found, limits);
                found = find();
            }
            var ports = permissions.get(Permission.RESERVED_PORTS);
            if (ports != null) {
                try (var cgroups = Cgroup.Parent.open()) {
                    cgroups.admit(found, ports);
                }
            }
            Permissions.tell(found.jid(), permissions); // last, for it is the least that can fail
        }
    }

    private Jail find() {
        return Registry.find(jail).orElseThrow(() -> new JailException("\"" + jail + "\" not found"));
    }
}
