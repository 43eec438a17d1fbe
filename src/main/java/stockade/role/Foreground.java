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
    /** What ends the input when it is typed at a line's start, and a line without its end elsewhere: Control-D. */
    private static final byte END_OF_INPUT = 4;
    /** How long after the last output a program that has asked for a password may take to have it not shown, in milliseconds. */
    private static final int AFTER_PROMPT = 100;
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
            poll.await(relay != null ? relay.patience() : -1);
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

    /**
     * Between the caller's terminal and the command's own: no descriptor of the caller's is in the jail.
     *
     * The caller's is raw, so that the command's own does with what is typed whatever the command wants. In a pipeline it is
     * other programs' as well: there it is left as it is, and its lines are passed on, unless the command wants keys, or
     * something not shown; and keys are not read if others want them.
     */
    private static final class Relay implements AutoCloseable {
        private final Descriptor master;
        private final boolean shared;
        private final Descriptor output;
        private boolean input;
        /** Of the caller's terminal, while it is raw. */
        private Terminal.Settings before;
        /** Whether the command's terminal has been told not to echo, as the caller's does. */
        private boolean quiet;
        /** Whether the command has just written something. */
        private boolean wrote;
        private final byte[] typed = new byte[RELAY_SIZE + 1];
        private int typedFrom;
        private int typedTo;
        private boolean open = true;

        Relay(Descriptor master, List<Boolean> terminals) {
            this.master = master;
            this.input = terminals.get(0);
            this.shared = input && Files.stat(Descriptor.STDOUT).isPipe();
            this.output = terminals.get(1) ? Descriptor.STDOUT
                    : terminals.get(2) ? Descriptor.STDERR : Descriptor.STDIN;
            Terminal.copyWindowSize(output, master);
            if (!input) {
                Terminal.makeTransparent(master);
            } else if (!shared) {
                makeRaw();
            }
        }

        private void makeRaw() {
            before = Terminal.settings(Descriptor.STDIN);
            Terminal.makeRaw(Descriptor.STDIN);
        }

        private void restore() {
            Terminal.apply(Descriptor.STDIN, before);
            before = null;
        }

        /** How long to wait for something to pass, in milliseconds. */
        int patience() {
            return shared && wrote ? AFTER_PROMPT : -1;
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
                typedTo = 0;
                if (!readTyped()) {
                    hangUp();
                    return;
                }
            }
            wrote = false;
            if (open && poll.isReady(master)) {
                if (typedFrom < typedTo) {
                    typedFrom += master.writeSome(typed, typedFrom, typedTo - typedFrom);
                }
                if (new Poll().readable(master).await(0)) {
                    wrote = true;
                    open = show();
                }
            }
            if (open && shared) {
                follow();
            }
        }

        /** Takes what was typed. Returns false when the caller's terminal was hung up. */
        private boolean readTyped() {
            try {
                if (before == null && !Terminal.givesLines(Descriptor.STDIN)) {
                    input = false; // the keys are for another of the pipeline
                    return true;
                }
                if (shared && !new Poll().readable(Descriptor.STDIN).await(0)) {
                    return true; // another has read it
                }
                typedTo = Descriptor.STDIN.read(typed, 0, RELAY_SIZE);
                if (before == null) {
                    finishLine();
                }
                return typedTo > 0;
            } catch (KernelException e) {
                return false;
            }
        }

        /** Has the command's terminal do with what was typed as the caller's has done. */
        private void finishLine() {
            if (!quiet) {
                Terminal.makeTransparent(master);
                quiet = true;
            }
            if (typedTo == 0 || typed[typedTo - 1] != '\n') {
                typed[typedTo++] = END_OF_INPUT;
            }
        }

        /** Has the caller's terminal raw only as long as the command wants keys, or something that is not shown. */
        private void follow() {
            try {
                boolean wanted = !Terminal.givesLines(master) || !quiet && !Terminal.echoes(master);
                if (wanted && before == null && Terminal.givesLines(Descriptor.STDIN)) {
                    makeRaw();
                } else if (!wanted && before != null) {
                    restore();
                }
            } catch (KernelException e) {
                // the caller's terminal was hung up, as is found when it is read
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
            int n;
            try {
                n = master.read(shown, 0, shown.length);
            } catch (KernelException e) {
                if (e.errno() == Errno.EIO || e.errno() == Errno.EAGAIN) {
                    return e.errno() == Errno.EAGAIN;
                }
                throw e;
            }
            try {
                output.write(shown, 0, n);
            } catch (KernelException e) {
                hangUp();
            }
            return open && n > 0;
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
                restore();
            }
            master.close();
        }
    }
}
