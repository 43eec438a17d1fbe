package stockade.command.jls;

import java.util.List;

/** A part of what is told of a jail, for programs. Strings are bytes, not necessarily of UTF-8. */
public sealed interface Datum {
    String name();

    record Text(String name, String value) implements Datum {
    }

    record Whole(String name, long value) implements Datum {
    }

    record Truth(String name, boolean value) implements Datum {
    }

    /** @param element what XML calls each of them */
    record Members(String name, String element, List<String> values) implements Datum {
    }
}
