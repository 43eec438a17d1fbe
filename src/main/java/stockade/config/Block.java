package stockade.config;

import java.util.ArrayList;
import java.util.List;

/**
 * A jail's or a wildcard's part of a configuration, "name { ... }".
 *
 * @param order its place among all blocks: later ones supersede earlier ones
 */
record Block(String name, Position position, int order, List<Statement> statements) {
    Block(String name, Position position, int order) {
        this(name, position, order, new ArrayList<>());
    }

    boolean isWildcard() {
        return Wildcard.isWildcard(name);
    }
}
