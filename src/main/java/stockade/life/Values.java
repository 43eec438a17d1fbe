package stockade.life;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.config.Setting;
import stockade.linux.Bytes;
import stockade.network.Alias;
import stockade.network.Inet;
import stockade.network.Inet4;
import stockade.prison.Ip;
import stockade.prison.JailException;
import stockade.prison.Parameter;

/** The values of parameters, read as libjail reads them (FreeBSD's lib/libjail/jail.c). */
final class Values {
    private static final int MOST_SECONDS = 24 * 60 * 60;

    private Values() {
    }

    /** Of several values of what has only one, the last counts. */
    static Optional<String> last(Setting setting) {
        return setting.values().isEmpty() ? Optional.empty() : Optional.of(setting.values().get(setting.values().size() - 1));
    }

    /** A switch: nothing, true or false, or a number. */
    static boolean isTrue(Setting setting) {
        var value = last(setting).orElse("");
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
            throw new JailException(setting.name() + ": unknown boolean value \"" + value + "\"");
        }
    }

    /** A number, in decimal. */
    static String number(Setting setting) {
        var value = last(setting).orElse("");
        try {
            return Integer.toString(Bytes.number(value));
        } catch (NumberFormatException e) {
            throw new JailException(setting.name() + ": non-integer value \"" + value + "\"");
        }
    }

    /** A time, in seconds: 0 to a day. */
    static String seconds(Setting setting) {
        var number = number(setting);
        if (Bytes.decimal(number) < 0 || Bytes.decimal(number) > MOST_SECONDS) {
            throw new JailException(setting.name() + ": " + number + ": not between 0 and " + MOST_SECONDS);
        }
        return number;
    }

    /** new, which is what nothing and true stand for as well, inherit or disable. */
    static String jailsys(Setting setting) {
        var value = last(setting).orElse("new");
        return switch (value) {
            case "new", "inherit", "disable" -> value;
            case "", "true", "1" -> "new";
            case "false", "0" -> setting.name().equals("vnet") ? "inherit" : "disable";
            default -> throw new JailException(setting.name() + ": unknown jailsys value \"" + value + "\"");
        };
    }

    /** With "no" before its name: what is not the jail's own. */
    static String negatedJailsys(Parameter parameter, Setting setting) {
        var off = parameter == Parameter.VNET || parameter == Parameter.HOST || parameter == Parameter.LINUX ? "inherit"
                : "disable";
        return isTrue(setting) ? off : "new";
    }

    /** @param device the interface of those that name none, if it is given */
    static Ip addresses(int version, List<String> addresses, Optional<String> device) {
        var aliases = new ArrayList<Alias>();
        for (var address : addresses) {
            aliases.add(alias(version, address, device));
        }
        if (aliases.stream().map(Alias::address).distinct().count() < aliases.size()) {
            throw new JailException("ip" + version + ".addr: the same address twice: " + String.join(",", addresses));
        }
        return Ip.own(aliases);
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
