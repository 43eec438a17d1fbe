package stockade.command;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stockade.linux.Bytes;
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

    /**
     * @param name  what -n says, as a word
     * @param words parameters: name=value, name, or a switch with "no" before the last part of its name
     */
    static Modification parse(Optional<String> name, List<String> words) {
        var all = new ArrayList<String>();
        name.ifPresent(all::add);
        all.addAll(words);
        var permissions = new EnumMap<Permission, Boolean>(Permission.class);
        Optional<String> jail = Optional.empty();
        for (var word : all) {
            int equals = word.indexOf('=');
            var label = equals < 0 ? word : word.substring(0, equals);
            var value = equals < 0 ? "" : word.substring(equals + 1);
            if (label.equals("name") || label.equals("jid")) {
                if (jail.isPresent()) {
                    throw new JailException("cannot redefine parameter \"" + label + "\".");
                }
                jail = Optional.of(value);
            } else {
                readSwitch(label, value, permissions);
            }
        }
        return new Modification(jail.orElseThrow(() -> new JailException("no jail specified")), permissions);
    }

    private static void readSwitch(String label, String value, Map<Permission, Boolean> permissions) {
        for (var parameter : Parameter.values()) {
            var permission = parameter.permission();
            boolean negated = parameter.isSwitch() && parameter.negation().equals(label);
            if (permission.isPresent() && (negated || parameter.label().equals(label))) {
                permissions.put(permission.get(), isTrue(label, value) != negated);
                return;
            }
            if (negated || parameter.label().equals(label)) {
                throw new JailException(label + " cannot be changed after creation");
            }
        }
        throw new JailException("unknown parameter: " + label);
    }

    /** As libjail reads a switch: nothing, true or false, or a number. */
    private static boolean isTrue(String label, String value) {
        var word = Bytes.lowerCase(value);
        if (word.isEmpty() || word.equals("true")) {
            return true;
        }
        if (word.equals("false")) {
            return false;
        }
        try {
            return Bytes.number(value) != 0;
        } catch (NumberFormatException e) {
            throw new JailException(label + ": unknown boolean value \"" + value + "\"");
        }
    }

    /** Makes the changes, all from the same moment on. */
    void apply() {
        try (var registry = Registry.lock()) {
            Jail found = Registry.find(jail).orElseThrow(() -> new JailException("\"" + jail + "\" not found"));
            Permissions.tell(found.jid(), permissions);
            var ports = permissions.get(Permission.RESERVED_PORTS);
            if (ports != null) {
                try (var cgroups = Cgroup.Parent.open()) {
                    cgroups.reservePorts(found, ports);
                }
            }
        }
    }
}
