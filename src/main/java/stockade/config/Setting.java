package stockade.config;

import java.util.List;

/** A parameter with its values. */
public record Setting(String name, List<String> values, Position position) {
}
