package stockade.config;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Printable;

/** The errors found so far. */
final class Errors {
    /** A file with more is none, and is not read to its end. */
    static final int MAX = 1000;

    private final List<String> lines = new ArrayList<>();

    void add(Position position, String what) {
        add(position.prefix() + what);
    }

    /** @throws ConfigurationException if it is one too many */
    void add(String line) {
        if (lines.size() == MAX) {
            lines.add("too many errors");
            throwIfAny();
        }
        lines.add(Printable.line(line));
    }

    /** @throws ConfigurationException with what there is */
    void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new ConfigurationException(lines);
        }
    }
}
