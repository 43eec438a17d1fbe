package stockade.config;

import java.util.List;

/** A jail that a file declares. */
public record Declaration(String name, List<Setting> settings, List<String> problems) {
}
