package stockade.command;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.Jail;
import stockade.prison.JailException;

/**
 * The file that -J names: one line with the jail's jid and what it was started with. It is opened before
 * anything is done, so that a jail is not started in vain, and written when the jail is up.
 */
final class JidFile implements AutoCloseable {
    private final Optional<Descriptor> file;

    JidFile(Optional<String> path) {
        file = path.map(JidFile::open);
    }

    private static Descriptor open(String path) {
        try {
            return Files.open(path, Files.O_WRONLY | Files.O_CREAT | Files.O_TRUNC, 0666);
        } catch (KernelException e) {
            throw new JailException("open " + e.getMessage());
        }
    }

    void write(Jail jail, List<String> argv) {
        file.ifPresent(f -> f.write(jail.jid() + "\t" + Quoting.quote(jail.path()) + "\t"
                + Quoting.quote(jail.hostname().text()) + "\t"
                + Quoting.quote(jail.addresses().stream().map(Object::toString).collect(Collectors.joining(",")))
                + "\t" + argv.stream().map(Quoting::quote).collect(Collectors.joining(" ")) + "\n"));
    }

    @Override
    public void close() {
        file.ifPresent(Descriptor::close);
    }
}
