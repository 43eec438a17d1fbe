package stockade.role;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.Signals;
import stockade.linux.Terminal;
import stockade.linux.UnixSocket;
import stockade.prison.JailException;

/**
 * Stands for one command of a jail outside of it: its signals are the command's, its terminal is relayed to
 * the command's own, its end is reported as the command's. What {@code jail} and {@code jexec} do.
 */
public final class Foreground {
    private static final int[] FORWARDED = {
        Signals.SIGHUP, Signals.SIGINT, Signals.SIGQUIT, Signals.SIGUSR1, Signals.SIGUSR2, Signals.SIGTERM,
        Signals.SIGTSTP, Signals.SIGCONT, Signals.SIGWINCH,
    };
    /** SIGCONT continues also those who ignore it; SIGWINCH is of the terminal. */
    private static final List<Integer> NEVER_IGNORED = List.of(Signals.SIGCONT, Signals.SIGWINCH);
    private static final int RELAY_SIZE = 16384;
    /** No less than a pseudo-terminal holds (drivers/tty/tty_buffer.c, TTYB_DEFAULT_MEM_LIMIT). */
    private static final int MOST_ON_ITS_WAY = 65536;

    private final Descriptor warden;
    private final List<Boolean> terminals;
    private final long blockedBefore = Signals.mask();
    private final Descriptor signals;
    private Relay relay;
    private boolean ended;

    private Foreground(Descriptor warden, List<Boolean> terminals) {
        this.warden = warden;
        this.terminals = terminals;
        // a signal that is blocked is received even if it is ignored
        this.signals = Signals.receive(Arrays.stream(FORWARDED)
                .filter(signal -> NEVER_IGNORED.contains(signal) || !Signals.isIgnored(signal)).toArray());
    }

    /** How a command ended, as a shell tells it. {@code last}: and the jail ended with it; {@code told}: or so it seems, unless it was told. */
    public record Outcome(int status, boolean last, boolean told) {
    }

    /** For stdin, stdout and stderr, whether it is a terminal. */
    public static List<Boolean> terminals() {
        return List.of(Terminal.isTerminal(Descriptor.STDIN), Terminal.isTerminal(Descriptor.STDOUT),
                Terminal.isTerminal(Descriptor.STDERR));
    }

    /**
     * Runs a command in the warden's jail and waits for its end.
     *
     * @throws JailException if it could not be started
     */
    public static Outcome run(Descriptor warden, Command command) {
        var names = List.of("stdin", "stdout", "stderr");
        var stdio = List.of(Descriptor.STDIN, Descriptor.STDOUT, Descriptor.STDERR);
        for (int i = 0; i < 3; i++) {
            if (Files.stat(stdio.get(i)).isDirectory()) {
                // a directory of the host is a way out of the jail
                throw new JailException(names.get(i) + ": Is a directory");
            }
            if (UnixSocket.isSocket(stdio.get(i))) {
                if (!UnixSocket.isTied(stdio.get(i))) {
                    // a socket of the host is of the host's network, and can be bound or connected anew
                    throw new JailException(names.get(i) + ": Is a socket that could be used for other connections");
                }
                UnixSocket.nameIfNone(stdio.get(i)); // or it could take a name that is a service's of the host
            }
        }
        try (var text = Files.inMemory("command", command.format())) {
            if (!UnixSocket.offer(warden, new Message.Run(0).encode(), text, stdio.get(0), stdio.get(1), stdio.get(2))
                    && !new Poll().readable(warden).await(0)) { // one that has died has said why, which is heard below
                throw new JailException("the warden does not take commands");
            }
        }
        var foreground = new Foreground(warden, command.terminals());
        try (var signals = foreground.signals) {
            var outcome = foreground.serveAndCloseRelay();
            if (!outcome.last()) { // or else nothing is to end this process before it has removed the jail's traces
                foreground.leaveSignals();
            }
            return outcome;
        }
    }

    /** Lets signals be this process's own again, but for those that have come for the command, too late. */
    private void leaveSignals() {
        while (Signals.next(signals) != 0) {
        }
        Signals.setMask(blockedBefore);
    }

    private Outcome serveAndCloseRelay() {
        try {
            return serve();
        } finally {
            if (relay != null) {
                relay.close();
            }
        }
    }

    private Outcome serve() {
        while (true) {
            var poll = new Poll().readable(warden).readable(signals);
            if (relay != null) {
                relay.prepare(poll);
            }
            poll.await(-1);
            if (relay != null) {
                relay.pass(poll);
            }
            if (poll.isReady(signals)) {
                forward(Signals.next(signals));
            }
            if (poll.isReady(warden)) {
                var outcome = hear(UnixSocket.receive(warden));
                if (outcome.isPresent()) {
                    return outcome.get();
                }
            }
        }
    }

