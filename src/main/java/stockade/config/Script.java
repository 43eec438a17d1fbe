package stockade.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the files of a configuration say, one after the other. */
final class Script {
    private final List<Block> blocks = new ArrayList<>();
    private final Map<String, Name> names = new HashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Budget budget;

    Script(Budget budget) {
        this.budget = budget;
    }

    List<Block> blocks() {
        return blocks;
    }

    Block open(String name, Position position) {
        budget.take(Budget.BLOCK + Budget.string(name.length()));
        var block = new Block(name, position, blocks.size());
        blocks.add(block);
        return block;
    }

    /** Adds what is in no block: it is for all jails, as the last block's if that one is, too. */
    void add(Statement statement) {
        boolean goesOn = !blocks.isEmpty() && blocks.get(blocks.size() - 1).name().equals(Wildcard.ANY);
        var block = goesOn ? blocks.get(blocks.size() - 1) : open(Wildcard.ANY, statement.written().position());
        block.statements().add(statement);
    }

    /** The name of a parameter or variable. */
    Name name(String text) {
        var known = names.get(text);
        if (known == null) {
            budget.take(Budget.NAME + 2 * Budget.string(text.length()));
            var key = ParameterName.key(text);
            known = new Name(text, key, numbers.computeIfAbsent(key, k -> numbers.size()));
            names.put(text, known);
        }
        return known;
    }

    /** How many parameters and variables it is about. */
    int size() {
        return numbers.size();
    }
}
