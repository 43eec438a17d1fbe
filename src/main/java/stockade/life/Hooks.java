package stockade.life;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.Signals;
import stockade.linux.Terminal;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Parameter;
import stockade.role.Account;
import stockade.role.Attachment;
import stockade.role.Command;
import stockade.role.Execution;
import stockade.role.Failure;
import stockade.role.Foreground;

/**
 * The commands that a jail's parameters have run on the host and in the jail. Each is waited for, and has to end with
 * status 0 within exec.timeout, unless it ends in an ampersand.
 */
final class Hooks {
    private static final String CLEAN_PATH = "PATH=/bin:/usr/bin";

    private final Parameters parameters;
    private final Report report;
    private final Slots slots;

    Hooks(Parameters parameters, Report report, Slots slots) {
        this.parameters = parameters;
        this.report = report;
        this.slots = slots;
    }

    /**
     * Runs the commands of a parameter on the host.
     *
     * @param jail if it is there
     * @throws JailException if one fails
     */
    void runOnHost(Parameter parameter, Optional<Jail> jail) {
        parameters.commands(parameter).forEach(text -> runOnHost(text, jail));
    }

    /** As {@link #runOnHost}, but goes on when one fails, which is said. Returns whether none did. */
    boolean runAllOnHost(Parameter parameter, Jail jail) {
        boolean all = true;
        for (var text : parameters.commands(parameter)) {
            all &= report.attempt(() -> runOnHost(text, Optional.of(jail)));
        }
        return all;
    }

    private void runOnHost(String text, Optional<Jail> jail) {
        var user = parameters.text(Parameter.EXEC_SYSTEM_USER);
        run(text, "", user, command -> {
            if (command.background()) {
                if (Processes.fork() > 0) {
                    return 0;
                }
                Processes.newSession();
            }
            var account = account(user);
            var environment = environment(account, jail);
            account.filter(a -> user.isPresent()).ifPresent(a -> Credentials.become(a.uid(), a.gid(), a.groups()));
            account.filter(a -> isClean()).ifPresent(a -> Files.changeDirectory(a.home()));
            Signals.resetActions();
            Signals.unblockAll();
            new Execution("/", "exec ").run(command.argv(), environment);
            return 1;
        });
    }

    /** Runs the commands of a parameter in the jail. @throws JailException if one fails */
    void runInJail(Parameter parameter, Jail jail) {
        var user = parameters.text(Parameter.EXEC_JAIL_USER);
        var log = ConsoleLog.of(parameters, jail);
        try {
            for (var text : parameters.commands(parameter)) {
                run(text, " in jail", user, command -> {
                    log.ifPresent(ConsoleLog::takeOutput);
                    keepInput(parameter == Parameter.COMMAND, command.background());
                    return Attachment.run(jail, command(command.argv(), command.background())).status();
                });
            }
        } finally {
            log.ifPresent(ConsoleLog::close);
        }
    }

    /** Only the command gets the input; and a terminal is of no use to what goes on when nobody relays it. */
    private static void keepInput(boolean input, boolean background) {
        var terminals = Foreground.terminals();
        try (var nothing = Files.open("/dev/null", Files.O_RDWR)) {
            for (int i = 0; i < terminals.size(); i++) {
                if (i == 0 && !input || background && terminals.get(i)) {
                    nothing.duplicateTo(i);
                }
            }
        }
    }

    /** A command for the jail, for the user and in the environment that the parameters say. */
    Command command(List<String> argv, boolean background) {
        int umask = Files.umask(077);
        Files.umask(umask);
        return new Command(argv, Processes.environment(), List.of(), user(), isClean(), Optional.empty(), umask,
                background, Foreground.terminals());
    }

    private Command.User user() {
        return parameters.text(Parameter.EXEC_JAIL_USER).map(name -> parameters.is(Parameter.EXEC_SYSTEM_JAIL_USER)
                ? new Command.User.OfHost(find(name)) : new Command.User.OfJail(name))
                .orElse(new Command.User.Root());
    }

