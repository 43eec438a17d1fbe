package stockade.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration as tests look at it. */
record Parsed(Configuration configuration) {
    static final String FILE = "/etc/jail.conf";

    static Parsed of(String text) {
        return of(new FakeSource().file(FILE, text));
    }

    static Parsed of(Source source) {
        return new Parsed(Configuration.parse(FILE, source));
    }

    /** The errors of a text that is none. */
    static List<String> errors(String text) {
        return errors(new FakeSource().file(FILE, text));
    }

    static List<String> errors(Source source) {
        try {
            throw new AssertionError("no error, but " + of(source).names());
        } catch (ConfigurationException e) {
            return e.errors();
        }
    }

    Declaration jail(String name) {
        for (var jail : configuration.jails()) {
            if (jail.name().equals(name)) {
                return jail;
            }
        }
        throw new AssertionError(name + " is not among " + names());
    }

    List<String> names() {
        return configuration.jails().stream().map(Declaration::name).toList();
    }

    /** A jail's settings but for the first, which says its name: "a=b,c d". */
    String settings(String jail) {
        return jail(jail).settings().stream().skip(1)
                .map(setting -> setting.values().isEmpty() ? setting.name()
                        : setting.name() + "=" + String.join(",", setting.values()))
                .collect(Collectors.joining(" "));
    }

    List<String> problems(String jail) {
        return jail(jail).problems();
    }

    /** The values of a jail's only setting besides its name. */
    List<String> values(String jail) {
        var settings = jail(jail).settings();
        if (settings.size() != 2) {
            throw new AssertionError("not one setting: " + jail(jail));
        }
        return settings.get(1).values();
    }
}
