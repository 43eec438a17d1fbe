package stockade.command;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import stockade.linux.Bytes;
import stockade.network.Alias;
import stockade.network.Inet;
import stockade.network.Inet4;
import stockade.network.VirtualLink;
import stockade.prison.Hostname;
import stockade.prison.Ip;
import stockade.prison.JailException;
import stockade.prison.JailName;
import stockade.prison.JailSpec;
import stockade.prison.Jid;
import stockade.prison.Parameter;
import stockade.prison.Permission;
import stockade.prison.Resource;
import stockade.prison.ResourceLimits;

/** The parameters of a jail that is to be made, as words on a command line give them (jail(8)). */
final class Parameters {
    static final String VNET_INTERFACE = "vnet.interface";

    private final Set<String> given = new HashSet<>();
    private Optional<String> name = Optional.empty();
    private Optional<String> jid = Optional.empty();
    private String path = "/";
    private String hostname = "";
    private Optional<String> device = Optional.empty();
    private Optional<String> ip4 = Optional.empty();
    private Optional<String> ip6 = Optional.empty();
    private String addresses4 = "";
    private String addresses6 = "";
    private boolean vnet;
    private List<String> interfaces = List.of();
    private List<String> programs = List.of();
    private int securelevel = -1;
    private ResourceLimits limits = ResourceLimits.NONE;
    private final Map<Permission, Boolean> allow = new EnumMap<>(Permission.class);
    private Optional<List<String>> command = Optional.empty();

    private Parameters() {
    }

    /**
     * The form of four arguments: path, hostname, addresses of either family between commas, command.
     *
     * @param options what flags have said, as name=value
     */
    static Parameters ofFourArguments(List<String> options, List<String> words) {
        if (words.size() < 4 || !words.get(0).startsWith("/")) {
            throw new UsageException();
        }
        var parameters = new Parameters();
        options.forEach(parameters::take);
        parameters.path = words.get(0);
        parameters.hostname = words.get(1);
        var ip4 = new ArrayList<String>();
        var ip6 = new ArrayList<String>();
        for (var address : words.get(2).isEmpty() ? List.<String>of() : Bytes.split(words.get(2), ',')) {
            (address.indexOf(':') >= 0 ? ip6 : ip4).add(address);
        }
        parameters.addresses4 = String.join(",", ip4);
        parameters.addresses6 = String.join(",", ip6);
        parameters.command = Optional.of(words.subList(3, words.size()));
        return parameters;
    }

    /** The form of name=value; "command" takes the rest of the words. */
    static Parameters of(List<String> options, List<String> words) {
        var parameters = new Parameters();
        options.forEach(parameters::take);
        for (int i = 0; i < words.size() && parameters.command.isEmpty(); i++) {
            var word = words.get(i);
            if (word.startsWith("command=")) {
                var command = new ArrayList<String>();
                command.add(word.substring("command=".length()));
                command.addAll(words.subList(i + 1, words.size()));
                parameters.command = Optional.of(command);
            } else {
                parameters.take(word);
            }
        }
        return parameters;
    }

    private void take(String word) {
        int equals = word.indexOf('=');
        var label = equals < 0 ? word : word.substring(0, equals);
        var value = equals < 0 ? "" : word.substring(equals + 1);
        if (!given.add(label)) {
            throw new JailException("cannot redefine parameter \"" + label + "\".");
        }
        switch (label) {
            case "name" -> name = Optional.of(value);
            case "jid" -> jid = Optional.of(value);
            case "path" -> path = value;
            case "host.hostname" -> hostname = value;
            case "interface" -> device = Optional.of(value);
            case "ip4" -> ip4 = Optional.of(value);
            case "ip6" -> ip6 = Optional.of(value);
            case "ip4.addr" -> addresses4 = value;
            case "ip6.addr" -> addresses6 = value;
            case "vnet" -> vnet = !value.equals("inherit") && (value.equals("new") || isTrue(label, value));
            case "novnet" -> vnet = !isTrue(label, value);
            case VNET_INTERFACE -> interfaces = Bytes.parts(value, ',');
            case "exec.allow" -> programs = programs(label, value);
            case "securelevel" -> securelevel = securelevel(value);
            default -> {
                if (Resource.isLabel(label)) {
                    limits = limits.with(label, value);
                } else {
                    allow.putAll(readPermission(label, value));
                }
            }
        }
    }

    private static List<String> programs(String label, String value) {
        var programs = Bytes.parts(value, ',');
        if (programs.isEmpty()) {
            throw new JailException(label + ": no program");
        }
        for (var program : programs) {
            if (!program.startsWith("/")) {
                throw new JailException(label + ": not an absolute pathname: \"" + program + "\"");
            }
        }
        return programs;
    }

