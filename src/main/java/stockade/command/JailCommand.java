package stockade.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.UnixSocket;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailSpec;
import stockade.prison.Permission;
import stockade.prison.Registry;
import stockade.role.Command;
import stockade.role.Creation;
import stockade.role.Foreground;
import stockade.role.Message;
import stockade.role.Undertaker;
import stockade.tree.FirewallDirectory;

/** jail(8): makes a jail and runs its command, or changes or removes jails. */
final class JailCommand {
    /** FreeBSD's default of stop.timeout, in seconds. */
    private static final int STOP_TIMEOUT = 10;

    /** How long after it the warden has had its time to end the jail, in seconds. */
    private static final int STOP_PATIENCE = 3;

    /** What flags say of parameters, as name=value. */
    private final List<String> options = new ArrayList<>();
    /** What is done to jails: c, m, r, or 0 for the form of four arguments. */
    private char action;
    private boolean printJid;
    private boolean clean;
    private boolean quiet;
    private boolean verbose;
    private Optional<String> jidFile = Optional.empty();
    private Optional<String> hostUser = Optional.empty();
    private Optional<String> jailUser = Optional.empty();

    private JailCommand() {
    }

    static int run(List<String> words) {
        var command = new JailCommand();
        var rest = command.parse(words);
        return switch (command.action) {
            case 'c' -> command.createFromParameters(rest);
            case 'm' -> command.modify(rest);
            case 'r' -> command.removeAll(rest);
            default -> command.create(Parameters.ofFourArguments(command.options, rest));
        };
    }

    private List<String> parse(List<String> words) {
        var flags = new Options("jail", words, "cdiJ:lmn:qrs:u:U:v");
        for (char flag; (flag = flags.next()) != 0;) {
            switch (flag) {
                case 'c', 'm', 'r' -> {
                    if (action != 0 && action != flag) {
                        throw new UsageException();
                    }
                    action = flag;
                }
                case 'd' -> Program.complain(
                        "jail: the 'allow.dying' parameter and '-d' flag are deprecated and have no effect.\n");
                case 'i' -> {
                    printJid = true;
                    verbose = false;
                }
                case 'J' -> jidFile = Optional.of(flags.value());
                case 'l' -> clean = true;
                case 'n' -> options.add("name=" + flags.value());
                case 'q' -> {
                    quiet = true;
                    verbose = false;
                }
                case 's' -> options.add("securelevel=" + flags.value());
                case 'u' -> {
                    hostUser = Optional.of(flags.value());
                    jailUser = Optional.empty();
                }
                case 'U' -> {
                    jailUser = Optional.of(flags.value());
                    hostUser = Optional.empty();
                }
                case 'v' -> {
                    quiet = false;
                    verbose = true;
                }
                default -> throw new UsageException();
            }
        }
        return flags.rest();
    }

    private int createFromParameters(List<String> words) {
        if (words.stream().noneMatch(word -> word.contains("=")) && options.isEmpty()) {
            throw new UsageException();
        }
        return create(Parameters.of(options, words));
    }

    private int create(Parameters parameters) {
        var argv = parameters.command();
        try (var file = new JidFile(jidFile); var tree = openTree(parameters.path())) {
            var spec = parameters.spec(Files.readLink("/proc/self/fd/" + tree.number()));
            Program.requireRoot("jail_set");
            var user = Users.of(hostUser, jailUser);
            try (var directory = checked(tree, spec)) {
                int umask = Files.umask(077);
                var creation = Creation.of(spec, directory);
                return run(creation, new Command(argv, Processes.environment(), user, clean, Optional.empty(), umask,
                        Foreground.terminals()), file);
            }
        }
    }

    /** The tree that is to be used: the one that was looked at, if that is asked for. */
    private static Descriptor checked(Descriptor tree, JailSpec spec) {
        return spec.allow().getOrDefault(Permission.EXPOSED_PATH, false) ? tree.duplicate()
                : FirewallDirectory.require(spec.path(), tree);
    }

    private static Descriptor openTree(String path) {
        if (!path.startsWith("/")) {
            throw new JailException("path " + path + ": not an absolute pathname");
        }
        try {
            return Files.open(path, Files.O_PATH | Files.O_DIRECTORY);
        } catch (KernelException e) {
            throw new JailException("path " + path + ": " + e.errno().text());
        }
    }

    private int run(Creation creation, Command command, JidFile file) {
        if (verbose || printJid || jidFile.isPresent()) {
            creation.awaitUp(); // the jid is told before the command runs
            announce(creation.jail(), command);
            file.write(creation.jail(), command.argv());
        }
        try {
            var outcome = Foreground.run(creation.warden(), command);
            if (outcome.last()) {
                creation.awaitEnd();
                if (verbose) {
                    say("removed");
                }
            }
            return outcome.status();
        } catch (JailException e) {
            creation.undo();
            throw e;
        }
    }

    private void announce(Jail jail, Command command) {
        if (verbose) {
            say("jail_set(JAIL_CREATE) persist name=" + Quoting.quote(jail.name()) + " path="
                    + Quoting.quote(jail.path()) + " host.hostname=" + Quoting.quote(jail.hostname().text())
                    + (jail.ip6().addresses().isEmpty() || !jail.ip4().addresses().isEmpty()
                            ? " ip4.addr=" + Quoting.quote(jail.ip4().addressList()) : "")
                    + (jail.ip6().addresses().isEmpty() ? "" : " ip6.addr=" + jail.ip6().addressList()));
            say("created");
            say("run command in jail" + hostUser.or(() -> jailUser).map(user -> " as " + user).orElse("") + ": "
                    + String.join(" ", command.argv()));
        }
        if (printJid) {
            say(jail.jid().toString());
        }
    }

    private int modify(List<String> words) {
        var all = new ArrayList<>(options);
        all.addAll(words);
        if (all.stream().noneMatch(word -> word.contains("=")) || clean || hostUser.isPresent() || jailUser.isPresent()
                || jidFile.isPresent()) {
            throw new UsageException();
        }
        var modification = Modification.parse(all);
        Program.requireRoot("jail_set");
        modification.apply();
        if (verbose) {
            say("jail_set(JAIL_UPDATE) " + String.join(" ", words));
            say("updated");
        }
        return 0;
    }

    private int removeAll(List<String> jails) {
        if (jails.isEmpty() || printJid || clean || !options.isEmpty() || hostUser.isPresent() || jailUser.isPresent()
                || jails.stream().anyMatch(jail -> jail.contains("="))) {
            throw new UsageException();
        }
        Program.requireRoot("jail_remove");
        int status = 0;
        for (var jail : jails) {
            var found = Registry.find(jail);
            if (found.isPresent()) {
                remove(found.get());
                if (verbose || jails.size() > 1 && !quiet) {
                    say(found.get().name() + ": removed");
                }
            } else {
                Program.complain("jail: \"" + jail + "\" not found\n");
                status = 1;
            }
        }
        return status;
    }

    /** Has the warden end the jail, and returns when it is gone with all its traces. */
    private static void remove(Jail jail) {
        try (var warden = UnixSocket.connect(Registry.control(jail.jid()));
                var end = Processes.pidfd(UnixSocket.peer(warden).pid())) {
            UnixSocket.send(warden, new Message.Stop(STOP_TIMEOUT).encode());
            if (!new Poll().readable(end).await((STOP_TIMEOUT + STOP_PATIENCE) * 1000)) {
                Undertaker.kill(jail);
            }
            new Poll().readable(end).await(-1);
        }
        Undertaker.bury(jail);
    }

    private static void say(String line) {
        Descriptor.STDOUT.write(line + "\n");
    }
}
