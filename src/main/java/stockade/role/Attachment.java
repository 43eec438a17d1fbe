package stockade.role;

import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.UnixSocket;
import stockade.prison.Jail;
import stockade.prison.Registry;

/** Runs a command in a jail that is there. */
public final class Attachment {
    private Attachment() {
    }

    /**
     * Returns when the command has ended and, if the jail ended with it, all its traces are gone.
     *
     * @throws stockade.prison.JailException if it could not be started
     */
    public static Foreground.Outcome run(Jail jail, Command command) {
        Foreground.Outcome outcome;
        try (var warden = UnixSocket.connect(Registry.control(jail.jid()));
                var end = Processes.pidfd(UnixSocket.peer(warden).pid())) {
            outcome = Foreground.run(warden, command);
            if (outcome.last()) {
                new Poll().readable(end).await(-1);
            }
        }
        if (outcome.last()) {
            Undertaker.bury(jail);
        }
        return outcome;
    }
}
