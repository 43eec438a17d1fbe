package stockade.config;

import java.util.List;

/**
 * What may come of a configuration: each jail has what the wildcards say, and variables repeat what is said once, so that a
 * short file can say more than there is memory or time for.
 */
final class Budget {
    /** Bytes of values and messages, and some for each statement that holds for a jail. */
    static final int SIZE = 16 << 20;
    static final int STATEMENT = 4;

    private final String file;
    private int left = SIZE;

    Budget(String file) {
        this.file = file;
    }

    /** @throws ConfigurationException if it is more than is left */
    void take(int size) {
        left -= size;
        if (left < 0) {
            throw new ConfigurationException(List.of(file + ": too large: what holds for its jails is more than " + SIZE
                    + " bytes"));
        }
    }
}
