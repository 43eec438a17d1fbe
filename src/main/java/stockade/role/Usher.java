package stockade.role;

import java.util.List;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.prison.Jail;

/**
 * Answers a jail's socket(2) calls, in a process of its own: handing a descriptor in waits until the caller is
 * scheduled (SECCOMP_IOCTL_NOTIF_ADDFD), which the jail can put off, and the warden must not wait for a jail.
 * It is forked at the jail's first call, in the jail's cgroup, as the jail's root: to make a socket takes no
 * privilege, and the socket then is that user's and not the host's root's, whose ports it might otherwise
 * share (SO_REUSEPORT compares users).
 */
final class Usher {
    private Usher() {
    }

    /** Forks the usher. */
    static Processes.Child fork(Jail jail, Descriptor listener) {
        int warden = Processes.pid();
        int pid = Processes.fork();
        if (pid == 0) {
            try {
                serve(jail, listener, warden);
            } catch (RuntimeException e) {
                Processes.exit(1); // the warden sees it and ends the jail
            }
            Processes.exit(0);
        }
        return new Processes.Child(pid, Processes.pidfd(pid));
    }

    private static void serve(Jail jail, Descriptor listener, int warden) {
        Descriptor.closeAllBut(listener);
        Processes.setTitle("jail-usher");
        Credentials.become(jail.jid().rootUid(), jail.jid().rootUid(), List.of());
        Credentials.makeUndumpable();
        Credentials.dieWithParent();
        if (Processes.parentPid() != warden) {
            return;
        }
        var calls = new SocketCalls(listener, jail.address());
        while (true) {
            var poll = new Poll().readable(listener);
            poll.await(-1);
            if (poll.isOver(listener)) {
                return; // nobody is left to call
            }
            if (poll.isReady(listener)) {
                calls.answer();
            }
        }
    }
}
