package stockade.life;

import java.util.ArrayList;
import java.util.List;

/** The environment of a command, as NAME=value. */
final class Environment {
    private final List<String> entries;

    Environment(List<String> entries) {
        this.entries = new ArrayList<>(entries);
    }

    /** Leaves nothing but TERM. */
    void clear() {
        entries.removeIf(entry -> !entry.startsWith("TERM="));
    }

    /** @param entry NAME=value, in place of another of that name */
    void set(String entry) {
        var name = entry.substring(0, entry.indexOf('=') + 1);
        entries.removeIf(other -> other.startsWith(name));
        entries.add(entry);
    }

    void setUser(String name, String home, String shell) {
        set("USER=" + name);
        set("HOME=" + home);
        set("SHELL=" + shell);
    }

    List<String> entries() {
        return entries;
    }
}
