package stockade.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the files of a configuration say, one after the other. */
final class Script {
    private final List<Block> blocks = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>();

    List<Block> blocks() {
        return blocks;
    }

    Block open(String name, Position position) {
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

    /** The same string for the same name, for most names are there many times. */
    String shared(String name) {
        var known = names.putIfAbsent(name, name);
        return known == null ? name : known;
    }
}