    private Optional<Outcome> hear(UnixSocket.Received received) {
        if (received == null) {
            return Optional.of(new Outcome(128 + Signals.SIGKILL, true, ended)); // jail -r, or the warden was killed
        }
        switch (Message.decode(received.content())) {
            case Message.Terminal terminal when received.descriptors().size() == 1 && relay == null ->
                relay = new Relay(received.descriptors().get(0), terminals);
            case Message.Up up -> {
            }
            case Message.Ended message -> ended = true;
            case Message.Failed(int command, String reason) -> throw new JailException(reason);
            case Message.Exited(int command, int status, boolean last) -> {
                if (relay != null) {
                    relay.drain();
                }
                return Optional.of(new Outcome(status, last, true));
            }
            default -> throw new IllegalArgumentException("not for the foreground");
        }
        return Optional.empty();
    }

    private void forward(int signal) {
        if (signal == Signals.SIGWINCH) {
            if (relay != null) {
                relay.resize();
            }
        } else if (signal != 0) {
            UnixSocket.offer(warden, new Message.Signal(0, signal).encode());
            if (signal == Signals.SIGTSTP) {
                Signals.send(Processes.pid(), Signals.SIGSTOP);
            }
        }
    }

    /** Between the caller's terminal and the command's own: no descriptor of the caller's is in the jail. */
    private static final class Relay implements AutoCloseable {
        private final Descriptor master;
        private final boolean input;
        private final Descriptor output;
        private final Terminal.Settings before;
        private final byte[] typed = new byte[RELAY_SIZE];
        private int typedFrom;
        private int typedTo;
        private boolean open = true;

        Relay(Descriptor master, List<Boolean> terminals) {
            this.master = master;
            this.input = terminals.get(0);
            this.output = terminals.get(1) ? Descriptor.STDOUT
                    : terminals.get(2) ? Descriptor.STDERR : Descriptor.STDIN;
            Terminal.copyWindowSize(output, master);
            if (input) {
                before = Terminal.settings(Descriptor.STDIN);
                Terminal.makeRaw(Descriptor.STDIN);
            } else {
                before = null;
                Terminal.makeTransparent(master);
            }
        }

        void resize() {
            Terminal.copyWindowSize(output, master);
        }

        void prepare(Poll poll) {
            if (open) {
                poll.readable(master);
            }
            if (open && typedFrom < typedTo) {
                poll.writable(master);
            } else if (open && input) {
                poll.readable(Descriptor.STDIN);
            }
        }

        void pass(Poll poll) {
            if (input && poll.isReady(Descriptor.STDIN)) {
                typedFrom = 0;
                typedTo = readTyped();
                if (typedTo == 0) {
                    hangUp();
                    return;
                }
            }
            if (open && poll.isReady(master)) {
                if (typedFrom < typedTo) {
                    typedFrom += master.writeSome(typed, typedFrom, typedTo - typedFrom);
                }
                if (new Poll().readable(master).await(0)) {
                    open = show();
                }
            }
        }

        /** What was typed; 0 when the caller's terminal was hung up. */
        private int readTyped() {
            try {
                return Descriptor.STDIN.read(typed, 0, typed.length);
            } catch (KernelException e) {
                return 0;
            }
        }

        /** Hangs up the command's terminal as the caller's was: its processes get SIGHUP. */
        private void hangUp() {
            open = false;
            master.close();
        }

        /**
         * Shows what the command wrote. Returns whether there may be more: EIO is a terminal that nobody has open, EAGAIN
         * one that somebody has opened again.
         */
        private boolean show() {
            var shown = new byte[RELAY_SIZE];
            try {
                int n = master.read(shown, 0, shown.length);
                output.write(shown, 0, n);
                return n > 0;
            } catch (KernelException e) {
                if (e.errno() == Errno.EIO || e.errno() == Errno.EPIPE) {
                    return false;
                }
                if (e.errno() == Errno.EAGAIN) {
                    return true;
                }
                throw e;
            }
        }

        /** Shows what is still on its way when the command has ended; others may go on writing for ever. */
        void drain() {
            for (int i = 0; i < MOST_ON_ITS_WAY / RELAY_SIZE && open && new Poll().readable(master).await(0); i++) {
                open = show();
            }
        }

        @Override
        public void close() {
            if (before != null) {
                Terminal.apply(Descriptor.STDIN, before);
            }
            master.close();
        }
    }
}
