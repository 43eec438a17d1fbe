package stockade.config;

import java.util.List;

/**
 * A jail that a configuration declares.
 *
 * @param name     of the whole path if it is nested in others: "foo.bar"
 * @param settings the parameters that hold for it, the wildcards' included; "name" is the first, or "jid" if the name is
 *                 a number. A parameter that a problem is about is not among them.
 * @param problems what is wrong with this jail alone, a line each; one that has any is not to be started
 */
public record Declaration(String name, List<Setting> settings, List<String> problems) {
}
