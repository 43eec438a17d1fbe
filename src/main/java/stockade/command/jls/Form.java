package stockade.command.jls;

import stockade.prison.Listed;
import stockade.prison.Listing;

/** What jls(8) tells of jails. */
public sealed interface Form permits Table, Summary, Columns {
    /** What stands above all jails, for people. */
    void head(Entry header);

    void tell(Listed jail, Entry entry);

    /** Prints all that jls(8) does. */
    default void list(Listing jails, Encoding encoding, Output out) {
        encoding.encode(this::head, next -> jails.forEach(jail -> tell(jail, next.get())), out);
    }
}
