package stockade.command.jls;

/** Columns, in bytes. */
final class Width {
    private Width() {
    }

    static CharSequence cut(CharSequence s, int most) {
        return s.length() > most ? s.subSequence(0, most) : s;
    }

    /** Cut or padded. */
    static CharSequence exactly(CharSequence s, int width) {
        return atLeast(cut(s, width), width);
    }

    static CharSequence atLeast(CharSequence s, int width) {
        return s.length() >= width ? s : s + " ".repeat(width - s.length());
    }

    static String right(String s, int width) {
        return " ".repeat(Math.max(0, width - s.length())) + s;
    }
}
