package stockade.linux;

/** Text that may come from a hostile tree or file, for a terminal. */
public final class Printable {
    private Printable() {
    }

    /** One line that does nothing to a terminal, whether it takes text for UTF-8 or not: control characters as \xXX. */
    public static String line(String text) {
        return line((CharSequence) text).toString();
    }

    /** As {@link #line(String)}; the text itself if there is nothing to be changed. */
    public static CharSequence line(CharSequence text) {
        if (text instanceof Span span && span.isPlain()) {
            return text;
        }
        int plain = 0;
        while (plain < text.length() && (isAscii(text.charAt(plain)) || !isControl(text, plain))) {
            plain++;
        }
        if (plain == text.length()) {
            return text;
        }
        var s = new StringBuilder().append(text, 0, plain);
        for (int i = plain; i < text.length(); i++) {
            if (isControl(text, i)) {
                s.append("\\x").append(Integer.toHexString(0x100 | text.charAt(i)).substring(1));
            } else {
                s.append(text.charAt(i));
            }
        }
        return s;
    }

    private static boolean isAscii(char c) {
        return c >= ' ' && c < 0x7f;
    }

    private static boolean isControl(CharSequence text, int at) {
        char c = text.charAt(at);
        return c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 && !isInCharacter(text, at);
    }

    /** Whether a byte from 80 to 9F belongs to a character of UTF-8 that is not itself a control character, as those of C2 are. */
    private static boolean isInCharacter(CharSequence text, int at) {
        int first = at - 1;
        while (first >= 0 && text.charAt(first) >= 0x80 && text.charAt(first) < 0xc0) {
            first--;
        }
        char lead = first < 0 ? 0 : text.charAt(first);
        return lead >= 0xc3 && lead < 0xf8 && at - first <= (lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1);
    }
}
