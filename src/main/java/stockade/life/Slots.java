package stockade.life;

import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.ProcessLocks;
import stockade.linux.Processes;

/**
 * How many commands run at once (-p): a file with a place for each that may, of which whoever runs one locks one, whichever
 * process it is. The slot of a process that is killed is free.
 */
public final class Slots {
    /** How long it takes to see that one has become free, in milliseconds. */
    private static final int INTERVAL = 5;

    private final Optional<Descriptor> places;
    private final int most;
    private int taken;

    private Slots(Optional<Descriptor> places, int most) {
        this.places = places;
        this.most = most;
    }

    /** Any number. */
    public static Slots unlimited() {
        return new Slots(Optional.empty(), 0);
    }

    public static Slots of(int most) {
        return new Slots(Optional.of(Files.inMemory("slots", new byte[0])), most);
    }

    /** Who waits has the place behind the others, so that only one at a time looks for a free one. */
    void take() {
        places.ifPresent(file -> {
            ProcessLocks.lock(file, most);
            for (taken = 0; !ProcessLocks.tryLock(file, taken); taken = (taken + 1) % most) {
                if (taken == most - 1) {
                    Processes.sleep(INTERVAL);
                }
            }
            ProcessLocks.unlock(file, most);
        });
    }

    void giveBack() {
        places.ifPresent(file -> ProcessLocks.unlock(file, taken));
    }
}
