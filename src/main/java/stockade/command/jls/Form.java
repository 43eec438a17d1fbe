package stockade.command.jls;

import java.util.function.Consumer;
import java.util.stream.Stream;
import stockade.prison.Listed;

/** What jls(8) tells of jails. */
public sealed interface Form permits Table, Summary, Columns {
    /** What stands above all jails, for people. */
    void head(Entry header);

    void tell(Listed jail, Entry entry);

    /** Prints all that jls(8) does. */
    default void list(Stream<Listed> jails, Encoding encoding, Output out) {
        encoding.encode(this::head, jails.map(jail -> (Consumer<Entry>) entry -> tell(jail, entry)), out);
    }
}
