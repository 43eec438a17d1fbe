package stockade.role;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.confine.Confinement;
import stockade.confine.TreeMounts;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.Processes.Reaped;
import stockade.linux.Signals;
import stockade.linux.Terminal;
import stockade.linux.UnixSocket;
import stockade.prison.Entrance;
import stockade.prison.Jail;
import stockade.prison.JailException;

/**
 * Pid 1 of a jail. It confines itself, then forks every command of the jail, takes in orphans, and ends
 * when no other process is left, unless it is to persist: with pid 1 the kernel ends all there is in its pid namespace.
 *
 * It speaks only with the warden: takes {@link Message.Tree}, {@link Message.Run}, {@link Message.Signal},
 * {@link Message.Persist} and {@link Message.Stop}; reports {@link Message.Confined}, {@link Message.Terminal},
 * {@link Message.Failed} and {@link Message.Exited}. It has no more power than the processes of the jail, and
 * needs none.
 */
final class Init {
    /** What a pipe takes without anybody reading it: the reason is read when its writer has ended. */
    private static final int MAX_REASON = 2048;

    /** How many are taken in before the warden is heard: a jail can make orphans faster than they are taken in. */
    private static final int MOST_AT_ONCE = 256;

    private final Jail jail;
    private final Descriptor warden;
    private final Descriptor children;
    private final List<Running> running = new ArrayList<>();
    private long stopAt = Long.MAX_VALUE;
    /** Whether to go on without any process to be init of. */
    private boolean persists;
    /** Whether there may be more to be taken in. */
    private boolean behind;
    /** Whether nothing of the jail's has ever run. */
    private boolean alone = true;

    /** A command whose process lives, with the pipe into which it says why exec failed, if it did. */
    private record Running(int command, int pid, Descriptor failure) {
    }

    private Init(Jail jail, Descriptor warden) {
        this.jail = jail;
        this.warden = warden;
        this.children = Signals.receive(Signals.SIGCHLD);
    }

    /** Is init until there is nothing left to be init of. Does not return. */
    static void run(Jail jail, Optional<Entrance> entrance, Descriptor warden, TreeMounts mounts) {
        int status = 1;
        try {
            entrance.ifPresent(Entrance::enter);
            Processes.newSession();
            var kept = new ArrayList<>(mounts.descriptors());
            kept.add(warden);
            Descriptor.closeAllBut(kept.toArray(Descriptor[]::new));
            Descriptor.standardToNull();
            Processes.setTitle("jail-init");
            confine(jail, warden, mounts);
            new Init(jail, warden).serve();
            status = 0;
        } catch (RuntimeException e) {
            UnixSocket.offer(warden, new Message.Failed(0, Failure.reason(e)).encode());
        }
        Processes.exit(status);
    }

    private static void confine(Jail jail, Descriptor warden, TreeMounts mounts) {
        var confinement = Confinement.prepare(jail, mounts.wanted());
        var tree = UnixSocket.receive(warden);
        if (tree == null) {
            throw new JailException("the warden died");
        }
        try (var listener = confinement.apply(jail, tree.descriptors().get(0), mounts)) {
            UnixSocket.send(warden, new Message.Confined().encode(), listener);
        }
    }

    private void serve() {
        boolean left = true;
        while (left) {
            var poll = new Poll().readable(warden).readable(children);
            long wait = stopAt == Long.MAX_VALUE ? -1 : Math.max(0, stopAt - Processes.monotonicMillis());
            poll.await(behind ? 0 : (int) wait);
            if (stopAt <= Processes.monotonicMillis()) {
                return;
            }
            if (behind || poll.isReady(children)) {
                Signals.next(children);
                left = reap();
            }
            if (left && poll.isReady(warden)) {
                left = obey(UnixSocket.receive(warden));
            }
        }
    }

