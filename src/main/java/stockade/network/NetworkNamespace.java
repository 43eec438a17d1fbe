package stockade.network;

import java.util.function.Supplier;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.Processes;

/** A network namespace, held open. */
record NetworkNamespace(Descriptor file) implements AutoCloseable {
    static NetworkNamespace open(String path) {
        return new NetworkNamespace(Files.open(path, Files.O_RDONLY));
    }

    /** Does something there, and is where this process was before again. */
    void run(Runnable work) {
        ask(() -> {
            work.run();
            return null;
        });
    }

    /** Likewise, and says what comes of it. */
    <T> T ask(Supplier<T> work) {
        try (var before = open("/proc/self/ns/net")) {
            Processes.join(file);
            try {
                return work.get();
            } finally {
                Processes.join(before.file);
            }
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
