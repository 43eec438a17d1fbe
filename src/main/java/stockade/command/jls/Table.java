package stockade.command.jls;

import stockade.linux.Printable;
import stockade.prison.Ip;
import stockade.prison.Jail;
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
    public void tell(Jail jail, Entry entry) {
        var hostname = Parameter.HOST_HOSTNAME.value(jail);
        if (names) {
            entry.padding(" ").show("name", Width.atLeast(Printable.line(jail.name()), 15)).padding(" ")
                    .datum(new Datum.Text("name", jail.name()));
        } else {
            entry.show("jid", Width.right(jail.jid().toString(), 6)).padding("  ")
                    .datum(new Datum.Whole("jid", jail.jid().number()));
        }
        var ip4 = first(jail.ip4());
        entry.column("ipv4", ip4.isEmpty() ? first(jail.ip6()) : ip4, 15).padding(" ")
                .column("hostname", Printable.line(hostname), 29).padding(" ")
                .show("path", Width.cut(Printable.line(jail.path()), 74)).endLine()
                .datum(new Datum.Text("ipv4", ip4)).datum(new Datum.Text("hostname", hostname)).datum(new Datum.Text("path", jail.path()));
    }

    private static String first(Ip ip) {
        return ip.aliases().isEmpty() ? "" : ip.aliases().get(0).address().toString();
    }
}
