package stockade.config;

import java.util.ArrayList;
import java.util.List;

/** A string: pieces that follow each other without a blank, which are text, quoted or not, and variables. */
final class Word {
    /** A variable in a word, behind so much of the text. */
    record Variable(int at, String name) {
    }

    private final StringBuilder text = new StringBuilder();
    private final List<Variable> variables = new ArrayList<>(0);
    private int pieces;
    private int second;
    private Position secondPosition;
    private boolean isBroken;

    /** Notes that another piece begins. */
    void begin(int offset, Lexer lexer) {
        pieces++;
        if (pieces == 2) {
            second = offset;
            secondPosition = lexer.position(offset);
        }
    }

    void variable(String name) {
        variables.add(new Variable(text.length(), name));
    }

    /** Notes that it lacks its end, and that the line's rest is lost. */
    void setBroken() {
        isBroken = true;
    }

    boolean isBroken() {
        return isBroken;
    }

    /** What it says, without its variables. */
    StringBuilder text() {
        return text;
    }

    List<Variable> variables() {
        return variables;
    }

    /** Whether it can be a name, which a word of several pieces can't. */
    boolean isName() {
        return pieces == 1;
    }

    /** Whether it is a variable and nothing else, unquoted. */
    boolean isVariable() {
        return pieces == 1 && !variables.isEmpty();
    }

    /** The name that it is, without a dollar sign. */
    String name() {
        return isVariable() ? variables.get(0).name() : text.toString();
    }

    /** Its second piece, as a token; it has one. */
    Token second(int end) {
        return new Token(Token.Kind.UNKNOWN, second, end, secondPosition, null);
    }
}
