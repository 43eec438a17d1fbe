package stockade.linux;

/** Text that may come from a hostile tree or file, for a terminal. */
public final class Printable {
    private Printable() {
    }

    /** One line that does nothing to a terminal: control characters as \xXX, those of the upper half too (in UTF-8: behind C2). */
    public static String line(String text) {
        var s = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean alone = i == 0 || text.charAt(i - 1) < 0x80 || text.charAt(i - 1) == 0xc2;
            s.append(c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 && alone ? "\\x" + Integer.toHexString(0x100 | c).substring(1) : String.valueOf(c));
        }
        return s.toString();
    }
}
