package stockade.config;

/** Text of somebody's in messages, which stay in one line and do nothing to a terminal. */
final class Printable {
    private Printable() {
    }

    /** The text with an octal number in place of each control character. */
    static String text(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return escaped(text, false);
            }
        }
        return text;
    }

    /** As {@link #text}, but with only ASCII in it: of a text that may be half a character. */
    static String ascii(String text) {
        return escaped(text, true);
    }

    private static String escaped(String text, boolean onlyAscii) {
        var printable = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isControl(c) || onlyAscii && c > 0x7f) {
                printable.append('\\').append(digit(c >> 6)).append(digit(c >> 3)).append(digit(c));
            } else {
                printable.append(c);
            }
        }
        return printable.toString();
    }

    private static boolean isControl(char c) {
        return c < ' ' || c == 0x7f;
    }

    private static char digit(int c) {
        return (char) ('0' + (c & 7));
    }
}
