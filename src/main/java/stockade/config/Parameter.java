package stockade.config;

import java.util.ArrayList;
import java.util.List;

/** A parameter or variable of a jail, as far as the statements about it go. */
final class Parameter {
    /** How far the variables in its values are replaced. */
    enum State {
        NONE, WRITTEN, IN_WORK, DONE, BAD
    }

    private final List<Statement> statements = new ArrayList<>(1);
    private State state = State.NONE;
    private List<String> values;

    /** Whether anything is said about it. */
    boolean isThere() {
        return state != State.NONE;
    }

    /** Forgets it, for the next jail. */
    void clear() {
        statements.clear();
        state = State.NONE;
        values = null;
    }

    void set(Statement statement) {
        statements.clear();
        statements.add(statement);
        state = State.WRITTEN;
        if (statement.references().isEmpty()) {
            become(statement.written().values());
        }
    }

    /** Adds the values of a statement to those there are. */
    void append(Statement statement) {
        statements.add(statement);
        state = State.WRITTEN;
    }

    boolean isVariable() {
        return statements.get(0).isVariable();
    }

    /** As last written. */
    Name name() {
        return last().name();
    }

    private Statement last() {
        return statements.get(statements.size() - 1);
    }

    /** Those that its values are from, in order. */
    List<Statement> statements() {
        return statements;
    }

    State state() {
        return state;
    }

    void setState(State state) {
        this.state = state;
    }

    /** With nothing left to replace in its values. */
    void become(List<String> values) {
        this.values = values;
        state = State.DONE;
    }

    /** Its values, if it is done. */
    List<String> values() {
        return values;
    }

    Setting setting() {
        var written = last().written();
        return written.values() == values ? written
                : new Setting(written.name(), List.copyOf(values), written.position());
    }
}
