package stockade.command;

import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.UnixSocket;
import stockade.network.Inet4;
import stockade.prison.Hostname;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailName;
import stockade.prison.JailSpec;
import stockade.prison.Jid;
import stockade.prison.Registry;
import stockade.role.Command;
import stockade.role.Creation;
import stockade.role.Foreground;
import stockade.role.Message;
import stockade.role.Undertaker;

/** jail(8): makes a jail and runs its command, or removes jails. */
final class JailCommand {
    /** FreeBSD's default of stop.timeout, in seconds. */
    private static final int STOP_TIMEOUT = 10;

    /** How long after it the warden has had its time to end the jail, in seconds. */
    private static final int STOP_PATIENCE = 3;

    private boolean modify;
    private boolean remove;
    private boolean printJid;
    private boolean clean;
    private boolean quiet;
    private boolean verbose;
    private Optional<String> jidFile = Optional.empty();
    private Optional<String> name = Optional.empty();
    private int securelevel = -1;
    private Optional<String> hostUser = Optional.empty();
    private Optional<String> jailUser = Optional.empty();

    private JailCommand() {
    }

    static int run(List<String> words) {
        var command = new JailCommand();
        var rest = command.parse(words);
        if (command.modify && command.remove) {
            throw new UsageException();
        }
        return command.modify ? command.modify(rest) : command.remove ? command.removeAll(rest) : command.create(rest);
    }

    private List<String> parse(List<String> words) {
        var options = new Options("jail", words, "diJ:lmn:qrs:u:U:v");
        for (char option; (option = options.next()) != 0;) {
            switch (option) {
                case 'd' -> Program.complain(
                        "jail: the 'allow.dying' parameter and '-d' flag are deprecated and have no effect.\n");
                case 'i' -> {
                    printJid = true;
                    verbose = false;
                }
                case 'J' -> jidFile = Optional.of(options.value());
                case 'l' -> clean = true;
                case 'm' -> modify = true;
                case 'n' -> {
                    if (name.isPresent()) {
                        throw new JailException("cannot redefine parameter \"name\".");
                    }
                    name = Optional.of(options.value());
                }
                case 'q' -> {
                    quiet = true;
                    verbose = false;
                }
                case 'r' -> remove = true;
                case 's' -> securelevel = parseSecurelevel(options.value());
                case 'u' -> {
                    hostUser = Optional.of(options.value());
                    jailUser = Optional.empty();
                }
                case 'U' -> {
                    jailUser = Optional.of(options.value());
                    hostUser = Optional.empty();
                }
                case 'v' -> {
                    quiet = false;
                    verbose = true;
                }
                default -> throw new UsageException();
            }
        }
        return options.rest();
    }

    /**
     * What a securelevel of 1 to 3 forbids (security(7)) no jail here may do in the first place: clear
     * immutable flags, load modules, write to disks or kernel memory, mount, set the clock, change firewalls.
     */
    private static int parseSecurelevel(String text) {
        try {
            int level = Bytes.decimal(text);
            if (level >= -1 && level <= 3) {
                return level;
            }
            throw new JailException("securelevel: " + text + ": not between -1 and 3");
        } catch (NumberFormatException e) {
            throw new JailException("securelevel: non-integer value \"" + text + "\"");
        }
    }

    private int create(List<String> words) {
        if (words.size() < 4 || !words.get(0).startsWith("/")) {
            throw new UsageException();
        }
        var path = words.get(0);
        var argv = words.subList(3, words.size());
        try (var file = new JidFile(jidFile); var directory = openTree(path)) {
            var spec = new JailSpec(jid(), name(), Files.readLink("/proc/self/fd/" + directory.number()),
                    new Hostname(words.get(1)), address(words.get(2)), securelevel);
            Program.requireRoot("jail_set");
            var user = Users.of(hostUser, jailUser);
            int umask = Files.umask(077);
            var creation = Creation.of(spec, directory);
            return run(creation, new Command(argv, Processes.environment(), user, clean, Optional.empty(), umask,
                    Foreground.terminals()), file);
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
                    + " ip4.addr=" + jail.address().map(Inet4::toString).orElse("\"\""));
            say("created");
            say("run command in jail" + hostUser.or(() -> jailUser).map(user -> " as " + user).orElse("") + ": "
                    + String.join(" ", command.argv()));
        }
        if (printJid) {
            say(jail.jid().toString());
        }
    }

    private static Descriptor openTree(String path) {
        try {
            return Files.open(path, Files.O_PATH | Files.O_DIRECTORY);
        } catch (KernelException e) {
            throw new JailException("path " + path + ": " + e.errno().text());
        }
    }

    /** A numeric name asks for that jid, as with FreeBSD's jail_set(2). */
    private Optional<Jid> jid() {
        return name.filter(Jid::isNumeric).filter(n -> !n.startsWith("0")).map(n -> new Jid(Bytes.decimal(n)));
    }

    private Optional<JailName> name() {
        return jid().isPresent() ? Optional.empty() : name.map(JailName::new);
    }

    private static Optional<Inet4> address(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.contains(",")) {
            throw new JailException("ip4.addr: only one address: " + text);
        }
        try {
            return Optional.of(Inet4.parse(text));
        } catch (IllegalArgumentException e) {
            throw new JailException("ip4.addr: " + e.getMessage());
        }
    }

    private int modify(List<String> words) {
        if (name.isEmpty() && words.stream().noneMatch(word -> word.contains("=")) || clean || hostUser.isPresent() || jailUser.isPresent()
                || jidFile.isPresent()) {
            throw new UsageException();
        }
        var modification = Modification.parse(name.map(n -> "name=" + n), words);
        Program.requireRoot("jail_set");
        modification.apply();
        if (verbose) {
            say("jail_set(JAIL_UPDATE) " + String.join(" ", words));
            say("updated");
        }
        return 0;
    }

    private int removeAll(List<String> jails) {
        if (jails.isEmpty() || printJid || clean || name.isPresent() || hostUser.isPresent() || jailUser.isPresent()
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
        Undertaker.buryDead();
    }

    private static void say(String line) {
        Descriptor.STDOUT.write(line + "\n");
    }
}
