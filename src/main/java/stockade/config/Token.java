package stockade.config;

/**
 * A piece of a file that the grammar knows.
 *
 * @param start where it starts in the text, from 0
 * @param end   where it ends
 * @param word  what a word says, otherwise null
 */
record Token(Kind kind, int start, int end, Position position, Word word) {
    enum Kind {
        WORD, ASSIGN, APPEND, COMMA, SEMICOLON, OPEN, CLOSE, UNKNOWN, END
    }

    boolean is(Kind other) {
        return kind == other;
    }
}
