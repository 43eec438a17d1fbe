package stockade.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stockade.config.Wildcards.Entry;

/** The parameters and variables of one jail, later statements put over earlier ones, as FreeBSD's add_param does. */
final class Parameters {
    private final Map<String, Parameter> byKey = new LinkedHashMap<>();
    private final Problems problems;
    private final Budget budget;

    private Parameters(Problems problems, Budget budget) {
        this.problems = problems;
        this.budget = budget;
    }

    /**
     * Those of a jail.
     *
     * @param wildcards what holds for it by its name, in order
     * @param problems  where to add what is wrong
     */
    static Parameters of(Block jail, List<Entry> wildcards, Problems problems, Budget budget) {
        var parameters = new Parameters(problems, budget);
        parameters.add(naming(jail));
        int i = 0;
        for (; i < wildcards.size() && wildcards.get(i).order() < jail.order(); i++) {
            parameters.add(wildcards.get(i).statement());
        }
        for (var statement : jail.statements()) {
            parameters.add(statement);
        }
        for (; i < wildcards.size(); i++) {
            parameters.add(wildcards.get(i).statement());
        }
        return parameters;
    }

    /** What a jail's name says without a statement of its own. */
    private static Statement naming(Block jail) {
        var name = ParameterName.isNumber(jail.name()) ? ParameterName.JID : ParameterName.NAME;
        return new Statement(name, false, false, new Setting(name, List.of(jail.name()), jail.position()), List.of());
    }

    private void add(Statement statement) {
        budget.take(Budget.STATEMENT);
        var key = statement.key();
        var known = byKey.get(key);
        if (known == null) {
            if (statement.isVariable() && ParameterName.isReserved(key)) {
                refuseVariable(statement);
            }
            byKey.put(key, new Parameter(statement));
        } else if (known.isVariable() != statement.isVariable()) {
            refuseVariable(statement);
        } else if (ParameterName.isFixed(key)) {
            problems.add(statement.written().position(), "cannot redefine parameter \"" + known.name() + "\".");
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

    Collection<Parameter> all() {
        return byKey.values();
    }

    /** What a variable stands for: the variable or parameter of exactly that name, or null. */
    Parameter called(String name) {
        var parameter = byKey.get(ParameterName.key(name));
        return parameter != null && parameter.name().equals(name) ? parameter : null;
    }
}
