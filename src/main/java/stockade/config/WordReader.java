package stockade.config;

/** Reads one word of a file: what is between blanks, and what is in quotes. */
final class WordReader {
    private static final String UNQUOTED = "_!%&()-.:<>?@[]^`|~";
    private static final char QUOTE = '\'';
    private static final char DOUBLE_QUOTE = '"';
    private static final char ESCAPE = '\\';
    private static final char DOLLAR = '$';

    private final Lexer lexer;
    private final String text;
    private final Errors errors;
    private final Word word = new Word();
    private int at;

    WordReader(Lexer lexer, String text, int start, Errors errors) {
        this.lexer = lexer;
        this.text = text;
        this.errors = errors;
        at = start;
    }

    /** Where the word ended. */
    int end() {
        return at;
    }

    /** Whether a byte can be in a word outside of quotes, or starts what can. */
    static boolean startsPiece(char c) {
        return isUnquoted(c) || c == '*' || c == '+' || c == '/' || c == DOLLAR || c == ESCAPE || c == QUOTE
                || c == DOUBLE_QUOTE;
    }

    private static boolean isUnquoted(char c) {
        return isNameStart(c) || isDigit(c) || UNQUOTED.indexOf(c) >= 0;
    }

    private static boolean isNameStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    Word read() {
        while (!word.isBroken() && at < text.length() && startsPiece(text.charAt(at)) && !isOther()) {
            switch (text.charAt(at)) {
                case QUOTE, DOUBLE_QUOTE -> quoted();
                case DOLLAR -> dollar(text.length(), true);
                case ESCAPE -> {
                    word.begin(at, lexer);
                    escaped(text.length(), word.text());
                }
                default -> unquoted();
            }
        }
        return word;
    }

    /** Whether a comment or "+=" begins. */
    private boolean isOther() {
        return text.startsWith("//", at) || text.startsWith("/*", at) || text.startsWith("+=", at);
    }

    /** As many bytes as need no quotes, or one of those that are a piece each. */
    private void unquoted() {
        word.begin(at, lexer);
        int start = at++;
        if (isUnquoted(text.charAt(start))) {
            while (at < text.length() && isUnquoted(text.charAt(at))) {
                at++;
            }
        }
        word.text().append(text, start, at);
    }

    private void quoted() {
        char quote = text.charAt(at);
        int start = at;
        int end = start + 1;
        while (end < text.length() && text.charAt(end) != quote) {
            end += text.charAt(end) == ESCAPE ? 2 : 1;
        }
        word.begin(start, lexer);
        if (end >= text.length()) {
            errors.add(lexer.position(start), "unterminated string");
            breakOff();
            return;
        }
        at++;
        while (at < end) {
            char c = text.charAt(at);
            if (c == ESCAPE) {
                escaped(end, word.text());
            } else if (c == DOLLAR && quote == DOUBLE_QUOTE) {
                dollar(end, false);
                if (at < end && text.charAt(at) != DOLLAR) {
                    word.begin(at, lexer);
                }
            } else {
                word.text().append(c);
                at++;
            }
        }
        at = end + 1;
    }

    /** A variable, or a dollar sign that stands for itself. */
    private void dollar(int limit, boolean outsideQuotes) {
        int start = at++;
        word.begin(start, lexer);
        if (at < limit && text.charAt(at) == '{') {
            braced(start, limit, outsideQuotes);
        } else if (at < limit && isNameStart(text.charAt(at))) {
            while (at < limit && (isNameStart(text.charAt(at)) || isDigit(text.charAt(at)))) {
                at++;
            }
            word.variable(text.substring(start + 1, at));
        } else {
            word.text().append(DOLLAR);
        }
    }

    private void braced(int start, int limit, boolean outsideQuotes) {
        int end = start + 2;
        boolean hasEscapes = false;
        for (char c; end < limit && (c = text.charAt(end)) != '}' && c != '{' && c != '\n';) {
            hasEscapes |= c == ESCAPE;
            end += c == ESCAPE ? 2 : 1;
        }
        if (end >= limit || text.charAt(end) != '}') {
            errors.add(lexer.position(start), "unterminated variable");
            at = Math.min(end, limit);
            if (outsideQuotes) {
                breakOff();
            }
            return;
        }
        at = start + 2;
        word.variable(hasEscapes ? unescaped(end) : text.substring(at, end));
        at = end + 1;
    }

    private String unescaped(int end) {
        var name = new StringBuilder();
        while (at < end) {
            if (text.charAt(at) == ESCAPE) {
                escaped(end, name);
            } else {
                name.append(text.charAt(at++));
            }
        }
        return name.toString();
    }

    /** What a backslash makes of what follows. */
    private void escaped(int limit, StringBuilder to) {
        var escape = Escape.read(text, at, limit);
        if (escape.isNul()) {
            errors.add(lexer.position(at), "NUL character");
        } else {
            to.append(escape.meaning());
        }
        at = escape.end();
    }

    /** Gives the line's rest up: what is there is as likely meant to be quoted as not. */
    private void breakOff() {
        word.setBroken();
        at = Lexer.lineEnd(text, at);
    }
}
