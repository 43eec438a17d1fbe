package stockade.life;

import java.util.List;
import java.util.stream.Collectors;
import stockade.config.Configuration;
import stockade.config.Setting;

/** What jail -e tells: each declared jail on a line, with its parameters as name=value. */
public final class Exhibition {
    private Exhibition() {
    }

    /** @param names of the jails to tell of; none: all */
    public static String of(Configuration configuration, List<String> names, String separator) {
        var text = new StringBuilder();
        for (var jail : configuration.jails()) {
            if (names.isEmpty() || names.contains(jail.name())) {
                text.append(jail.settings().stream().map(Exhibition::format).collect(Collectors.joining(separator))).append('\n');
            }
        }
        return text.toString();
    }

    private static String format(Setting setting) {
        return setting.values().isEmpty() ? setting.name()
                : setting.name() + "=" + Quoting.quote(String.join(",", setting.values()));
    }
}
