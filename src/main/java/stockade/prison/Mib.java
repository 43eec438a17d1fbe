package stockade.prison;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * The entries of FreeBSD's MIB (sysctl(8)) that rule jails and chroots, as they are at this moment. They are a
 * file of 32-bit numbers, made of the initial values and {@value #CONFIGURATION} when the first jail or chroot since
 * the boot needs them; whoever has it open sees every change.
 */
public final class Mib implements AutoCloseable {
    public static final String CONFIGURATION = "/etc/stockade/sysctl.conf";
    private static final String FILE = Registry.ROOT + "/mib";

    private final Descriptor file;

    private Mib(Descriptor file) {
        this.file = file;
    }

    /** Who may set an entry, and to what. */
    public enum Access {
        /** Nobody: it says what is. */
        READ_ONLY,
        /** It is 0 or 1; any number but 0 sets it to 1. */
        SWITCH,
        /** Any int. */
        NUMBER,
        /** 0 or more. */
        COUNT,
        /** Only the value that it has: the others stand for what Linux has no way to do. */
        FIXED
    }

    /** An entry. The order is that of the numbers in the file: a new one goes to the end. */
    public enum Entry {
        CHROOT_ALLOW_OPEN_DIRECTORIES("kern.chroot_allow_open_directories", Access.NUMBER, 1,
                "Whether chroot(2) may be called with directories open: 0 no, 1 unless chrooted already, else yes"),
        SET_HOSTNAME_ALLOWED("security.jail.set_hostname_allowed", Access.SWITCH, 1,
                "Processes in jail can set their hostnames"),
        SOCKET_UNIXIPROUTE_ONLY("security.jail.socket_unixiproute_only", Access.SWITCH, 1,
                "Processes in jail are limited to creating UNIX/IP/route sockets only"),
        SYSVIPC_ALLOWED("security.jail.sysvipc_allowed", Access.SWITCH, 0,
                "Processes in jail can use System V IPC primitives"),
        ALLOW_RAW_SOCKETS("security.jail.allow_raw_sockets", Access.SWITCH, 0,
                "Prison root can create raw sockets"),
        CHFLAGS_ALLOWED("security.jail.chflags_allowed", Access.SWITCH, 0,
                "Processes in jail can alter system file flags"),
        MLOCK_ALLOWED("security.jail.mlock_allowed", Access.SWITCH, 0,
                "Processes in jail can lock/unlock physical pages in memory"),
        MOUNT_ALLOWED("security.jail.mount_allowed", Access.FIXED, 0,
                "Processes in jail can mount/unmount jail-friendly file systems"),
        ENFORCE_STATFS("security.jail.enforce_statfs", Access.FIXED, 1,
                "Processes in jail cannot see all mounted file systems"),
        JAIL_MAX_AF_IPS("security.jail.jail_max_af_ips", Access.COUNT, 255,
                "Number of IP addresses a jail may have at most per address family"),
        JAILED("security.jail.jailed", Access.READ_ONLY, 0, "Process in jail?"),
        VNET("security.jail.vnet", Access.READ_ONLY, 0, "Jail owns vnet?"),
        CHILDREN_CUR("security.jail.children.cur", Access.READ_ONLY, 0, "Current number of child jails"),
        CHILDREN_MAX("security.jail.children.max", Access.READ_ONLY, Jid.MAX, "Maximum number of child jails");

        private final String label;
        private final Access access;
        private final int initial;
        private final String description;

        Entry(String label, Access access, int initial, String description) {
            this.label = label;
            this.access = access;
            this.initial = initial;
            this.description = description;
        }

        /** The entry with a number in the file. */
        public static Optional<Entry> of(int number) {
            return number >= 0 && number < values().length ? Optional.of(values()[number]) : Optional.empty();
        }

        public String label() {
            return label;
        }

        public Access access() {
            return access;
        }

        public String description() {
            return description;
        }
    }

    /** The MIB, its file made if it is missing. For others than root, who can't, it is then what it would be. */
    public static Mib open() {
        if (!Files.exists(FILE)) {
            if (Credentials.effectiveUid() != 0) {
                return new Mib(Files.inMemory("mib", initial()));
            }
            Registry.lock().close();
        }
        return new Mib(Files.open(FILE, Files.O_RDONLY));
    }

    /** Makes the file if it is missing. To be called under the registry's lock. */
    static void ensure() {
        if (!Files.exists(FILE)) {
            var part = FILE + ".new";
            Files.create(part, 0644, Bytes.toString(initial()));
            Files.setMode(part, 0644); // whatever the umask
            Files.rename(part, FILE);
        }
    }

    private static byte[] initial() {
        var values = new int[Entry.values().length];
        for (var entry : Entry.values()) {
            values[entry.ordinal()] = entry.initial;
        }
        if (Files.exists(CONFIGURATION)) {
            for (var setting : SysctlFile.parse(CONFIGURATION, Files.read(CONFIGURATION))) {
                values[setting.entry().ordinal()] = setting.value();
            }
        }
        return bytes(values);
    }

    /** An entry's value. */
    public int value(Entry entry) {
        var b = new byte[4];
        return file.readAt(4L * entry.ordinal(), b, 0, 4) == 4 ? ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN).getInt()
                : entry.initial; // a file of a version that did not have it
    }

    /** Sets an entry, for every jail and chroot from this moment on. */
    public static void set(Setting setting) {
        try (var lock = Registry.lock(); var mib = open(); var file = Files.open(FILE, Files.O_WRONLY)) {
            var values = new int[Entry.values().length];
            for (var entry : Entry.values()) {
                values[entry.ordinal()] = mib.value(entry); // all of them: the file may be shorter
            }
            values[setting.entry.ordinal()] = setting.value;
            file.writeAt(0, bytes(values));
        }
    }

    private static byte[] bytes(int[] values) {
        var buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            buffer.putInt(value);
        }
        return buffer.array();
    }

    /** An entry and a value that it can have. */
    public record Setting(Entry entry, int value) {
        /** @throws KernelException EPERM, EINVAL, or EOPNOTSUPP for a value that Linux has nothing for */
        public Setting {
            var errno = switch (entry.access) {
                case READ_ONLY -> Errno.EPERM;
                case FIXED -> value == entry.initial ? null : Errno.EOPNOTSUPP;
                case COUNT -> value >= 0 ? null : Errno.EINVAL;
                case NUMBER, SWITCH -> null;
            };
            if (errno != null) {
                throw new KernelException(entry.label + "=" + value, errno);
            }
            value = entry.access == Access.SWITCH && value != 0 ? 1 : value;
        }
    }

    /** The descriptor that this needs, for a process that closes all others. */
    public Descriptor descriptor() {
        return file;
    }

    @Override
    public void close() {
        file.close();
    }
}
