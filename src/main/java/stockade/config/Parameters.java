package stockade.config;

import java.util.ArrayList;
import java.util.List;
import stockade.config.Wildcards.Entry;

/**
 * The parameters and variables of a jail, later statements put over earlier ones, as FreeBSD's add_param does. They are used
 * for one jail after the other: what all of many jails leave behind takes longer to collect than to make.
 */
final class Parameters {
    private final Script script;
    private final Budget budget;
    private final Parameter[] byNumber;

    /** Those that are there, in the order of what is first said about each. */
    private final List<Parameter> order = new ArrayList<>();

    private Problems problems;

    Parameters(Script script, Budget budget) {
        this.script = script;
        this.budget = budget;
        script.name(ParameterName.NAME);
        script.name(ParameterName.JID);
        byNumber = new Parameter[script.size()];
    }

    /**
     * Takes those of a jail in place of what there is.
     *
     * @param wildcards what holds for it by its name, in order
     * @param problems  where to add what is wrong
     */
    void read(Block jail, List<Entry> wildcards, Problems problems) {
        this.problems = problems;
        for (var parameter : order) {
            parameter.clear();
        }
        order.clear();
        add(naming(jail));
        int i = 0;
        for (; i < wildcards.size() && wildcards.get(i).order() < jail.order(); i++) {
            add(wildcards.get(i).statement());
        }
        for (var statement : jail.statements()) {
            add(statement);
        }
        for (; i < wildcards.size(); i++) {
            add(wildcards.get(i).statement());
        }
    }

    /** What a jail's name says without a statement of its own. */
    private Statement naming(Block jail) {
        var name = script.name(ParameterName.isNumber(jail.name()) ? ParameterName.JID : ParameterName.NAME);
        return new Statement(name, false, false, new Setting(name.text(), List.of(jail.name()), jail.position()), List.of());
    }

    private void add(Statement statement) {
        budget.take(Budget.USE);
        var name = statement.name();
        var known = byNumber[name.number()];
        if (known == null) {
            known = new Parameter();
            byNumber[name.number()] = known;
        }
        if (!known.isThere()) {
            if (statement.isVariable() && ParameterName.isReserved(name.key())) {
                refuseVariable(statement);
            }
            known.set(statement);
            order.add(known);
        } else if (known.isVariable() != statement.isVariable()) {
            refuseVariable(statement);
        } else if (ParameterName.isFixed(name.key())) {
            problems.add(statement.written().position(), "cannot redefine parameter \"" + known.name().text() + "\".");
        } else if (statement.appends()) {
            known.append(statement);
        } else {
            known.set(statement);
        }
    }

    private void refuseVariable(Statement statement) {
        problems.add(statement.written().position(), "variable \"$" + statement.written().name()
                + "\" cannot have the same name as a parameter.");
    }

    List<Parameter> all() {
        return order;
    }

    /** What a variable stands for: the variable or parameter of exactly that name, or null. */
    Parameter called(Name name) {
        var parameter = byNumber[name.number()];
        return parameter != null && parameter.isThere() && parameter.name() == name ? parameter : null;
    }
}
