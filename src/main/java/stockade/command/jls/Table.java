package stockade.command.jls;

import stockade.linux.Printable;
import stockade.prison.Jail;
import stockade.prison.Parameter;

/**
 * A line for each jail, in the columns of FreeBSD's jls: an address is cut at 15 characters, a hostname at 29, a path at 74.
 *
 * @param names whether there are names in place of jids
 */
public record Table(boolean names) implements Form {
    @Override
    public Entry header() {
        var header = new Entry();
        if (names) {
            header.padding(" ").title(Width.atLeast("JID", 15)).padding(" ");
        } else {
            header.title(Width.right("JID", 6)).padding("  ");
        }
        return header.title(Width.atLeast("IP Address", 15)).padding(" ").title(Width.atLeast("Hostname", 29)).padding(" ")
                .title("Path").endLine();
    }

    @Override
    public Entry tell(Jail jail) {
        var hostname = Parameter.HOST_HOSTNAME.value(jail);
        var entry = new Entry();
        if (names) {
            entry.padding(" ").show("name", Width.atLeast(Printable.line(jail.name()), 15)).padding(" ")
                    .datum(new Datum.Text("name", jail.name()));
        } else {
            entry.show("jid", Width.right(jail.jid().toString(), 6)).padding("  ")
                    .datum(new Datum.Whole("jid", jail.jid().number()));
        }
        return entry.show("ipv4", Width.exactly(firstAddress(jail), 15)).padding(" ")
                .show("hostname", Width.exactly(Printable.line(hostname), 29)).padding(" ")
                .show("path", Width.cut(Printable.line(jail.path()), 74)).endLine()
                .datum(new Datum.Text("ipv4", jail.ip4().addresses().isEmpty() ? ""
                        : jail.ip4().addresses().get(0).toString()))
                .datum(new Datum.Text("hostname", hostname)).datum(new Datum.Text("path", jail.path()));
    }

    private static String firstAddress(Jail jail) {
        return jail.addresses().isEmpty() ? "" : jail.addresses().get(0).toString();
    }
}