    private boolean isClean() {
        return parameters.is(Parameter.EXEC_CLEAN);
    }

    /** Whose environment a command on the host has: nobody's in particular unless that is asked for. */
    private Optional<Account> account(Optional<String> user) {
        return user.isPresent() || isClean() ? Optional.of(find(user.orElse("root"))) : Optional.empty();
    }

    private static Account find(String user) {
        return Account.find(user).orElseThrow(() -> new JailException(user + ": no such user"));
    }

    private List<String> environment(Optional<Account> account, Optional<Jail> jail) {
        var environment = new Environment(Processes.environment());
        if (isClean()) {
            environment.clear();
            environment.set(CLEAN_PATH);
        }
        account.ifPresent(user -> environment.setUser(user.name(), user.home(), user.shell()));
        jail.ifPresent(there -> environment.set("JID=" + there.jid()));
        environment.set("JNAME=" + jail.map(Jail::name).or(report::jail).or(() -> parameters.text(Parameter.NAME)).orElse(""));
        environment.set("JPATH=" + parameters.path());
        return environment.entries();
    }

    /** What a child does. Its status is the command's. */
    private interface Work {
        int run(CommandLine command);
    }

    private void run(String text, String where, Optional<String> user, Work work) {
        var command = CommandLine.parse(text);
        if (command.argv().isEmpty()) {
            return;
        }
        var terminal = Terminal.isTerminal(Descriptor.STDIN) ? Optional.of(Terminal.settings(Descriptor.STDIN))
                : Optional.<Terminal.Settings>empty();
        report.step("run command" + where + user.map(name -> " as " + name).orElse("") + ": " + command);
        slots.take();
        try {
            await(command, start(command, where.isEmpty(), work), where.isEmpty(), terminal);
        } finally {
            slots.giveBack();
        }
    }

    /** @param group whether it is to be ended with all that it started; who relays a jail's terminal has to stay in the foreground */
    private Processes.Child start(CommandLine command, boolean group, Work work) {
        int parent = Processes.pid();
        var child = Processes.forkHeld();
        if (child.isSelf()) {
            if (!group) {
                Credentials.dieWithParent(); // and so the jail, which is not left half made
                if (Processes.parentPid() != parent) {
                    Processes.exit(1);
                }
            }
            if (group && parameters.number(Parameter.EXEC_TIMEOUT) > 0) {
                Processes.newGroup();
            }
            become(command, work);
        }
        return child;
    }

    private void become(CommandLine command, Work work) {
        try {
            Processes.exit(work.run(command));
        } catch (RuntimeException e) {
            report.warn(Failure.reason(e));
        }
        Processes.exit(1);
    }

    /**
     * @param onHost   whether the child is the command: else it ends with the status that the jail gives, as a shell does
     * @param terminal what a child that is killed may leave changed
     */
    private void await(CommandLine command, Processes.Child child, boolean onHost, Optional<Terminal.Settings> terminal) {
        int timeout = parameters.number(Parameter.EXEC_TIMEOUT);
        boolean ended = false;
        Processes.Ended end;
        try {
            ended = new Poll().readable(child.pidfd()).await(timeout > 0 ? timeout * 1000 : -1);
        } finally {
            if (!ended) {
                Signals.send(onHost ? -child.pid() : child.pid(), Signals.SIGKILL);
            }
            end = Processes.await(child);
            child.pidfd().close();
        }
        if (!ended) {
            terminal.ifPresent(settings -> Terminal.apply(Descriptor.STDIN, settings));
            throw new JailException(command + ": timed out");
        }
        if (end.status() != 0) {
            int signal = onHost ? end.signal() : signal(end.shellStatus());
            throw new JailException(command + (signal > 0 ? ": exited on signal " + signal : ": failed"));
        }
    }

    /** What a shell's status says of a signal, or 0. */
    private static int signal(int status) {
        return status > 128 && status <= 128 + Signals.SIGRTMAX ? status - 128 : 0;
    }
}
