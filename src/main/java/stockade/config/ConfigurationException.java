package stockade.config;

import java.util.List;

/** A configuration that can't be read, and everything that is wrong with it, a line each. */
public final class ConfigurationException extends RuntimeException {
    private final List<String> errors;

    ConfigurationException(List<String> errors) {
        super(errors.get(0));
        this.errors = List.copyOf(errors);
    }

    /** At least one. */
    public List<String> errors() {
        return errors;
    }
}
