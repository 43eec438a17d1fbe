package stockade.config;

import stockade.config.Token.Kind;

/** Takes a file apart, as usr.sbin/jail/jaillex.l of FreeBSD does. */
final class Lexer {
    private static final int QUOTED_LENGTH = 40;

    /** How many bytes a character of UTF-8 has at most; all but the first are 10xxxxxx. */
    private static final int MAX_CHARACTER = 4;

    private final String file;
    private final String text;
    private final Errors errors;
    private int at;

    /** The line that positions are counted in, where it starts, and where it ends. */
    private int line = 1;
    private int lineStart;
    private int lineEnd;

    private boolean lacksCommentEnd;

    Lexer(String file, String text, Errors errors) {
        this.file = file;
        this.text = text;
        this.errors = errors;
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

    /** Whether the file ended within a comment. */
    boolean lacksCommentEnd() {
        return lacksCommentEnd;
    }

    Token next() {
        skipBlanks();
        int start = at;
        var position = position(start);
        if (at == text.length()) {
            return new Token(Kind.END, start, start, position, null);
        }
        var kind = kind();
        Word word = null;
        if (kind == Kind.WORD) {
            var reader = new WordReader(this, text, start, errors);
            word = reader.read();
            at = reader.end();
        } else {
            at += kind == Kind.APPEND ? 2 : 1;
            while (kind == Kind.UNKNOWN && at < text.length() && text.charAt(at) >= 0x80) {
                at++; // a character of UTF-8 has several bytes
            }
        }
        return new Token(kind, start, at, position, word);
    }

    private Kind kind() {
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
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
                at++;
            } else if (c == '#' || text.startsWith("//", at)) {
                at = lineEnd(text, at);
            } else if (text.startsWith("/*", at)) {
                skipComment();
            } else {
                return;
            }
        }
    }

    private void skipComment() {
        int end = text.indexOf("*/", at + 2);
        if (end < 0) {
            errors.add(position(at), "unterminated comment");
            lacksCommentEnd = true;
        }
        at = end < 0 ? text.length() : end + 2;
    }

    static int lineEnd(String text, int from) {
        int newline = text.indexOf('\n', from);
        return newline < 0 ? text.length() : newline;
    }

    /** A token as it is written, for a message: in quotes, and not too long. */
    String quote(Token token) {
        int end = Math.min(token.end(), token.start() + QUOTED_LENGTH);
        for (int i = 1; i < MAX_CHARACTER && end < token.end() && (text.charAt(end) & 0xc0) == 0x80; i++) {
            end--;
        }
        return '"' + text.substring(token.start(), end) + (end < token.end() ? "\"..." : "\"");
    }
}
