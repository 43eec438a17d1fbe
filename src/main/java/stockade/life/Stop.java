package stockade.life;

import java.util.Optional;
import stockade.linux.UnixSocket;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Parameter;
import stockade.prison.Registry;
import stockade.role.Attachment;
import stockade.role.Message;
import stockade.role.Undertaker;

/**
 * Removes a jail, in the order of FreeBSD's jail(8): exec.prestop, exec.stop, the end of its processes within
 * stop.timeout, the jail with its mounts and addresses, exec.poststop, exec.release.
 */
final class Stop {
    /** How long after stop.timeout the warden has had its time to end the jail, in seconds. */
    private static final int PATIENCE = 3;

    private final Parameters parameters;
    private final Report report;
    private final Hooks hooks;

    Stop(Parameters parameters, Report report, Slots slots) {
        this.parameters = parameters;
        this.report = report;
        this.hooks = new Hooks(parameters, report, slots);
    }

    /**
     * Removes it. When it is gone nobody can come back for what is left to be done, so all of that is done, and what fails is said.
     *
     * @return whether nothing of that failed
     * @throws JailException if a command fails before: what comes behind it is not done
     */
    boolean run(Jail jail, boolean tell) {
        hooks.runOnHost(Parameter.EXEC_PRESTOP, Optional.of(jail));
        if (Registry.find(jail.jid().toString()).isPresent()) {
            hooks.runInJail(Parameter.EXEC_STOP, jail);
        }
        end(jail);
        boolean told = !tell || report.attempt(() -> report.result("removed"));
        boolean stopped = hooks.runAllOnHost(Parameter.EXEC_POSTSTOP, jail);
        boolean released = hooks.runAllOnHost(Parameter.EXEC_RELEASE, jail);
        return told && stopped && released;
    }

    /** Has the warden end the jail, and returns when it is gone with all its traces: also those of one that has ended by itself. */
    private void end(Jail jail) {
        int timeout = parameters.number(Parameter.STOP_TIMEOUT);
        try (var warden = Attachment.connect(jail); var end = Attachment.end(warden)) {
            UnixSocket.offer(warden, new Message.Stop(timeout).encode()); // one that has died needs not be told
            Undertaker.awaitEnd(end, (timeout + PATIENCE) * 1000, jail);
        } catch (JailException e) {
            Undertaker.end(jail); // there is nobody to be asked, or he does not hear
        }
        Undertaker.bury(jail);
    }
}
