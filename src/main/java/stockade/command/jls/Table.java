package stockade.command.jls;

import java.util.function.Supplier;
import stockade.linux.Printable;
import stockade.prison.Listed;
import stockade.prison.Parameter;

/**
 * A line for each jail, in the columns of FreeBSD's jls: an address is cut at 15 characters, a hostname at 29, a path at 74.
 *
 * @param names whether there are names in place of jids
 */
public record Table(boolean names) implements Form {
    @Override
    public void head(Entry header) {
        if (names) {
            header.padding(" ").title(Width.atLeast("JID", 15)).padding(" ");
        } else {
            header.title(Width.right("JID", 6)).padding("  ");
        }
        header.title(Width.atLeast("IP Address", 15)).padding(" ").title(Width.atLeast("Hostname", 29)).padding(" ")
                .title("Path").endLine();
    }

    @Override
    public void tell(Listed jail, Supplier<Entry> next) {
        var hostname = jail.hostname();
        var entry = next.get();
        if (names) {
            var name = jail.name();
            entry.padding(" ").show("name", Width.atLeast(Printable.line(name), 15)).padding(" ").datum("name", name);
        } else {
            entry.right("jid", jail.jid(), 6).padding("  ").datum("jid", jail.jid());
        }
        var path = jail.path();
        var ip4 = jail.firstAddress(4);
        entry.column("ipv4", ip4.length() == 0 ? jail.firstAddress(6) : ip4, 15).padding(" ")
                .column("hostname", Printable.line(hostname), 29).padding(" ")
                .show("path", Width.cut(Printable.line(path), 74)).endLine()
                .datum("ipv4", ip4).datum("hostname", hostname).datum("path", path);
    }
}
