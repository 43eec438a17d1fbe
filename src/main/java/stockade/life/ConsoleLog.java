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
        requireOutside(path, path, jail);
        try {
            var file = Files.open(path, Files.O_WRONLY | Files.O_CREAT | Files.O_APPEND | Files.O_NOFOLLOW | Files.O_NOCTTY
                    | Files.O_NONBLOCK, MODE);
            var real = Files.readLink("/proc/self/fd/" + file.number());
            if (!Files.stat(file).isRegular()) {
                file.close();
                throw new JailException("exec.consolelog: " + path + ": not a regular file");
            }
            requireOutside(path, real, jail);
            return new ConsoleLog(file);
        } catch (KernelException e) {
            throw new JailException("exec.consolelog: " + path + ": " + e.errno().text());
        }
    }

    private static void requireOutside(String path, String real, Jail jail) {
        if (!jail.path().equals("/") && real.startsWith(jail.path() + "/")) {
            throw new JailException("exec.consolelog: " + path + ": is within the jail");
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
