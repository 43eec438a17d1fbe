package stockade.prison;

import java.util.Optional;
import stockade.linux.Bytes;
import stockade.prison.Mib.Access;
import stockade.prison.Mib.Entry;
import stockade.prison.Mib.Setting;

/** What sysctl(8) takes on its command line or on a line of a file: name, name=value or name:value. */
public record Assignment(String name, Optional<String> value) {
    private static final String SHORT = "jail";

    /** Blanks around both parts, and one pair of quotes around the value, are not part of them. */
    public static Assignment parse(String text) {
        int separator = text.indexOf('=');
        if (separator < 0) {
            separator = text.indexOf(':');
        }
        return separator < 0 ? new Assignment(trim(text), Optional.empty())
                : new Assignment(trim(text.substring(0, separator)),
                        Optional.of(unquote(trim(text.substring(separator + 1)))));
    }

    /** The canonical form of a name: the talk's "jail" is short for "security.jail". */
    public static String canonical(String name) {
        return name.equals(SHORT) || name.startsWith(SHORT + ".") ? "security." + name : name;
    }

    /** The entry of the assignment's name, if one has it. */
    public Optional<Entry> entry() {
        var canonical = canonical(name);
        for (var entry : Entry.values()) {
            if (entry.label().equals(canonical)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /**
     * What is to be set.
     *
     * @throws JailException                   if it can't be, as sysctl(8) says it
     * @throws stockade.linux.KernelException as of {@link Setting}
     */
    public Setting setting() {
        var entry = entry().orElseThrow(() -> new JailException("unknown oid '" + name + "'"));
        if (entry.access() == Access.READ_ONLY) {
            throw new JailException("oid '" + entry.label() + "' is read only");
        }
        var number = value.orElse("");
        if (number.isEmpty()) {
            throw new JailException("empty numeric value");
        }
        try {
            return new Setting(entry, Bytes.number(number));
        } catch (NumberFormatException e) {
            throw new JailException("invalid " + (entry.access() == Access.COUNT ? "unsigned integer" : "integer") + " '"
                    + number + "'");
        }
    }

    private static String trim(String s) {
        int from = 0;
        int to = s.length();
        while (from < to && isBlank(s.charAt(from))) {
            from++;
        }
        while (from < to && isBlank(s.charAt(to - 1))) {
            to--;
        }
        return s.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    private static String unquote(String s) {
        boolean quoted = s.length() >= 2 && (s.charAt(0) == '"' || s.charAt(0) == '\'')
                && s.charAt(s.length() - 1) == s.charAt(0);
        return quoted ? s.substring(1, s.length() - 1) : s;
    }
}
