package stockade.prison;

import java.util.Optional;
import java.util.TreeMap;
import stockade.linux.Bytes;
import stockade.network.Inet4;

/**
 * A jail that exists, as its record in the registry says.
 *
 * @param name    its given name, or its jid in decimal
 * @param aliased whether the address is an alias that was added for this jail
 */
public record Jail(Jid jid, String name, String path, Hostname hostname, Optional<Inet4> address, boolean aliased,
        int securelevel) {

    static Jail of(JailSpec spec, Jid jid, boolean aliased) {
        return new Jail(jid, spec.name().map(JailName::text).orElse(jid.toString()), spec.path(), spec.hostname(),
                spec.address(), aliased, spec.securelevel());
    }

    /** This jail, its alias being gone. */
    public Jail withoutAlias() {
        return new Jail(jid, name, path, hostname, address, false, securelevel);
    }

    /** The record: a line for each parameter, name=value, with \\ and \n in values escaped. */
    String record() {
        return "jid=" + jid + "\nname=" + escape(name) + "\npath=" + escape(path) + "\nhost.hostname="
                + escape(hostname.text()) + "\nip4.addr=" + address.map(Inet4::toString).orElse("") + "\nalias="
                + aliased + "\nsecurelevel=" + securelevel + "\n";
    }

    /** @throws JailException if it is not a whole record */
    static Jail parse(String record) {
        var values = new TreeMap<String, String>();
        for (var line : Bytes.split(record, '\n')) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), unescape(line.substring(equals + 1)));
            }
        }
        try {
            var address = values.get("ip4.addr");
            return new Jail(new Jid(Bytes.decimal(values.get("jid"))), values.get("name"), values.get("path"),
                    new Hostname(values.get("host.hostname")),
                    address.isEmpty() ? Optional.empty() : Optional.of(Inet4.parse(address)),
                    values.get("alias").equals("true"), Bytes.decimal(values.get("securelevel")));
        } catch (NullPointerException | IllegalArgumentException e) {
            throw new JailException("damaged record");
        }
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\n", "\\n");
    }

    private static String unescape(String value) {
        var s = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length()) {
                c = value.charAt(++i) == 'n' ? '\n' : value.charAt(i);
            }
            s.append(c);
        }
        return s.toString();
    }
}
