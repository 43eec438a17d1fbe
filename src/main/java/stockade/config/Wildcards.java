package stockade.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import stockade.linux.Bytes;

/** The wildcards of a configuration, found by the names that they stand for. */
final class Wildcards {
    /** A statement for many jails, and the order of the block it is in. */
    record Entry(int order, Statement statement) {
    }

    /** The wildcards whose names start with some parts: those that have no more, and those that go on. */
    private static final class Node {
        private final Map<String, Node> next = new HashMap<>();
        private List<Entry> entries = new ArrayList<>();
    }

    /** Where in the tree, and in the parts of a name, a search is. */
    private record Place(Node node, int part) {
    }

    private final Node root = new Node();

    /** @param blocks in their order, wildcards and others */
    Wildcards(List<Block> blocks) {
        var nodes = new HashSet<Node>();
        for (var block : blocks) {
            if (block.isWildcard()) {
                var node = root;
                for (var part : Bytes.split(block.name(), '.')) {
                    node = node.next.computeIfAbsent(part, p -> new Node());
                }
                for (var statement : block.statements()) {
                    node.entries.add(new Entry(block.order(), statement));
                }
                nodes.add(node);
            }
        }
        for (var node : nodes) {
            node.entries = effective(node.entries);
        }
    }

    /**
     * Without the statements that a later one replaces for all jails, so that a file in which each jail has its own
     * defaults before it, the same for all, takes no more time for each jail the more there are.
     */
    private static List<Entry> effective(List<Entry> entries) {
        var replaced = new HashSet<String>();
        var kept = new ArrayList<Entry>();
        for (int i = entries.size() - 1; i >= 0; i--) {
            var statement = entries.get(i).statement();
            var name = statement.isVariable() ? "$" + statement.name().key() : statement.name().key();
            if (!replaced.contains(name)) {
                kept.add(entries.get(i));
                if (!statement.appends()) {
                    replaced.add(name);
                }
            }
        }
        return kept.reversed();
    }

    /** What holds for a jail, in order. */
    List<Entry> matching(String name, Budget budget) {
        var lists = new ArrayList<List<Entry>>();
        var parts = Bytes.split(name, '.');
        var places = new ArrayDeque<Place>();
        places.push(new Place(root, 0));
        while (!places.isEmpty()) {
            budget.take(1);
            var place = places.pop();
            boolean isLast = place.part() == parts.size() - 1;
            var any = place.node().next.get(Wildcard.ANY);
            var same = place.node().next.get(parts.get(place.part()));
            add(any, lists);
            if (isLast) {
                add(same, lists);
            } else {
                go(any, place.part() + 1, places);
                go(same, place.part() + 1, places);
            }
        }
        return merged(lists);
    }

    private static void add(Node node, List<List<Entry>> to) {
        if (node != null && !node.entries.isEmpty()) {
            to.add(node.entries);
        }
    }

    private static void go(Node node, int part, ArrayDeque<Place> places) {
        if (node != null) {
            places.push(new Place(node, part));
        }
    }

    private static List<Entry> merged(List<List<Entry>> lists) {
        if (lists.size() == 1) {
            return lists.get(0);
        }
        var all = new ArrayList<Entry>();
        for (var list : lists) {
            all.addAll(list);
        }
        all.sort((one, other) -> Integer.compare(one.order(), other.order()));
        return all;
    }
}
