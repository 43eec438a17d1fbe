package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.Processes;
import stockade.prison.JailException;

/** A program of the host's that does a part of the work, found where a shell of root's finds it. */
record Tool(String path) {
    private static final int CHUNK = 1 << 16;

    static Optional<Tool> find(String name) {
        var search = Processes.environment().stream().filter(entry -> entry.startsWith("PATH="))
                .map(entry -> entry.substring("PATH=".length())).findFirst().orElse(Gathering.SEARCH);
        return Bytes.split(search, ':').stream().filter(directory -> directory.startsWith("/"))
                .map(directory -> directory + "/" + name).filter(Files::exists).findFirst().map(Tool::new);
    }

    /**
     * Runs it.
     *
     * @param prepare what its process does before
     * @param lines   takes what it writes to stdout, line by line, without the line's end
     * @throws JailException with the first line of its stderr, if it fails
     */
    void run(List<String> arguments, Runnable prepare, Consumer<String> lines) {
        try (var errors = Files.inMemory("errors", new byte[0])) {
            var ended = run(arguments, prepare, Optional.of(errors), lines);
            requireSuccess(ended, firstLine(Bytes.toString(errors.content())));
        }
    }

    /**
     * Runs it, and passes on what it says.
     *
     * @throws JailException with the last line that it has marked as an error, if it fails
     */
    void runAloud(List<String> arguments, Runnable prepare) {
        var errors = new ArrayList<String>();
        var ended = run(arguments, prepare, Optional.empty(), line -> {
            if (line.startsWith("E: ")) {
                errors.add(line.substring("E: ".length()));
            } else {
                Descriptor.STDERR.write(line + "\n");
            }
        });
        requireSuccess(ended, errors.isEmpty() ? Optional.empty() : Optional.of(errors.get(errors.size() - 1)));
    }

    /** @param errors where its stderr goes, if not where its stdout does */
    private Processes.Ended run(List<String> arguments, Runnable prepare, Optional<Descriptor> errors,
            Consumer<String> lines) {
        var argv = new ArrayList<>(List.of(path));
        argv.addAll(arguments);
        var output = Descriptor.pipe();
        try (var read = output.readEnd()) {
            var child = Processes.forkUnder(() -> {
                try (var nothing = Files.open("/dev/null", Files.O_RDONLY)) {
                    nothing.duplicateTo(0);
                }
                output.writeEnd().duplicateTo(1);
                errors.orElse(Descriptor.STDOUT).duplicateTo(2);
                prepare.run();
                return Processes.exec(path, argv, Processes.environment());
            });
            output.writeEnd().close();
            readLines(read, lines);
            return Processes.await(child);
        }
    }

    private void requireSuccess(Processes.Ended ended, Optional<String> reason) {
        if (ended.shellStatus() != 0) {
            throw new JailException(reason.map(words -> words.startsWith(path + ": ") ? words.substring(path.length() + 2)
                    : words).orElse(Path.name(path) + " failed with status " + ended.shellStatus()));
        }
    }

    private static void readLines(Descriptor output, Consumer<String> lines) {
        var chunk = new byte[CHUNK];
        var line = new StringBuilder();
        for (int n; (n = output.read(chunk, 0, CHUNK)) > 0;) {
            for (int i = 0; i < n; i++) {
                if (chunk[i] == '\n') {
                    lines.accept(line.toString());
                    line.setLength(0);
                } else {
                    line.append((char) (chunk[i] & 0xff));
                }
            }
        }
        if (!line.isEmpty()) {
            lines.accept(line.toString());
        }
    }

    /** The first that is no more than a warning of tar's. */
    private static Optional<String> firstLine(String text) {
        return Bytes.split(text, '\n').stream().filter(line -> !line.isEmpty() && line.indexOf(": Removing leading `") < 0)
                .findFirst();
    }
}
