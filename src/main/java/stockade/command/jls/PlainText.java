package stockade.command.jls;

import java.util.function.Consumer;
import java.util.stream.Stream;

/** Only the lines for people, of all jails, written as they come: thousands of them are never in memory together. */
final class PlainText extends Entry {
    private static final int BLOCK = 4096;

    private final StringBuilder lines = new StringBuilder(2 * BLOCK);
    private final Consumer<String> out;

    private PlainText(Consumer<String> out) {
        this.out = out;
    }

    static void write(Consumer<Entry> header, Stream<Consumer<Entry>> jails, Consumer<String> out) {
        var text = new PlainText(out);
        header.accept(text);
        jails.forEach(jail -> jail.accept(text));
        text.flush();
    }

    private void flush() {
        out.accept(lines.toString());
        lines.setLength(0);
    }

    @Override
    Entry piece(Kind kind, String tag, String text) {
        lines.append(text);
        return this;
    }

    @Override
    Entry column(String tag, String text, int width) {
        int shown = Math.min(text.length(), width);
        lines.append(text, 0, shown);
        for (int i = shown; i < width; i++) {
            lines.append(' ');
        }
        return this;
    }

    @Override
    Entry datum(Datum datum) {
        return this;
    }

    @Override
    Entry endLine() {
        lines.append('\n');
        if (lines.length() >= BLOCK) {
            flush();
        }
        return this;
    }
}
