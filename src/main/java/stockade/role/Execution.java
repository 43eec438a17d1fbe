package stockade.role;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.Processes;
import stockade.prison.JailException;
import stockade.tree.Requirements;

/**
 * execvp(3) in a tree: along PATH if the name has no slash, and a file without a known format is a shell script.
 *
 * @param root   where the tree is on the host
 * @param prefix what stands before the program's name in an error
 */
public record Execution(String root, String prefix) {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /**
     * Becomes the program, or if none is named the user's shell.
     *
     * @throws JailException always: why it did not become it
     */
    public void run(List<String> words, List<String> environment) {
        var argv = words.isEmpty()
                ? List.of(get(environment, "SHELL").filter(s -> !s.isEmpty()).orElse("/bin/sh"), "-i")
                : words;
        var program = argv.get(0);
        var libraryPath = get(environment, "LD_LIBRARY_PATH").orElse("");
        var failure = Errno.ENOENT;
        for (var directory : program.isEmpty() ? List.<String>of() : program.contains("/") ? List.of("")
                : Bytes.split(get(environment, "PATH").orElse(DEFAULT_PATH), ':')) {
            var path = program.contains("/") ? program : (directory.isEmpty() ? "." : directory) + "/" + program;
            requireParts(path, libraryPath);
            var errno = Processes.exec(path, argv, environment);
            if (errno == Errno.ENOEXEC) {
                var script = new ArrayList<>(List.of("/bin/sh", path));
                script.addAll(argv.subList(1, argv.size()));
                errno = Processes.exec("/bin/sh", script, environment);
            }
            boolean searchOn = errno == Errno.EACCES || errno == Errno.ENOENT || errno == Errno.ENOTDIR;
            if (program.contains("/") || !searchOn) {
                failure = errno;
                break;
            }
            failure = errno == Errno.EACCES ? errno : failure;
        }
        throw new JailException(prefix + program + ": " + failure.text());
    }

    private void requireParts(String path, String libraryPath) {
        Requirements.firstMissing(path, libraryPath).ifPresent(missing -> {
            throw new JailException(prefix + path + ": needs " + missing + ", which is not under " + root
                    + " (mkjail adds it)");
        });
    }

    private static Optional<String> get(List<String> environment, String name) {
        var key = name + "=";
        return environment.stream().filter(entry -> entry.startsWith(key)).findFirst().map(entry -> entry.substring(key.length()));
    }
}
