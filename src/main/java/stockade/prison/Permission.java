package stockade.prison;

import java.util.Optional;
import stockade.prison.Mib.Entry;

/**
 * What a jail may or may not do, decided when it does it: the switches of FreeBSD's jail(8). A jail that was never
 * told follows an entry of the MIB, if there is one. One, {@link #EXPOSED_PATH}, is about the making of a jail.
 *
 * The order is that of the bytes in a jail's file of permissions: a new one goes to the end.
 */
public enum Permission {
    SET_HOSTNAME("allow.set_hostname", true, Optional.of(Entry.SET_HOSTNAME_ALLOWED)),
    SYSVIPC("allow.sysvipc", false, Optional.of(Entry.SYSVIPC_ALLOWED)),
    RAW_SOCKETS("allow.raw_sockets", false, Optional.of(Entry.ALLOW_RAW_SOCKETS)),
    CHFLAGS("allow.chflags", false, Optional.of(Entry.CHFLAGS_ALLOWED)),
    SOCKET_AF("allow.socket_af", false, Optional.of(Entry.SOCKET_UNIXIPROUTE_ONLY)),
    MLOCK("allow.mlock", false, Optional.of(Entry.MLOCK_ALLOWED)),
    READ_MSGBUF("allow.read_msgbuf", false, Optional.empty()),
    RESERVED_PORTS("allow.reserved_ports", true, Optional.empty()),
    IP4_SADDRSEL("ip4.saddrsel", true, Optional.empty()),
    IP6_SADDRSEL("ip6.saddrsel", true, Optional.empty()),
    EXPOSED_PATH("allow.exposed_path", false, Optional.empty()),
    SYSVMSG("sysvmsg", false, Optional.empty()),
    SYSVSEM("sysvsem", false, Optional.empty()),
    SYSVSHM("sysvshm", false, Optional.empty());

    private final String label;
    private final boolean initial;
    private final Optional<Entry> entry;

    Permission(String label, boolean initial, Optional<Entry> entry) {
        this.label = label;
        this.initial = initial;
        this.entry = entry;
    }

    /** Its name as a parameter. */
    public String label() {
        return label;
    }

    /** What it is where nobody has said anything. */
    boolean initial() {
        return initial;
    }

    /** Whether its value is true or false; else it is new or disable. */
    public boolean isSwitch() {
        return this != SYSVMSG && this != SYSVSEM && this != SYSVSHM;
    }

    /** A value of the parameter. */
    String format(boolean allowed) {
        return isSwitch() ? Boolean.toString(allowed) : allowed ? "new" : "disable";
    }

    /** Whether a running jail can be told. */
    public boolean isChangeable() {
        return this != EXPOSED_PATH;
    }

    /** The entry that decides for jails that were never told. */
    Optional<Entry> entry() {
        return entry;
    }

    /** What a value of its entry means: one entry of them forbids. */
    boolean isAllowedBy(int value) {
        return (value != 0) != (this == SOCKET_AF);
    }

    /** The value of its entry that means the same. */
    int asEntryValue(boolean allowed) {
        return allowed != (this == SOCKET_AF) ? 1 : 0;
    }

    /** The permission that an entry decides. */
    public static Optional<Permission> of(Entry entry) {
        for (var permission : values()) {
            if (permission.entry.equals(Optional.of(entry))) {
                return Optional.of(permission);
            }
        }
        return Optional.empty();
    }
}
