package stockade.config;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Printable;

/** What is wrong with one jail. */
final class Problems {
    private final List<String> lines = new ArrayList<>(0);
    private final Budget budget;

    Problems(Budget budget) {
        this.budget = budget;
    }

    void add(Position position, String what) {
        var line = Printable.line(position.prefix() + what);
        budget.take(Budget.string(line.length()));
        lines.add(line);
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
