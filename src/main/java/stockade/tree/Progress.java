package stockade.tree;

import stockade.linux.Descriptor;
import stockade.linux.Processes;
import stockade.linux.Terminal;

/**
 * Tells on stderr how far something has come that takes longer than a second: on a terminal by a bar, which goes when it is
 * done, and else by a line each second.
 */
final class Progress implements AutoCloseable {
    private static final int PATIENCE = 1000; // milliseconds
    private static final int BAR_INTERVAL = 100;
    private static final int LINE_INTERVAL = 1000;
    private static final int BAR = 30; // columns
    private static final long MEGABYTE = 1_000_000;

    private final String name;
    private final int files;
    private final long bytes;
    private final boolean terminal = Terminal.isTerminal(Descriptor.STDERR);
    private long next = Processes.monotonicMillis() + PATIENCE;
    private boolean shown;
    private int filesDone;
    private long bytesDone;

    /**
     * @param name  of what is done, for the start of a line
     * @param files how many there are in all
     * @param bytes how many these have
     */
    Progress(String name, int files, long bytes) {
        this.name = name;
        this.files = files;
        this.bytes = bytes;
    }

    /** That a file is done. */
    void advance(long size) {
        filesDone++;
        bytesDone += size;
        long now = Processes.monotonicMillis();
        if (now >= next) {
            next = now + (terminal ? BAR_INTERVAL : LINE_INTERVAL);
            shown = true;
            Descriptor.STDERR.write(terminal ? "\r" + bar() + "\033[K" : line() + "\n");
        }
    }

    String line() {
        return name + ": " + filesDone + " of " + files + " files, " + bytesDone / MEGABYTE + " of " + bytes / MEGABYTE
                + " MB";
    }

    String bar() {
        int full = bytes == 0 ? 0 : (int) (bytesDone * BAR / bytes);
        return name + " [" + "=".repeat(full) + " ".repeat(BAR - full) + "] "
                + (bytes == 0 ? 0 : bytesDone * 100 / bytes) + " % of " + bytes / MEGABYTE + " MB";
    }

    @Override
    public void close() {
        if (shown && terminal) {
            Descriptor.STDERR.write("\r\033[K");
        }
    }
}
