package stockade.role;

import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.UnixSocket;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Registry;

/** Runs a command in a jail that is there. */
public final class Attachment {
    /** How long the warden may take to end with the jail, in milliseconds. */
    private static final int PATIENCE = 3000;

    static final String ENDED = "the jail has ended";
    static final String SILENT = "the warden does not answer";

    private Attachment() {
    }

    /**
     * A socket to a jail's warden.
     *
     * @throws JailException if the jail has ended since it was found, or its warden is not there for so many others already
     */
    public static Descriptor connect(Jail jail) {
        try {
            return UnixSocket.connect(Registry.control(jail.jid()));
        } catch (KernelException e) {
            throw switch (e.errno()) {
                case ENOENT, ECONNREFUSED -> new JailException(ENDED);
                case EAGAIN -> new JailException(SILENT);
                default -> e;
            };
        }
    }

    /** The pidfd of the warden at the other end. */
    public static Descriptor end(Descriptor warden) {
        try {
            return Processes.pidfd(UnixSocket.peer(warden).pid());
        } catch (KernelException e) {
            throw e.errno() == Errno.ESRCH ? new JailException(ENDED) : e;
        }
    }

    /**
     * Returns when the command has ended and, if the jail ended with it, all its traces are gone.
     *
     * @throws JailException if it could not be started
     */
    public static Foreground.Outcome run(Jail jail, Command command) {
        try (var warden = connect(jail); var end = end(warden)) {
            var outcome = Foreground.run(warden, command);
            if (outcome.last()) {
                if (!outcome.told() && !new Poll().readable(end).await(PATIENCE)) {
                    throw new JailException("the warden has hung up");
                }
                Undertaker.buryAfter(end, PATIENCE, jail);
            }
            return outcome;
        }
    }
}
