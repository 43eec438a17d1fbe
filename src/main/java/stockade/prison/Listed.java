package stockade.prison;

/** A jail as somebody who lists jails reads it: no more of its record than is asked for, and the hostname that it has now. */
public final class Listed {
    private static final byte[] NAME = RecordLines.key("name");
    private static final byte[] PATH = RecordLines.key("path");
    private static final byte[] HOSTNAME = RecordLines.key("host.hostname");
    private static final byte[] IP4 = RecordLines.key("ip4");
    private static final byte[] IP6 = RecordLines.key("ip6");

    private final String jid;
    private final byte[] record;
    private final RecordLines lines;
    private final boolean mayHaveNamedItself;

    Listed(String jid, byte[] record, boolean mayHaveNamedItself) {
        this.jid = jid;
        this.record = record;
        this.lines = new RecordLines(record);
        this.mayHaveNamedItself = mayHaveNamedItself;
    }

    /** @param mayHaveNamedItself whether the kernel is to be asked for its hostname */
    public Listed(Jail jail, boolean mayHaveNamedItself) {
        this(jail.jid().toString(), jail.recordBytes(), mayHaveNamedItself);
    }

    public String jid() {
        return jid;
    }

    public String name() {
        return value(NAME);
    }

    public String path() {
        return value(PATH);
    }

    public String hostname() {
        var recorded = value(HOSTNAME);
        return mayHaveNamedItself || Jail.isRenamed(lines) ? Registry.hostname(jid, recorded) : recorded;
    }

    /** The first address of a version of the internet protocol, in the form of {@link stockade.network.Inet}; empty if it has none. */
    public String firstAddress(int version) {
        return Ip.firstAddress(value(version == 4 ? IP4 : IP6));
    }

    /** All of it. @throws JailException if the record is damaged */
    public Jail jail() {
        var jail = Jail.parse(record);
        return mayHaveNamedItself || jail.isRenamed() ? jail.with(new Hostname(hostname())) : jail;
    }

    private String value(byte[] key) {
        try {
            return lines.get(key);
        } catch (IllegalArgumentException e) {
            throw Jail.damaged();
        }
    }
}
