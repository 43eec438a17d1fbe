package stockade.command.jls;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;
import stockade.linux.Bytes;

/** Only the lines for people, of all jails, written as they come: thousands of them are never in memory together. */
final class PlainText extends Entry {
    private final byte[] block = new byte[4096];
    private final byte[] digits = new byte[Bytes.DIGITS];
    private final Output out;
    private int used;

    private PlainText(Output out) {
        this.out = out;
    }

    static void write(Consumer<Entry> header, Consumer<Supplier<Entry>> jails, Output out) {
        var text = new PlainText(out);
        header.accept(text);
        jails.accept(() -> text);
        text.flush();
    }

    private void flush() {
        out.write(block, used);
        used = 0;
    }

    /** The start of a text. */
    private void add(CharSequence text, int length) {
        for (int from = 0; from < length;) {
            if (used == block.length) {
                flush();
            }
            int to = Math.min(length, from + block.length - used);
            Bytes.copy(text, from, to, block, used);
            used += to - from;
            from = to;
        }
    }

    /** Spaces, of which no column has more than a block. */
    private void pad(int number) {
        if (number > 0) {
            if (number > block.length - used) {
                flush();
            }
            Arrays.fill(block, used, used + number, (byte) ' ');
            used += number;
        }
    }

    @Override
    Entry piece(Kind kind, String tag, CharSequence text) {
        add(text, text.length());
        return this;
    }

    @Override
    Entry column(String tag, CharSequence text, int width) {
        add(text, Math.min(text.length(), width));
        pad(width - text.length());
        return this;
    }

    @Override
    Entry right(String tag, int number, int width) {
        int length = Bytes.putDecimal(digits, number);
        pad(width - length);
        if (length > block.length - used) {
            flush();
        }
        System.arraycopy(digits, 0, block, used, length);
        used += length;
        return this;
    }

    @Override
    Entry datum(Datum datum) {
        return this;
    }

    @Override
    Entry datum(String name, CharSequence value) {
        return this;
    }

    @Override
    Entry datum(String name, int value) {
        return this;
    }

    @Override
    Entry endLine() {
        add("\n", 1);
        return this;
    }
}
