package stockade.life;

import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Parameter;

/** The file to which the output of commands in a jail is appended (exec.consolelog). */
final class ConsoleLog {
    private static final int MODE = 0600;

    private final Descriptor file;

    private ConsoleLog(Descriptor file) {
        this.file = file;
    }

    /** @throws JailException if it can't be written to, or is within the jail, whose links would lead anywhere */
    static Optional<ConsoleLog> of(Parameters parameters, Jail jail) {
        return parameters.text(Parameter.EXEC_CONSOLELOG).filter(path -> !path.isEmpty()).map(path -> open(path, jail));
    }

    private static ConsoleLog open(String path, Jail jail) {
        if (!path.startsWith("/")) {
            throw new JailException("exec.consolelog: " + path + ": not an absolute pathname");
        }
        int name = path.lastIndexOf('/') + 1;
        try (var directory = directory(path.substring(0, Math.max(1, name - 1)), jail)) {
            var file = Files.open(directory, path.substring(name), Files.O_WRONLY | Files.O_CREAT | Files.O_APPEND
                    | Files.O_NOFOLLOW | Files.O_NOCTTY | Files.O_NONBLOCK, MODE);
            if (!Files.stat(file).isRegular()) {
                file.close();
                throw new JailException("exec.consolelog: " + path + ": not a regular file");
            }
            return new ConsoleLog(file);
        } catch (KernelException e) {
            throw new JailException("exec.consolelog: " + path + ": " + e.errno().text());
        }
    }

    private static Descriptor directory(String path, Jail jail) {
        try {
            return HostPath.open(path, jail.path());
        } catch (JailException e) {
            throw new JailException("exec.consolelog: " + e.getMessage());
        }
    }

    /** Has this process write there instead of to stdout and stderr. */
    void takeOutput() {
        file.duplicateTo(1);
        file.duplicateTo(2);
    }

    void close() {
        file.close();
    }
}
