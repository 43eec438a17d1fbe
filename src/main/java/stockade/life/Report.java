package stockade.life;

import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.KernelException;
import stockade.linux.Printable;
import stockade.prison.JailException;
import stockade.role.Failure;

/**
 * What is said while something is done to a jail.
 *
 * @param jail      the name under which a file declares it; empty: the one that a command line describes
 * @param verbosity -1 to say what goes wrong only (-q), 1 to say each step (-v), else 0
 */
public record Report(Optional<String> jail, int verbosity) {
    /** Says what has come to be: of a declared jail unless one is to be quiet, of another if one is to be verbose. */
    void result(String words) {
        if (verbosity > 0 || verbosity == 0 && jail.isPresent()) {
            say(words);
        }
    }

    /** Says what is done, if one is to be verbose. */
    void step(String words) {
        if (verbosity > 0) {
            say(words);
        }
    }

    private void say(String words) {
        Descriptor.STDOUT.write(jail.map(name -> name + ": ").orElse("") + words + "\n");
    }

    /** Does something. Returns whether that was possible, and else says what went wrong. */
    boolean attempt(Runnable work) {
        try {
            work.run();
            return true;
        } catch (JailException | KernelException e) {
            warn(Failure.reason(e));
            return false;
        }
    }

    /** Says what went wrong. */
    public void warn(String words) {
        try {
            Descriptor.STDERR.write("jail: " + Printable.line(jail.map(name -> name + ": ").orElse("") + words) + "\n");
        } catch (KernelException e) {
            return; // the exit status has to tell
        }
    }
}
