package stockade.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stockade.config.Parameter.State;

/** Finds what holds for each jail of a configuration. */
final class Resolver {
    private final List<Block> blocks;
    private final Wildcards wildcards;
    private final Parameters parameters;
    private final Variables variables;
    private final Budget budget;

    Resolver(Script script, Budget budget) {
        this.budget = budget;
        blocks = script.blocks();
        wildcards = new Wildcards(blocks);
        parameters = new Parameters(script, budget);
        variables = new Variables(parameters, budget);
    }

    /**
     * To be called once.
     *
     * @throws ConfigurationException if it is too large
     */
    Configuration configuration() {
        var jails = new ArrayList<Declaration>();
        for (var first : declared().values()) {
            jails.add(declaration(first));
        }
        return new Configuration(List.copyOf(jails));
    }

    /** The blocks of each jail by its name. */
    private Map<String, List<Block>> declared() {
        var byName = new LinkedHashMap<String, List<Block>>();
        for (var block : blocks) {
            if (!block.isWildcard()) {
                byName.computeIfAbsent(block.name(), name -> new ArrayList<>(1)).add(block);
            }
        }
        return byName;
    }

    /** Of several blocks FreeBSD would take one or another; here none is right. */
    private Declaration declaration(List<Block> same) {
        var jail = same.get(0);
        var problems = new Problems(budget);
        for (var again : same.subList(1, same.size())) {
            problems.add(again.position(), "jail \"" + jail.name() + "\" is already declared at " + jail.position());
        }
        parameters.read(jail, wildcards.matching(jail.name(), budget), problems);
        variables.replace(jail.name(), problems);
        var settings = new ArrayList<Setting>(parameters.all().size());
        for (var parameter : parameters.all()) {
            if (!parameter.isVariable() && parameter.state() == State.DONE) {
                settings.add(parameter.setting());
            }
        }
        jail.statements().clear(); // the settings are what is left of them
        return new Declaration(jail.name(), settings, problems.lines());
    }
}
