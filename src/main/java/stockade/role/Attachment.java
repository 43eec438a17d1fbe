package stockade.role;

import stockade.linux.Processes;
import stockade.linux.UnixSocket;
import stockade.prison.Jail;
import stockade.prison.Registry;

/** Runs a command in a jail that is there. */
public final class Attachment {
    /** How long the warden may take to end with the jail, in milliseconds. */
    private static final int PATIENCE = 3000;

    private Attachment() {
    }

    /**
     * Returns when the command has ended and, if the jail ended with it, all its traces are gone.
     *
     * @throws stockade.prison.JailException if it could not be started
     */
    public static Foreground.Outcome run(Jail jail, Command command) {
        try (var warden = UnixSocket.connect(Registry.control(jail.jid()));
                var end = Processes.pidfd(UnixSocket.peer(warden).pid())) {
            var outcome = Foreground.run(warden, command);
            if (outcome.last()) {
                Undertaker.buryAfter(end, PATIENCE, jail);
            }
            return outcome;
        }
    }
}
