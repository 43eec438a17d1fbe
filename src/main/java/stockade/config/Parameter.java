package stockade.config;

import java.util.ArrayList;
import java.util.List;

/** A parameter or variable of one jail, as far as the statements about it go. */
final class Parameter {
    /** How far the variables in its values are replaced. */
    enum State {
        WRITTEN, IN_WORK, DONE, BAD
    }

    private final boolean isVariable;

    /** Those that its values are from, in order. */
    private List<Statement> statements;

    private State state;
    private List<String> values;

    Parameter(Statement first) {
        isVariable = first.isVariable();
        set(first);
    }

    void set(Statement statement) {
        statements = List.of(statement);
        state = State.WRITTEN;
        if (statement.references().isEmpty()) {
            become(statement.written().values());
        }
    }

    /** Adds the values of a statement to those there are. */
    void append(Statement statement) {
        if (statements.size() == 1) {
            statements = new ArrayList<>(statements);
        }
        statements.add(statement);
        state = State.WRITTEN;
    }

    boolean isVariable() {
        return isVariable;
    }

    /** As last written. */
    String name() {
        return last().name();
    }

    private Setting last() {
        return statements.get(statements.size() - 1).written();
    }

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
        var last = last();
        return last.values() == values ? last : new Setting(last.name(), List.copyOf(values), last.position());
    }
}
