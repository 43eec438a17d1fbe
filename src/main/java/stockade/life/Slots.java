package stockade.life;

import java.util.Optional;
import stockade.linux.Descriptor;

/**
 * How many commands run at once (-p): a pipe with a byte for each that may, of which whoever runs one takes a byte out,
 * whichever process it is.
 */
public final class Slots {
    private final Optional<Descriptor.Pipe> pipe;

    private Slots(Optional<Descriptor.Pipe> pipe) {
        this.pipe = pipe;
    }

    /** Any number. */
    public static Slots unlimited() {
        return new Slots(Optional.empty());
    }

    /** @param most from 1 to 4096, which is the least that a pipe holds */
    public static Slots of(int most) {
        var pipe = Descriptor.pipe();
        pipe.writeEnd().write("x".repeat(most));
        return new Slots(Optional.of(pipe));
    }

    void take() {
        pipe.ifPresent(p -> p.readEnd().read(new byte[1], 0, 1));
    }

    void giveBack() {
        pipe.ifPresent(p -> p.writeEnd().write("x"));
    }
}
