package stockade.command.jls;

import java.util.function.Supplier;
import stockade.prison.Listed;
import stockade.prison.Listing;

/** What jls(8) tells of jails. */
public sealed interface Form permits Table, Summary, Columns {
    /** What stands above all jails, for people. */
    void head(Entry header);

    /** @param next gives the entry, to be asked for when all is known that is to be told: the jail may end before */
    void tell(Listed jail, Supplier<Entry> next);

    /** Prints all that jls(8) does. */
    default void list(Listing jails, Encoding encoding, Output out) {
        encoding.encode(this::head, next -> jails.forEach(jail -> tell(jail, next)), out);
    }
}