    /** Carries out what the warden says. Returns whether to go on: without a warden there is no jail. */
    private boolean obey(UnixSocket.Received received) {
        if (received == null) {
            return false;
        }
        switch (Message.decode(received.content())) {
            case Message.Run(int command) -> {
                launch(command, received.descriptors());
                received.closeDescriptors();
            }
            case Message.Signal(int command, int signal) -> running.stream().filter(r -> r.command == command)
                    .forEach(r -> Signals.send(r.pid, signal));
            case Message.Persist(boolean on) -> {
                persists = on;
                if (!reap()) {
                    return false;
                }
                report(new Message.Persist(on));
            }
            case Message.Stop(int seconds) -> {
                if (seconds == 0) {
                    return false;
                }
                stopAt = Processes.monotonicMillis() + seconds * 1000L;
                persists = false;
                int everyOther = -1;
                Signals.send(everyOther, Signals.SIGTERM);
                return reap();
            }
            default -> throw new IllegalArgumentException("not for init");
        }
        return true;
    }

    private void launch(int number, List<Descriptor> descriptors) {
        try {
            if (descriptors.size() != 4) {
                throw new KernelException("receive", Errno.EMFILE);
            }
            var command = Command.parse(descriptors.get(0).readAll());
            var terminal = command.terminals().contains(true) ? Optional.of(Terminal.open())
                    : Optional.<Terminal.Pair>empty();
            try {
                terminal.ifPresent(pair -> UnixSocket.send(warden, new Message.Terminal(number).encode(), pair.master()));
                start(number, command, descriptors.subList(1, 4), terminal.map(Terminal.Pair::slave));
            } finally {
                terminal.ifPresent(pair -> {
                    pair.master().close();
                    pair.slave().close();
                });
            }
        } catch (KernelException e) {
            report(new Message.Failed(number, e.getMessage()));
        }
    }

    private void start(int number, Command command, List<Descriptor> stdio, Optional<Descriptor> terminal) {
        var failure = Descriptor.pipe();
        try {
            int pid = fork(() -> become(command, stdio, terminal, failure.writeEnd()));
            if (command.background()) {
                failure.readEnd().close();
                report(new Message.Exited(number, 0, false));
            } else {
                running.add(new Running(number, pid, failure.readEnd()));
            }
        } catch (KernelException e) {
            failure.readEnd().close();
            throw e;
        } finally {
            failure.writeEnd().close();
        }
    }

    /** The first command's process has nobody beside it who could stop it, and init with it, before it is the command. */
    private int fork(Runnable work) {
        if (alone) {
            alone = false;
            return Processes.forkToBecome(work);
        }
        int pid = Processes.fork();
        if (pid == 0) {
            work.run();
        }
        return pid;
    }

    private void become(Command command, List<Descriptor> stdio, Optional<Descriptor> terminal, Descriptor failure) {
        try {
            Launch.run(jail, command, stdio, terminal);
        } catch (RuntimeException e) {
            var reason = Failure.reason(e);
            (command.background() ? Descriptor.STDERR : failure).write(reason.substring(0, Math.min(reason.length(), MAX_REASON))
                    + (command.background() ? "\n" : ""));
        } finally {
            Processes.exit(1); // also if the reason can't be told: what comes behind is init's
        }
    }

    /** Takes in what has ended. Returns whether to go on. */
    private boolean reap() {
        var ended = new ArrayList<Processes.Ended>();
        for (int i = 0; i < MOST_AT_ONCE; i++) {
            switch (Processes.reap()) {
                case Reaped.One(Processes.Ended one) -> ended.add(one);
                case Reaped.NoneYet none -> {
                    behind = false;
                    reportEnds(ended, false);
                    return true;
                }
                case Reaped.NoChildren none -> {
                    behind = false;
                    reportEnds(ended, !persists);
                    return persists;
                }
            }
        }
        behind = true;
        reportEnds(ended, false);
        return true;
    }

    private void reportEnds(List<Processes.Ended> ended, boolean last) {
        for (var end : ended) {
            for (var command : List.copyOf(running)) {
                if (command.pid == end.pid()) {
                    var failure = Bytes.toString(command.failure.readAll());
                    command.failure.close();
                    running.remove(command);
                    report(failure.isEmpty() ? new Message.Exited(command.command, end.shellStatus(), last)
                            : new Message.Failed(command.command, failure));
                }
            }
        }
    }

    private void report(Message message) {
        UnixSocket.send(warden, message.encode());
    }
}
