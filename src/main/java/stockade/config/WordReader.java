package stockade.config;

import java.util.ArrayList;
import java.util.List;
import stockade.config.Word.Piece;
import stockade.config.Word.Variable;

/** Reads the words of a file: what is between blanks, and what is in quotes. */
final class WordReader {
    private static final String UNQUOTED = "_!%&()-.:<>?@[]^`|~";
    private static final char QUOTE = '\'';
    private static final char DOUBLE_QUOTE = '"';
    private static final char ESCAPE = '\\';
    private static final char DOLLAR = '$';

    private final Lexer lexer;
    private final String text;
    private final Errors errors;
    private final Budget budget;

    /** The word that is being read: see {@link Word}. */
    private final StringBuilder said = new StringBuilder();
    private List<Variable> variables;
    private int pieces;
    private Piece second;
    private boolean isBroken;

    private int at;

    WordReader(Lexer lexer, String text, Errors errors, Budget budget) {
        this.lexer = lexer;
        this.text = text;
        this.errors = errors;
        this.budget = budget;
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

    Word read(int start) {
        var position = lexer.position(start);
        at = start;
        said.setLength(0);
        variables = List.of();
        pieces = 0;
        second = null;
        isBroken = false;
        while (!isBroken && at < text.length() && startsPiece(text.charAt(at)) && !isOther()) {
            switch (text.charAt(at)) {
                case QUOTE, DOUBLE_QUOTE -> quoted();
                case DOLLAR -> dollar(text.length(), true);
                case ESCAPE -> {
                    begin();
                    escaped(text.length(), said);
                }
                default -> unquoted();
            }
        }
        return new Word(start, position, at, said.toString(), variables, second, isBroken);
    }

    /** Notes that another piece begins. */
    private void begin() {
        pieces++;
        if (pieces == 2) {
            second = new Piece(at, lexer.position(at));
        }
    }

    private void add(String variable) {
        budget.take(Budget.REFERENCE);
        if (variables.isEmpty()) {
            variables = new ArrayList<>(1);
        }
        variables.add(new Variable(said.length(), variable));
    }

    /** Whether a comment or "+=" begins. */
    private boolean isOther() {
        char c = text.charAt(at);
        char next = at + 1 < text.length() ? text.charAt(at + 1) : 0;
        return c == '/' && (next == '/' || next == '*') || c == '+' && next == '=';
    }

    /** As many bytes as need no quotes, or one of those that are a piece each. */
    private void unquoted() {
        begin();
        int start = at++;
        if (isUnquoted(text.charAt(start))) {
            while (at < text.length() && isUnquoted(text.charAt(at))) {
                at++;
            }
        }
        said.append(text, start, at);
    }

    private void quoted() {
        char quote = text.charAt(at);
        int start = at;
        int end = start + 1;
        while (end < text.length() && text.charAt(end) != quote) {
            end += text.charAt(end) == ESCAPE ? 2 : 1;
        }
        begin();
        if (end >= text.length()) {
            errors.add(lexer.position(start), "unterminated string");
            breakOff();
            return;
        }
        at++;
        while (at < end) {
            char c = text.charAt(at);
            if (c == ESCAPE) {
                escaped(end, said);
            } else if (c == DOLLAR && quote == DOUBLE_QUOTE) {
                dollar(end, false);
                if (at < end && text.charAt(at) != DOLLAR) {
                    begin();
                }
            } else {
                said.append(c);
                at++;
            }
        }
        at = end + 1;
    }

    /** A variable, or a dollar sign that stands for itself. */
    private void dollar(int limit, boolean outsideQuotes) {
        begin();
        int start = at++;
        if (at < limit && text.charAt(at) == '{') {
            braced(start, limit, outsideQuotes);
        } else if (at < limit && isNameStart(text.charAt(at))) {
            while (at < limit && (isNameStart(text.charAt(at)) || isDigit(text.charAt(at)))) {
                at++;
            }
            add(text.substring(start + 1, at));
        } else {
            said.append(DOLLAR);
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
        add(hasEscapes ? unescaped(end) : text.substring(at, end));
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
        isBroken = true;
        at = Lexer.lineEnd(text, at);
    }
}
