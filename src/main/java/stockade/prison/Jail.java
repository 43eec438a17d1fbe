package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.network.Alias;
import stockade.network.Inet;
import stockade.network.JailEntry;
import stockade.network.VirtualLink;

/**
 * A jail that exists, as its record in the registry says.
 *
 * @param name       its given name, or its jid in decimal
 * @param steered    whether it can have several addresses of the host's stack: its bind(2), listen(2) and connect(2) are
 *                   the usher's, from the start to the end
 * @param interfaces those of the host that it has in a network stack of its own
 * @param isRenamed  whether the host has given it another hostname than the one it was made with
 * @param programs   the only ones that can be executed in it; empty: any
 * @param limits     of the resources that its processes use together
 */
public record Jail(Jid jid, String name, String path, Hostname hostname, boolean isRenamed, Ip ip4, Ip ip6, boolean steered, boolean vnet,
        List<String> interfaces, List<String> programs, int securelevel, ResourceLimits limits) {
    private static final byte[] RENAMED = RecordLines.key("renamed");
    private static final byte[] FALSE = Bytes.of("false");

    static Jail of(JailSpec spec, Jid jid) {
        return new Jail(jid, spec.name().map(JailName::text).orElse(jid.toString()), spec.path(), spec.hostname(), false,
                spec.ip4(), spec.ip6(), spec.isSteered(),
                spec.vnet(), spec.interfaces(), spec.programs(), spec.securelevel(), spec.limits());
    }

    /** The same with other addresses. */
    public Jail with(Ip ip4, Ip ip6) {
        return new Jail(jid, name, path, hostname, isRenamed, ip4, ip6, steered, vnet, interfaces, programs, securelevel, limits);
    }

    /** The same with other limits. */
    public Jail with(ResourceLimits limits) {
        return new Jail(jid, name, path, hostname, isRenamed, ip4, ip6, steered, vnet, interfaces, programs, securelevel, limits);
    }

    /** The same with another name and securelevel. */
    public Jail with(String name, int securelevel) {
        return new Jail(jid, name, path, hostname, isRenamed, ip4, ip6, steered, vnet, interfaces, programs, securelevel, limits);
    }

    /** The same with the hostname that it has now. */
    Jail with(Hostname now) {
        return new Jail(jid, name, path, now, isRenamed, ip4, ip6, steered, vnet, interfaces, programs, securelevel, limits);
    }

    /** The same with another hostname than its record's, which the kernel is to be asked for. */
    Jail renamed() {
        return new Jail(jid, name, path, hostname, true, ip4, ip6, steered, vnet, interfaces, programs, securelevel, limits);
    }

    /** Whether only some programs can be executed in it. */
    public boolean limitsPrograms() {
        return !programs.isEmpty();
    }

    public List<Alias> aliases() {
        var aliases = new ArrayList<Alias>(ip4.aliases());
        aliases.addAll(ip6.aliases());
        return aliases;
    }

    public List<Inet> addresses() {
        return aliases().stream().map(Alias::address).toList();
    }

    /** What the kernel is to know of it; empty if it has nothing of the host's internet. */
    public Optional<JailEntry> entry(boolean reservedPorts) {
        boolean inherits4 = ip4 instanceof Ip.Inherited;
        boolean inherits6 = ip6 instanceof Ip.Inherited;
        return vnet || addresses().isEmpty() && !inherits4 && !inherits6 ? Optional.empty()
                : Optional.of(new JailEntry(jid.usherGid(), reservedPorts, addresses(), inherits4, inherits6));
    }

    /** The link of its own network stack to the host, if it has both. */
    public Optional<VirtualLink> link() {
        return vnet && !addresses().isEmpty() ? Optional.of(new VirtualLink(jid.number(), aliases())) : Optional.empty();
    }

    /** The record: a line for each parameter, name=value, with \\ and \n in values escaped. */
    String record() {
        return "jid=" + jid + "\nname=" + RecordLines.escape(name) + "\npath=" + RecordLines.escape(path) + "\nhost.hostname="
                + RecordLines.escape(hostname.text()) + "\nrenamed=" + isRenamed + "\nip4=" + ip4.format() + "\nip6=" + ip6.format()
                + "\nsteered=" + steered + "\nvnet=" + vnet + "\nvnet.interface=" + RecordLines.escape(String.join(",", interfaces))
                + "\nexec.allow=" + RecordLines.escape(String.join(",", programs)) + "\nsecurelevel=" + securelevel + "\n" + limits.lines();
    }

    /** The record, for {@link #parse(byte[])}. */
    public byte[] recordBytes() {
        return Bytes.of(record());
    }

    /** What {@link #recordBytes} has told. @throws JailException if it is not a whole record */
    public static Jail parse(byte[] record) {
        return parse(new RecordLines(record));
    }

    static Jail parse(RecordLines lines) {
        try {
            return new Jail(new Jid(Bytes.decimal(lines.get("jid"))), lines.get("name"), lines.get("path"),
                    new Hostname(lines.get("host.hostname")), isRenamed(lines), Ip.parse(lines.get("ip4")), Ip.parse(lines.get("ip6")),
                    lines.get("steered", "false").equals("true"), lines.get("vnet").equals("true"),
                    Bytes.parts(lines.get("vnet.interface", ""), ','), Bytes.parts(lines.get("exec.allow", ""), ','),
                    Bytes.decimal(lines.get("securelevel")), ResourceLimits.parse(lines));
        } catch (IllegalArgumentException e) {
            throw damaged();
        }
    }

    /** A record of a version that did not note it counts as if it had. */
    static boolean isRenamed(RecordLines lines) {
        return !lines.is(RENAMED, FALSE);
    }

    static JailException damaged() {
        return new JailException("damaged record");
    }
}
