package stockade.config;

import java.util.List;

public final class ConfigurationException extends RuntimeException {
    public List<String> errors() {
        return List.of();
    }
}
