package stockade.command.jls;

import java.util.List;
import stockade.prison.Jail;

/** What jls(8) tells of jails. */
public sealed interface Form permits Table, Summary, Columns {
    /** What stands above all jails, for people. */
    Entry header();

    Entry tell(Jail jail);

    /** All that jls(8) prints. */
    default String list(List<Jail> jails, Encoding encoding) {
        return encoding.encode(header(), jails.stream().map(this::tell).toList());
    }
}
