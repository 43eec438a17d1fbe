package stockade.command.jls;

import java.util.ArrayList;
import java.util.List;

/** A jail, or the head of a listing: lines for people, beside data for programs. */
class Entry {
    private final List<List<Piece>> lines = new ArrayList<>();
    private final List<Datum> data = new ArrayList<>();
    private List<Piece> line = new ArrayList<>();

    /** What a piece of a line is, by the names of libxo's classes in HTML. */
    enum Kind {
        TITLE("title"), PADDING("padding"), TEXT("text"), DATA("data");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    /**
     * @param tag  the name of data, else empty
     * @param text without control characters
     */
    record Piece(Kind kind, String tag, String text) {
    }

    Entry title(CharSequence text) {
        return piece(Kind.TITLE, "", text);
    }

    Entry padding(CharSequence text) {
        return piece(Kind.PADDING, "", text);
    }

    Entry text(CharSequence text) {
        return piece(Kind.TEXT, "", text);
    }

    /** Data as people see it. */
    Entry show(String tag, CharSequence text) {
        return piece(Kind.DATA, tag, text);
    }

    /** As {@link #show}, cut or padded. */
    Entry column(String tag, CharSequence text, int width) {
        return show(tag, Width.exactly(text, width));
    }

    /** A number from 0, with padding before. */
    Entry right(String tag, int number, int width) {
        return show(tag, Width.right(Integer.toString(number), width));
    }

    /** Data as programs see it. */
    Entry datum(Datum datum) {
        data.add(datum);
        return this;
    }

    Entry datum(String name, CharSequence value) {
        return datum(new Datum.Text(name, value.toString()));
    }

    Entry datum(String name, int value) {
        return datum(new Datum.Whole(name, value));
    }

    Entry piece(Kind kind, String tag, CharSequence text) {
        line.add(new Piece(kind, tag, text.toString()));
        return this;
    }

    Entry endLine() {
        lines.add(line);
        line = new ArrayList<>();
        return this;
    }

    List<List<Piece>> lines() {
        return lines;
    }

    List<Datum> data() {
        return data;
    }
}
