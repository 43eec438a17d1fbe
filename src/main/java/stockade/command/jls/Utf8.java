package stockade.command.jls;

/** Bytes that may be of no UTF-8, for formats that are UTF-8. */
final class Utf8 {
    private static final String REPLACEMENT = "\u00ef\u00bf\u00bd"; // U+FFFD

    private Utf8() {
    }

    /** The text with U+FFFD in the place of each byte that is no part of a character. */
    static String repaired(String bytes) {
        var s = new StringBuilder();
        for (int i = 0; i < bytes.length();) {
            int length = length(bytes, i);
            s.append(length == 0 ? REPLACEMENT : bytes.substring(i, i + length));
            i += Math.max(length, 1);
        }
        return s.toString();
    }

    /** How many bytes the character has that starts somewhere; 0 if none does (The Unicode Standard, table 3-7). */
    private static int length(String bytes, int at) {
        char first = bytes.charAt(at);
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (length == 0 || at + length > bytes.length()) {
            return 0;
        }
        char second = bytes.charAt(at + 1);
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        boolean valid = second >= least && second <= most;
        for (int i = 2; i < length; i++) {
            valid = valid && (bytes.charAt(at + i) & 0xc0) == 0x80;
        }
        return valid ? length : 0;
    }

    /** As {@link #repaired}, with U+FFFD also for what XML has no character for, and with marks escaped. */
    static String repairedForMarkup(String bytes) {
        var repaired = repaired(bytes).replace("\u00ef\u00bf\u00be", REPLACEMENT).replace("\u00ef\u00bf\u00bf", REPLACEMENT);
        var s = new StringBuilder();
        for (int i = 0; i < repaired.length(); i++) {
            char c = repaired.charAt(i);
            switch (c) {
                case '<' -> s.append("&lt;");
                case '>' -> s.append("&gt;");
                case '&' -> s.append("&amp;");
                case '"' -> s.append("&quot;");
                case '\r' -> s.append("&#13;"); // which a parser would else take for a newline
                default -> s.append(c < ' ' && c != '\t' && c != '\n' ? REPLACEMENT : String.valueOf(c));
            }
        }
        return s.toString();
    }
}
