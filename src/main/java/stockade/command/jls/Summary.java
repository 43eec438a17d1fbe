package stockade.command.jls;

import java.util.List;
import java.util.function.Supplier;
import stockade.linux.Printable;
import stockade.network.Inet;
import stockade.prison.Cgroup;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.Listed;
import stockade.prison.Parameter;

/** Several lines for each jail, as FreeBSD's jls -v has them. */
public record Summary() implements Form {
    private static final String INDENT = " ".repeat(8);

    @Override
    public void head(Entry header) {
        header
                .title(Width.right("JID", 6)).padding("  ").title(Width.atLeast("Hostname", 29)).padding(" ").title("Path").endLine()
                .padding(INDENT).title(Width.atLeast("Name", 29)).padding(" ").title("State").endLine()
                .padding(INDENT).title("CPUSetID").endLine()
                .padding(INDENT).title("IP Address(es)").endLine()
                .padding(INDENT).title("Resource=Usage").endLine();
    }

    @Override
    public void tell(Listed listed, Supplier<Entry> next) {
        var jail = listed.jail();
        var amounts = Cgroup.usage(jail).amounts();
        var entry = next.get();
        identity(entry, jail);
        addresses(entry, "ipv4", jail.ip4());
        addresses(entry, "ipv6", jail.ip6());
        amounts.forEach((resource, amount) -> entry.padding(INDENT)
                .show(resource, resource + "=" + amount).endLine().datum(new Datum.Whole(resource, amount)));
    }

    private static void identity(Entry entry, Jail jail) {
        var hostname = Parameter.HOST_HOSTNAME.value(jail);
        entry.show("jid", Width.right(jail.jid().toString(), 6)).padding("  ")
                .column("hostname", Printable.line(hostname), 29).padding(" ")
                .show("path", Width.cut(Printable.line(jail.path()), 74)).endLine();
        entry.padding(INDENT).column("name", Printable.line(jail.name()), 29).padding(" ")
                .show("state", "ACTIVE").endLine();
        entry.padding(INDENT).show("cpusetid", jail.jid().toString()).endLine();
        entry.datum(new Datum.Whole("jid", jail.jid().number())).datum(new Datum.Text("hostname", hostname))
                .datum(new Datum.Text("path", jail.path())).datum(new Datum.Text("name", jail.name()))
                .datum(new Datum.Text("state", "ACTIVE")).datum(new Datum.Whole("cpusetid", jail.jid().number()));
    }

    private static void addresses(Entry entry, String family, Ip ip) {
        List<String> addresses = ip.addresses().stream().map(Inet::toString).toList();
        addresses.forEach(address -> entry.padding(INDENT).show(family + "_addr", address).endLine());
        entry.datum(new Datum.Members(family + "_addrs", family + "_addr", addresses));
    }
}
