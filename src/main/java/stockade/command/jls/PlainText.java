package stockade.command.jls;

import java.util.function.Consumer;
import java.util.stream.Stream;

/** Only the lines for people, of all jails, as they are written. */
final class PlainText extends Entry {
    private final StringBuilder out = new StringBuilder();

    private PlainText() {
    }

    static String of(Consumer<Entry> header, Stream<Consumer<Entry>> jails) {
        var text = new PlainText();
        header.accept(text);
        jails.forEach(jail -> jail.accept(text));
        return text.out.toString();
    }

    @Override
    Entry piece(Kind kind, String tag, String text) {
        out.append(text);
        return this;
    }

    @Override
    Entry datum(Datum datum) {
        return this;
    }

    @Override
    Entry endLine() {
        out.append('\n');
        return this;
    }
}
