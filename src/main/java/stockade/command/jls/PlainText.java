package stockade.command.jls;

import java.util.function.Consumer;
import java.util.stream.Stream;

/** Only the lines for people, of all jails, written as they come: thousands of them are never in memory together. */
final class PlainText extends Entry {
    private final byte[] block = new byte[4096];
    private final Output out;
    private int used;

    private PlainText(Output out) {
        this.out = out;
    }

    static void write(Consumer<Entry> header, Stream<Consumer<Entry>> jails, Output out) {
        var text = new PlainText(out);
        header.accept(text);
        jails.forEach(jail -> jail.accept(text));
        text.flush();
    }

    private void flush() {
        out.write(block, used);
        used = 0;
    }

    private void add(char c) {
        if (used == block.length) {
            flush();
        }
        block[used++] = (byte) c;
    }

    private void add(String text, int length) {
        for (int i = 0; i < length; i++) {
            add(text.charAt(i));
        }
    }

    private void pad(int from, int to) {
        for (int i = from; i < to; i++) {
            add(' ');
        }
    }

    @Override
    Entry piece(Kind kind, String tag, String text) {
        add(text, text.length());
        return this;
    }

    @Override
    Entry column(String tag, String text, int width) {
        add(text, Math.min(text.length(), width));
        pad(text.length(), width);
        return this;
    }

    @Override
    Entry right(String tag, String text, int width) {
        pad(text.length(), width);
        return piece(Kind.DATA, tag, text);
    }

    @Override
    Entry datum(Datum datum) {
        return this;
    }

    @Override
    Entry datum(String name, String value) {
        return this;
    }

    @Override
    Entry datum(String name, int value) {
        return this;
    }

    @Override
    Entry endLine() {
        add('\n');
        return this;
    }
}
