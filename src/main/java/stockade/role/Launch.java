package stockade.role;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Processes;
import stockade.linux.Signals;
import stockade.linux.Terminal;
import stockade.prison.Jail;
import stockade.prison.JailException;

/** The last steps of a command's process between init's fork and exec, all of them already confined. */
final class Launch {
    private static final String CLEAN_PATH = "PATH=/bin:/usr/bin";

    private Launch() {
    }

    /**
     * Becomes the command. Returns only by an exception.
     *
     * @param stdio    what the caller gave as stdin, stdout and stderr
     * @param terminal the slave of the command's own terminal, if it is to have one
     */
    static void run(Jail jail, Command command, List<Descriptor> stdio, Optional<Descriptor> terminal) {
        if (command.terminals().get(0)) {
            Processes.newSession(); // to be controlled by the terminal, below
        } else {
            // no session: its leader with pid 1 as its parent is what sshd takes for a daemon already
            Processes.newGroup();
        }
        for (int i = 0; i < 3; i++) {
            (command.terminals().get(i) ? terminal.orElseThrow() : stdio.get(i)).duplicateTo(i);
        }
        if (command.terminals().get(0)) {
            Terminal.makeControlling(Descriptor.STDIN);
        }
        Files.umask(command.umask());
        var environment = environment(command);
        Signals.resetActions();
        Signals.unblockAll();
        new Execution(jail.path(), "exec ").run(command.argv(), environment);
    }

    /** Becomes the user, goes to the directory and returns the environment (FreeBSD's usr.sbin/jail/command.c). */
    private static List<String> environment(Command command) {
        var environment = new ArrayList<String>(command.environment());
        var account = account(command);
        if (command.clean()) {
            environment.removeIf(entry -> !entry.startsWith("TERM="));
            environment.add(CLEAN_PATH);
        }
        if (account.isPresent()) {
            var user = account.get();
            Credentials.become(user.uid(), user.gid(), user.groups());
            Credentials.makeUndumpable(); // until exec; the change of user has put fs.suid_dumpable in place of it
            set(environment, "USER", user.name());
            set(environment, "HOME", user.home());
            set(environment, "SHELL", user.shell());
        }
        var directory = command.directory().or(() -> account.filter(user -> command.clean()).map(Account::home));
        directory.ifPresent(path -> {
            try {
                Files.changeDirectory(path);
            } catch (KernelException e) {
                throw new JailException("chdir " + path + ": " + e.errno().text());
            }
        });
        command.assignments().forEach(entry -> set(environment, entry.substring(0, entry.indexOf('=')),
                entry.substring(entry.indexOf('=') + 1)));
        return environment;
    }

    private static Optional<Account> account(Command command) {
        return switch (command.user()) {
            case Command.User.OfHost(Account account) -> Optional.of(account);
            case Command.User.OfJail(String name) -> Optional.of(Account.find(name)
                    .orElseThrow(() -> new JailException(name + ": no such user")));
            case Command.User.Root root -> command.clean()
                    ? Optional.of(Account.find("root").orElse(new Account("root", 0, 0, List.of(0), "/", "/bin/sh")))
                    : Optional.empty();
        };
    }

    private static void set(List<String> environment, String name, String value) {
        environment.removeIf(entry -> entry.startsWith(name + "="));
        environment.add(name + "=" + value);
    }
}