    /** A permission, as its name or with "no" before the last part, or with a value. */
    static Map<Permission, Boolean> readPermission(String label, String value) {
        for (var parameter : Parameter.values()) {
            var permission = parameter.permission();
            boolean negated = parameter.isSwitch() && parameter.negation().equals(label);
            if (permission.isPresent() && (negated || parameter.label().equals(label))) {
                return Map.of(permission.get(), isTrue(label, value) != negated);
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

    /**
     * What a securelevel of 1 to 3 forbids (security(7)) no jail here may do in the first place: clear
     * immutable flags, load modules, write to disks or kernel memory, mount, set the clock, change firewalls.
     */
    private static int securelevel(String text) {
        try {
            int level = Bytes.decimal(text);
            if (level >= -1 && level <= 3) {
                return level;
            }
            throw new JailException("securelevel: " + text + ": not between -1 and 3");
        } catch (NumberFormatException e) {
            throw new JailException("securelevel: non-integer value \"" + text + "\"");
        }
    }

    String path() {
        return path;
    }

    /** The command and its arguments. @throws JailException if there is none: nothing would keep the jail alive */
    List<String> command() {
        return command.orElseThrow(() -> new JailException("new jail must persist or attach"));
    }

    /** @param realPath the path without symbolic links */
    JailSpec spec(String realPath) {
        return new JailSpec(wantedJid(), givenName(), realPath, new Hostname(hostname), ip(4, ip4, addresses4),
                ip(6, ip6, addresses6), vnet(), interfaces(), programs, securelevel, allow,
                limits);
    }

    private boolean vnet() {
        if (vnet && (ip4.isPresent() || ip6.isPresent())) {
            throw new JailException("vnet jails cannot have IP address restrictions");
        }
        return vnet;
    }

    private List<String> interfaces() {
        if (!vnet && !interfaces.isEmpty()) {
            throw new JailException(VNET_INTERFACE + " requires vnet");
        }
        for (var name : interfaces) {
            if (!Alias.isDevice(name) || name.equals("lo")) {
                throw new JailException(VNET_INTERFACE + ": not an interface to be given: \"" + name + "\"");
            }
        }
        if (interfaces.stream().distinct().count() < interfaces.size()) {
            throw new JailException(VNET_INTERFACE + ": the same interface twice: " + String.join(",", interfaces));
        }
        if (interfaces.contains(VirtualLink.INSIDE) && !(addresses4.isEmpty() && addresses6.isEmpty())) {
            throw new JailException(VNET_INTERFACE + ": " + VirtualLink.INSIDE + " is what has the addresses");
        }
        return interfaces;
    }

    /** A numeric name asks for that jid, as with FreeBSD's jail_set(2). */
    private Optional<Jid> wantedJid() {
        var number = jid.or(() -> name.filter(Parameters::isJid));
        if (jid.isPresent() && !isJid(jid.get())) {
            throw new JailException("jid: non-integer value \"" + jid.get() + "\"");
        }
        return number.map(n -> new Jid(Bytes.decimal(n)));
    }

    private static boolean isJid(String text) {
        return Jid.isNumeric(text) && !text.startsWith("0");
    }

    private Optional<JailName> givenName() {
        return name.equals(wantedJid().map(Jid::toString)) ? Optional.empty() : name.map(JailName::new);
    }

    private Ip ip(int version, Optional<String> mode, String addresses) {
        var label = "ip" + version;
        var own = addresses(version, addresses, device);
        return switch (mode.orElse("new")) {
            case "new" -> own;
            case "inherit" -> without(own, label, new Ip.Inherited());
            case "disable" -> without(own, label, new Ip.Disabled());
            default -> throw new JailException(label + ": unknown jailsys value \"" + mode.get() + "\"");
        };
    }

    /** @param device the interface of those that name none, if it is given */
    static Ip addresses(int version, String addresses, Optional<String> device) {
        var aliases = new ArrayList<Alias>();
        for (var address : addresses.isEmpty() ? List.<String>of() : Bytes.split(addresses, ',')) {
            aliases.add(alias(version, address, device));
        }
        if (aliases.stream().map(Alias::address).distinct().count() < aliases.size()) {
            throw new JailException("ip" + version + ".addr: the same address twice: " + addresses);
        }
        return Ip.own(aliases);
    }

    private static Ip without(Ip own, String label, Ip ip) {
        if (!own.addresses().isEmpty()) {
            throw new JailException(label + "=" + ip.mode() + " and " + label + ".addr exclude each other");
        }
        return ip;
    }

    private static Alias alias(int version, String text, Optional<String> device) {
        try {
            var alias = Alias.parse(text, device);
            Inet address = alias.address();
            if (address instanceof Inet4 == (version == 4)) {
                return alias;
            }
            throw new IllegalArgumentException("not an IPv" + version + " address: " + address);
        } catch (IllegalArgumentException e) {
            throw new JailException("ip" + version + ".addr: " + e.getMessage());
        }
    }
}
