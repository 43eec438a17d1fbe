package stockade.prison;

import stockade.linux.Span;

/** A jail as somebody who lists jails reads it: no more of its record than is asked for, and the hostname that it has now. */
public final class Listed {
    private static final byte[] NAME = RecordLines.key("name");
    private static final byte[] PATH = RecordLines.key("path");
    private static final byte[] HOSTNAME = RecordLines.key("host.hostname");
    private static final byte[] IP4 = RecordLines.key("ip4");
    private static final byte[] IP6 = RecordLines.key("ip6");

    private final RecordLines lines = new RecordLines(new byte[0]);
    private final Span name = new Span();
    private final Span path = new Span();
    private final Span hostname = new Span();
    private final Span ip4 = new Span();
    private final Span ip6 = new Span();
    private int jid;
    private boolean mayBeRenamed;

    Listed() {
    }

    /** @param mayBeRenamed whether the kernel is to be asked for its hostname */
    public Listed(Jail jail, boolean mayBeRenamed) {
        var record = jail.recordBytes();
        turnTo(jail.jid().number(), record, record.length, mayBeRenamed);
    }

    /** From now on this is another jail, whose record is the start of an array. */
    void turnTo(int jid, byte[] record, int length, boolean mayBeRenamed) {
        this.jid = jid;
        this.mayBeRenamed = mayBeRenamed;
        lines.turnTo(record, length);
    }

    public int jid() {
        return jid;
    }

    /** As all texts that follow, to be used before this is another jail. */
    public CharSequence name() {
        return value(NAME, name);
    }

    public CharSequence path() {
        return value(PATH, path);
    }

    public CharSequence hostname() {
        var recorded = value(HOSTNAME, hostname);
        return mayBeRenamed || Jail.isRenamed(lines) ? Registry.hostname(jid, recorded.toString()) : recorded;
    }

    /** The first address of a version of the internet protocol, in the form of {@link stockade.network.Inet}; empty if it has none. */
    public CharSequence firstAddress(int version) {
        return Ip.firstAddress(version == 4 ? value(IP4, ip4) : value(IP6, ip6));
    }

    /** All of it. @throws JailException if the record is damaged */
    public Jail jail() {
        var jail = Jail.parse(lines);
        return mayBeRenamed || jail.isRenamed() ? jail.with(new Hostname(hostname().toString())) : jail;
    }

    private CharSequence value(byte[] key, Span place) {
        try {
            return lines.get(key, place);
        } catch (IllegalArgumentException e) {
            throw Jail.damaged();
        }
    }
}
