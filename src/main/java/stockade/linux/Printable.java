package stockade.linux;

/** Text that may come from a hostile tree or file, for a terminal. */
public final class Printable {
    private Printable() {
    }

    /** One line that does nothing to a terminal: control characters as \xXX. */
    public static String line(String text) {
        var s = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            s.append(c < ' ' || c == 0x7f ? "\\x" + Integer.toHexString(0x100 | c).substring(1) : String.valueOf(c));
        }
        return s.toString();
    }
}
