package stockade.config;

import java.util.List;

/**
 * A string: pieces that follow each other without a blank, which are text, quoted or not, and variables.
 *
 * @param start     where it starts in its file, from 0
 * @param position  the same as line and column
 * @param end       where it ends
 * @param text      what it says, without its variables
 * @param variables those that are in it, in order
 * @param second    where its second piece starts, if it has one
 * @param isBroken  whether it lacks its end, and the rest of its line is lost
 */
record Word(int start, Position position, int end, String text, List<Variable> variables, Piece second,
        boolean isBroken) {
    /** A variable in a word, behind so much of the text. */
    record Variable(int at, String name) {
    }

    /** The start of a piece, in the file and as line and column. */
    record Piece(int start, Position position) {
    }

    /** Whether it can be a name, which a word of several pieces can't. */
    boolean isName() {
        return second == null;
    }

    /** Whether it is a variable and nothing else, unquoted. */
    boolean isVariable() {
        return second == null && !variables.isEmpty();
    }

    /** The name that it is, without a dollar sign. */
    String name() {
        return isVariable() ? variables.get(0).name() : text;
    }
}
