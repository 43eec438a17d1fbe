package stockade.prison;

import java.util.Map;
import stockade.linux.Descriptor;
import stockade.linux.Files;

/**
 * A jail's permissions as they are at this moment: its own where it was told, else what the MIB says. Its own
 * are a file of one byte for each, '1', '0', or '-' where it was never told; whoever has the file open sees every change.
 */
public final class Permissions implements AutoCloseable {
    private static final char UNTOLD = '-';

    private final Descriptor own;
    private final Mib mib;

    private Permissions(Descriptor own, Mib mib) {
        this.own = own;
        this.mib = mib;
    }

    /** The content of the file of a jail that was told this and nothing else. */
    static String told(Map<Permission, Boolean> changes) {
        return change(String.valueOf(UNTOLD).repeat(Permission.values().length), changes);
    }

    private static String change(String before, Map<Permission, Boolean> changes) {
        var told = new StringBuilder(before);
        changes.forEach((permission, allowed) -> told.setCharAt(permission.ordinal(), allowed ? '1' : '0'));
        return told.toString();
    }

    public static Permissions of(Jid jid) {
        return new Permissions(Files.open(Registry.permissions(jid), Files.O_RDONLY), Mib.open());
    }

    public boolean allow(Permission permission) {
        var told = new byte[1];
        int n = own.readAt(permission.ordinal(), told, 0, 1);
        return n == 0 || told[0] == UNTOLD
                ? permission.entry().map(entry -> permission.isAllowedBy(mib.value(entry))).orElse(permission.initial())
                : told[0] == '1';
    }

    /** The value of a MIB entry as the jail itself sees it. */
    public int value(Mib.Entry entry) {
        return Permission.of(entry).map(permission -> permission.asEntryValue(allow(permission)))
                .orElseGet(() -> switch (entry) {
                    case JAILED -> 1;
                    case CHILDREN_CUR, CHILDREN_MAX -> 0; // jails are made on the host only
                    default -> mib.value(entry);
                });
    }

    /** Tells a jail, from this moment on. To be called under the registry's lock. */
    public static void tell(Jid jid, Map<Permission, Boolean> changes) {
        Files.overwrite(Registry.permissions(jid), 0600, change(Files.read(Registry.permissions(jid)), changes));
    }

    /** The descriptors that this needs, for a process that closes all others. */
    public Descriptor[] descriptors() {
        return new Descriptor[] {own, mib.descriptor()};
    }

    @Override
    public void close() {
        own.close();
        mib.close();
    }
}
