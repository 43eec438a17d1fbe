package stockade.command;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import stockade.network.NetworkCookie;
import stockade.prison.Cgroup;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Parameter;
import stockade.prison.Permission;
import stockade.prison.Permissions;
import stockade.prison.Registry;

/**
 * What jail -m changes, and of which jail.
 *
 * @param jail its jid or name
 */
record Modification(String jail, Map<Permission, Boolean> permissions) {

    /** @param words parameters: name=value, name, or a switch with "no" before the last part of its name */
    static Modification parse(List<String> words) {
        var permissions = new EnumMap<Permission, Boolean>(Permission.class);
        Optional<String> jail = Optional.empty();
        for (var word : words) {
            int equals = word.indexOf('=');
            var label = equals < 0 ? word : word.substring(0, equals);
            var value = equals < 0 ? "" : word.substring(equals + 1);
            if (label.equals("name") || label.equals("jid")) {
                if (jail.isPresent()) {
                    throw new JailException("cannot redefine parameter \"" + label + "\".");
                }
                jail = Optional.of(value);
            } else {
                requireChangeable(label);
                permissions.putAll(Parameters.readPermission(label, value));
            }
        }
        return new Modification(jail.orElseThrow(() -> new JailException("no jail specified")), permissions);
    }

    private static void requireChangeable(String label) {
        for (var parameter : Parameter.values()) {
            if (parameter.permission().isEmpty()
                    && (parameter.label().equals(label) || parameter.isSwitch() && parameter.negation().equals(label))) {
                throw new JailException(label + " cannot be changed after creation");
            }
        }
        if (label.equals(Parameters.VNET_INTERFACE)) { // which is none of those that jls(8) tells
            throw new JailException(label + " cannot be changed after creation");
        }
    }

    /** Makes the changes, all from the same moment on. */
    void apply() {
        try (var registry = Registry.lock()) {
            Jail found = Registry.find(jail).orElseThrow(() -> new JailException("\"" + jail + "\" not found"));
            var ports = permissions.get(Permission.RESERVED_PORTS);
            if (ports != null) {
                try (var cgroups = Cgroup.Parent.open()) {
                    cgroups.admit(found, ports, ownNetwork(found));
                }
            }
            Permissions.tell(found.jid(), permissions); // last, for it is the least that can fail
        }
    }

    private static OptionalLong ownNetwork(Jail jail) {
        return jail.vnet() ? OptionalLong.of(NetworkCookie.of(Registry.namespace(jail.jid(), "net")))
                : OptionalLong.empty();
    }
}
