package stockade.config;

/** Takes a file apart, as usr.sbin/jail/jaillex.l of FreeBSD does. At each time there is one token that it stands at. */
final class Lexer {
    /** What the grammar knows. */
    enum Kind {
        WORD, ASSIGN, APPEND, COMMA, SEMICOLON, OPEN, CLOSE, UNKNOWN, END
    }

    private static final int QUOTED_LENGTH = 40;

    /** How many bytes a character of UTF-8 has at most; all but the first are 10xxxxxx. */
    private static final int MAX_CHARACTER = 4;

    private final String file;
    private final String text;
    private final Errors errors;
    private final WordReader words;

    private Kind kind;
    private int start;
    private int end;
    private Word word;

    /** The line that positions are counted in, where it starts, and where it ends. */
    private int line = 1;
    private int lineStart;
    private int lineEnd;

    private boolean lacksCommentEnd;

    Lexer(String file, String text, Errors errors, Budget budget) {
        this.file = file;
        this.text = text;
        this.errors = errors;
        words = new WordReader(this, text, errors, budget);
        lineEnd = lineEnd(text, 0);
    }

    /** The position of an offset, which is not before one that was asked for earlier. */
    Position position(int offset) {
        while (lineEnd < offset) {
            line++;
            lineStart = lineEnd + 1;
            lineEnd = lineEnd(text, lineStart);
        }
        return new Position(file, line, offset - lineStart + 1);
    }

    boolean is(Kind other) {
        return kind == other;
    }

    Kind kind() {
        return kind;
    }

    int start() {
        return start;
    }

    Position startPosition() {
        return kind == Kind.WORD ? word.position() : position(start);
    }

    int end() {
        return end;
    }

    /** The word that the token is, if it is one. */
    Word word() {
        return word;
    }

    /** Whether the file ended within a comment. */
    boolean lacksCommentEnd() {
        return lacksCommentEnd;
    }

    /** Goes on to the next token. */
    void next() {
        skipBlanks();
        start = end;
        if (start == text.length()) {
            kind = Kind.END;
            return;
        }
        kind = kindAt(start);
        if (kind == Kind.WORD) {
            word = words.read(start);
            end = word.end();
            return;
        }
        end += kind == Kind.APPEND ? 2 : 1;
        while (kind == Kind.UNKNOWN && end < text.length() && text.charAt(end) >= 0x80) {
            end++; // a character of UTF-8 has several bytes
        }
    }

    private Kind kindAt(int at) {
        return switch (text.charAt(at)) {
            case '=' -> Kind.ASSIGN;
            case ',' -> Kind.COMMA;
            case ';' -> Kind.SEMICOLON;
            case '{' -> Kind.OPEN;
            case '}' -> Kind.CLOSE;
            case '+' -> text.startsWith("+=", at) ? Kind.APPEND : Kind.WORD;
            default -> WordReader.startsPiece(text.charAt(at)) ? Kind.WORD : Kind.UNKNOWN;
        };
    }

    private void skipBlanks() {
        while (end < text.length()) {
            char c = text.charAt(end);
            if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
                end++;
            } else if (c == '#' || c == '/' && text.startsWith("//", end)) {
                end = lineEnd(text, end);
            } else if (c == '/' && text.startsWith("/*", end)) {
                skipComment();
            } else {
                return;
            }
        }
    }

    private void skipComment() {
        int close = text.indexOf("*/", end + 2);
        if (close < 0) {
            errors.add(position(end), "unterminated comment");
            lacksCommentEnd = true;
        }
        end = close < 0 ? text.length() : close + 2;
    }

    static int lineEnd(String text, int from) {
        int newline = text.indexOf('\n', from);
        return newline < 0 ? text.length() : newline;
    }

    /** What is written in a part of the file, for a message: in quotes, and not too long. */
    String quote(int from, int to) {
        int cut = Math.min(to, from + QUOTED_LENGTH);
        for (int i = 1; i < MAX_CHARACTER && cut < to && (text.charAt(cut) & 0xc0) == 0x80; i++) {
            cut--;
        }
        return '"' + text.substring(from, cut) + (cut < to ? "\"..." : "\"");
    }
}
