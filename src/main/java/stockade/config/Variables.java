package stockade.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import stockade.config.Parameter.State;

/** Replaces the variables in the parameters of one jail by what they stand for. */
final class Variables {
    /** How many bytes the values of one parameter can have then, which else doubles with each variable of two others. */
    static final int MAX_SIZE = 64 << 10;

    private final Parameters parameters;
    private final Budget budget;
    private String jail;
    private Problems problems;

    /** What is to be known before the first of them is. */
    private final Deque<Work> stack = new ArrayDeque<>();

    /** A parameter in work: how far its references were looked at. */
    private static final class Work {
        private final Parameter parameter;
        private int statement;
        private int reference;
        private boolean isBad;

        Work(Parameter parameter) {
            this.parameter = parameter;
            parameter.setState(State.IN_WORK);
        }
    }

    Variables(Parameters parameters, Budget budget) {
        this.parameters = parameters;
        this.budget = budget;
    }

    /**
     * Replaces those in the parameters as they are now.
     *
     * @param jail     whose they are
     * @param problems where to add what is wrong
     */
    void replace(String jail, Problems problems) {
        this.jail = jail;
        this.problems = problems;
        for (var parameter : parameters.all()) {
            if (parameter.state() == State.WRITTEN) {
                stack.push(new Work(parameter));
                while (!stack.isEmpty()) {
                    step(stack.peek());
                }
            }
        }
    }

    /** Starts with a parameter that another needs, or replaces what is in that one if it needs no more. */
    private void step(Work work) {
        var statements = work.parameter.statements();
        while (work.statement < statements.size()) {
            var statement = statements.get(work.statement);
            if (work.reference == statement.references().size()) {
                work.statement++;
                work.reference = 0;
                continue;
            }
            var name = statement.references().get(work.reference++).name();
            var target = parameters.called(name);
            if (target != null && target.state() == State.IN_WORK) {
                problems.add(statement.written().position(), name.text() + ": variable loop");
                work.isBad = true;
            } else if (target != null && target.state() == State.WRITTEN) {
                stack.push(new Work(target));
                return;
            }
        }
        stack.pop();
        var values = work.isBad ? null : values(work.parameter);
        if (values == null) {
            work.parameter.setState(State.BAD);
        } else {
            work.parameter.become(values);
        }
    }

    /** The values of a parameter of which all that it needs is known, or null if there is a problem. */
    private List<String> values(Parameter parameter) {
        budget.take(Budget.SETTING);
        var values = new ArrayList<String>();
        boolean isGood = true;
        int size = 0;
        for (var statement : parameter.statements()) {
            var references = statement.references();
            var texts = statement.written().values();
            int to = 0;
            for (int i = 0; i < texts.size(); i++) {
                int from = to;
                while (to < references.size() && references.get(to).value() == i) {
                    to++;
                }
                if (from == to) {
                    values.add(texts.get(i));
                    continue;
                }
                int before = values.size();
                isGood &= add(texts.get(i), references.subList(from, to), parameter, statement, values);
                size += size(values, before);
                if (size > MAX_SIZE) {
                    problem(parameter, statement, "more than " + MAX_SIZE + " bytes");
                    return null;
                }
            }
        }
        return isGood ? values : null;
    }

    private int size(List<String> values, int from) {
        int size = 0;
        for (int i = from; i < values.size(); i++) {
            size += values.get(i).length() + 1;
            budget.take(Budget.string(values.get(i).length()));
        }
        return size;
    }

    /** Adds what a text with variables is. Returns whether it is anything. */
    private boolean add(String text, List<Reference> references, Parameter parameter, Statement statement,
            List<String> to) {
        var value = new StringBuilder();
        boolean isGood = true;
        int at = 0;
        for (int i = 0; i < references.size(); i++) {
            var reference = references.get(i);
            var meaning = meaning(reference.name());
            value.append(text, at, reference.at());
            at = reference.at();
            if (meaning == null) {
                isGood = false;
            } else if (meaning.isEmpty()) {
                isGood = problem(parameter, statement, "variable \"" + reference.name().text() + "\" not found");
            } else if (meaning.size() == 1) {
                value.append(meaning.get(0));
            } else if (text.isEmpty() && value.isEmpty() && i == references.size() - 1) {
                return to.addAll(meaning) && isGood;
            } else {
                isGood = problem(parameter, statement, "array cannot be substituted inline");
            }
            if (value.length() > MAX_SIZE) {
                break;
            }
        }
        to.add(value.append(text, at, text.length()).toString());
        return isGood;
    }

    /** What a variable stands for: nothing if it isn't there, null if that has a problem of its own. */
    private List<String> meaning(Name name) {
        var parameter = parameters.called(name);
        if (parameter == null) {
            return name.text().equals(ParameterName.NAME) ? List.of(jail) : List.of();
        }
        return parameter.state() == State.BAD ? null : parameter.values();
    }

    private boolean problem(Parameter parameter, Statement statement, String what) {
        problems.add(statement.written().position(), parameter.name().text() + ": " + what);
        return false;
    }
}
