package stockade.config;

import java.util.List;

/**
 * A parameter of a jail with its values.
 *
 * @param name     as it was last written: "allow.nomount" and "allow.mount" are one parameter
 * @param values   what it is set to, in order; none if it is only named
 * @param position where it was last written
 */
public record Setting(String name, List<String> values, Position position) {
}
