package stockade.command.jls;

import java.util.List;
import java.util.function.Consumer;
import stockade.prison.Jail;

/** What jls(8) tells of jails. */
public sealed interface Form permits Table, Summary, Columns {
    /** What stands above all jails, for people. */
    void head(Entry header);

    void tell(Jail jail, Entry entry);

    /** Prints all that jls(8) does. */
    default void list(List<Jail> jails, Encoding encoding, Consumer<String> out) {
        encoding.encode(this::head, jails.stream().map(jail -> (Consumer<Entry>) entry -> tell(jail, entry)), out);
    }
}
