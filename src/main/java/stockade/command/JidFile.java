package stockade.command;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import stockade.life.Parameters;
import stockade.life.Quoting;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.Jail;
import stockade.prison.JailException;

/**
 * The file that -J names: a line for each jail with its jid and what it was started with. It is opened before
 * anything is done, so that a jail is not started in vain, and written when the jail is up.
 */
final class JidFile implements AutoCloseable {
    private final Optional<Descriptor> file;

    JidFile(Optional<String> path) {
        file = path.map(JidFile::open);
    }

    private static Descriptor open(String path) {
        try {
            return Files.open(path, Files.O_WRONLY | Files.O_CREAT | Files.O_TRUNC | Files.O_APPEND, 0666);
        } catch (KernelException e) {
            throw new JailException("open " + e.getMessage());
        }
    }

    /** A jail that a command line describes. */
    void write(Jail jail, Words words) {
        if (words.fourArguments()) {
            append(jail.jid() + "\t" + Quoting.quote(jail.path()) + "\t" + Quoting.quote(jail.hostname().text()) + "\t"
                    + Quoting.quote(jail.addresses().stream().map(Object::toString).collect(Collectors.joining(",")))
                    + "\t" + words.command().orElse(List.of()).stream().map(Quoting::quote).collect(Collectors.joining(" ")));
        } else {
            append(words.parameters().format(jail) + words.command()
                    .map(argv -> " command=" + argv.stream().map(Quoting::quote).collect(Collectors.joining(" "))).orElse(""));
        }
    }

    /** A jail with its parameters. */
    void write(Jail jail, Parameters parameters) {
        append(parameters.format(jail));
    }

    private void append(String line) {
        file.ifPresent(f -> f.write(line + "\n"));
    }

    @Override
    public void close() {
        file.ifPresent(Descriptor::close);
    }
}
