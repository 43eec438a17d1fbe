package stockade.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Files;
import stockade.linux.Processes;
import stockade.prison.Jid;
import stockade.prison.JailException;
import stockade.prison.Registry;
import stockade.role.Attachment;
import stockade.role.Command;
import stockade.role.Foreground;

/** jexec(8): runs a command in a jail that is there. */
final class JexecCommand {
    private JexecCommand() {
    }

    static int run(List<String> words) {
        boolean clean = false;
        var assignments = new ArrayList<String>();
        Optional<String> directory = Optional.empty();
        Optional<String> hostUser = Optional.empty();
        Optional<String> jailUser = Optional.empty();
        var options = new Options("jexec", words, "d:e:lu:U:");
        for (char option; (option = options.next()) != 0;) {
            switch (option) {
                case 'd' -> directory = Optional.of(options.value());
                case 'e' -> assignments.add(assignment(options.value()));
                case 'l' -> clean = true;
                case 'u' -> hostUser = Optional.of(options.value());
                default -> jailUser = Optional.of(options.value());
            }
        }
        var rest = options.rest();
        if (rest.isEmpty() || hostUser.isPresent() && jailUser.isPresent()) {
            throw new UsageException();
        }
        Program.requireRoot("jail_attach");
        var user = Users.of(hostUser, jailUser);
        var jail = Registry.find(rest.get(0)).orElseThrow(() -> notFound(rest.get(0)));
        int umask = Files.umask(077);
        var command = new Command(rest.subList(1, rest.size()), Processes.environment(), assignments, user, clean, directory, umask, false,
                Foreground.terminals());
        return Attachment.run(jail, command).status();
    }

    private static String assignment(String word) {
        if (word.indexOf('=') < 1) {
            throw new JailException("-e " + word + ": not NAME=value");
        }
        return word;
    }

    static JailException notFound(String jail) {
        return new JailException(Jid.isNumeric(jail) ? "jail " + jail + " not found" : "jail \"" + jail + "\" not found");
    }
}
