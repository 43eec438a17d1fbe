package stockade.life;

import java.util.List;
import stockade.config.Setting;

/**
 * What is to be done to one jail.
 *
 * @param name     as it is declared, or as it was asked for
 * @param task     what
 * @param settings what is declared of it
 * @param depends  the jails that have to run before it is made
 * @param asked    whether it was asked for by name: else it is no mistake if there is nothing to do
 */
record Work(String name, Task task, List<Setting> settings, List<String> depends, boolean asked) {
    enum Task {
        START, SET, STOP,
        /** The end of it, and then the start. */
        RESTART
    }

    Work as(Task other) {
        return new Work(name, other, settings, depends, asked);
    }
}
