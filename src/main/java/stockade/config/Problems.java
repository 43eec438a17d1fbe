package stockade.config;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with one jail. */
final class Problems {
    private final List<String> lines = new ArrayList<>(0);
    private final Budget budget;

    Problems(Budget budget) {
        this.budget = budget;
    }

    void add(Position position, String what) {
        var line = Printable.text(position + ": " + what);
        budget.take(line.length());
        lines.add(line);
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
