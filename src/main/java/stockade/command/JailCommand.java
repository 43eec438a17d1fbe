package stockade.command;

import java.util.List;
import java.util.Optional;
import stockade.config.Configuration;
import stockade.config.ConfigurationException;
import stockade.life.Exhibition;
import stockade.life.Jails;
import stockade.life.Observer;
import stockade.life.OneJail;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.Printable;

/** jail(8): makes, changes and removes jails, those that a file declares or one that the command line describes. */
final class JailCommand {
    private JailCommand() {
    }

    static int run(List<String> words) {
        var flags = JailFlags.parse(words);
        try {
            if (flags.separator().isPresent()) {
                return exhibit(flags);
            }
            if (flags.isOldStyle()) {
                return makeOne(flags, Words.ofFourArguments(flags.settings(), flags.rest()));
            }
            if (flags.rest().stream().anyMatch(word -> word.contains("=")) || !flags.settings().isEmpty()) {
                flags.requireNoFile();
                return doToOne(flags, Words.of(flags.settings(), flags.rest()));
            }
            return doToDeclared(flags);
        } catch (ConfigurationException e) {
            e.errors().forEach(error -> Program.complain("jail: " + Printable.line(error) + "\n"));
            return 1;
        }
    }

    private static int exhibit(JailFlags flags) {
        var configuration = Configuration.read(flags.file());
        Descriptor.STDOUT.write(Exhibition.of(configuration, flags.rest(), flags.separator().get()));
        return 0;
    }

    private static int makeOne(JailFlags flags, Words words) {
        try (var file = new JidFile(flags.jidFile())) {
            Program.requireRoot("jail_set");
            return new OneJail(words.parameters(), flags.report(), flags.slots()).make(words.command(),
                    observer(flags, (jail, parameters) -> file.write(jail, words)));
        }
    }

    private static int doToOne(JailFlags flags, Words words) {
        Program.requireRoot(flags.remove() && !flags.modify() ? "jail_remove" : "jail_set");
        var one = new OneJail(words.parameters(), flags.report(), flags.slots());
        var running = one.running();
        if (running.isEmpty() && flags.create() && (flags.modify() || !flags.remove())) {
            return makeOne(flags, words);
        }
        if (!flags.modify() && !flags.remove()) {
            one.requireAbsent();
            return makeOne(flags, words);
        }
        if (!flags.modify() || flags.remove() && one.needsRestart()) {
            return one.remove() ? makeOne(flags, words) : 1;
        }
        one.modify(words.command().isPresent());
        return 0;
    }

    private static int doToDeclared(JailFlags flags) {
        boolean onlyRemove = flags.remove() && !flags.create() && !flags.modify();
        if (onlyRemove && flags.rest().isEmpty()) {
            throw new UsageException();
        }
        boolean declared = !flags.removeRunning()
                && (!onlyRemove || flags.isFileGiven() || Files.exists(flags.file()));
        try (var file = new JidFile(flags.jidFile())) {
            var jails = new Jails(flags.verbosity(), flags.slots(), observer(flags, file::write),
                    declared || flags.rest().size() > 1 || flags.verbosity() > 0);
            var configuration = declared ? Configuration.read(flags.file()) : new Configuration(List.of());
            Program.requireRoot(onlyRemove ? "jail_remove" : "jail_set");
            return jails.run(configuration, flags.request(), flags.rest(), declared) ? 0 : 1;
        }
    }

    /** Who is told of a jail that is made, before anything runs in it, if anybody is. */
    private static Optional<Observer> observer(JailFlags flags, Observer file) {
        return !flags.printJid() && flags.jidFile().isEmpty() ? Optional.empty() : Optional.of((jail, parameters) -> {
            if (flags.printJid()) {
                Descriptor.STDOUT.write(jail.jid() + "\n");
            }
            file.isUp(jail, parameters);
        });
    }
}
