package stockade.config;

/**
 * A backslash and what it makes of what follows.
 *
 * @param meaning the character meant, or nothing
 * @param end     where it ends in the text
 */
record Escape(String meaning, int end) {
    private static final String LETTERS = "abfnrtv";
    private static final String MEANINGS = "\u0007\b\f\n\r\t\u000b";
    private static final String HEXADECIMAL = "0123456789abcdef";
    private static final int MAX_OCTAL_DIGITS = 3;
    private static final int MAX_HEXADECIMAL_DIGITS = 2;

    /** @param at where the backslash is; a last one, with nothing before the limit, stands for itself */
    static Escape read(String text, int at, int limit) {
        if (at + 1 >= limit) {
            return new Escape("\\", limit);
        }
        char c = text.charAt(at + 1);
        if (c == '\n') {
            return new Escape("", at + 2);
        }
        if (c >= '0' && c <= '7') {
            return number(text, at + 1, Math.min(limit, at + 1 + MAX_OCTAL_DIGITS), 8);
        }
        if (c == 'x') {
            return number(text, at + 2, Math.min(limit, at + 2 + MAX_HEXADECIMAL_DIGITS), 16);
        }
        int letter = LETTERS.indexOf(c);
        return new Escape(String.valueOf(letter < 0 ? c : MEANINGS.charAt(letter)), at + 2);
    }

    /** A byte by its number; of more than eight bits the lower ones count. */
    private static Escape number(String text, int from, int limit, int base) {
        int value = 0;
        int at = from;
        for (int digit; at < limit && (digit = digit(text.charAt(at), base)) >= 0; at++) {
            value = value * base + digit;
        }
        return new Escape(String.valueOf((char) (value & 0xff)), at);
    }

    private static int digit(char c, int base) {
        int digit = HEXADECIMAL.indexOf(c >= 'A' && c <= 'F' ? (char) (c + 'a' - 'A') : c);
        return digit < base ? digit : -1;
    }

    /** Whether it means the byte that no string may have. */
    boolean isNul() {
        return meaning.equals("\0");
    }
}
