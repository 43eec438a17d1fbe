package stockade.prison;

import java.util.Optional;

/** The parameters of a jail (jail(8)), in jls(8)'s order of all: names without a dot, then those with one. */
public enum Parameter {
    HOST("host", 0, "Jail host info"),
    IP4("ip4", 0, "Jail IPv4 address virtualization"),
    IP6("ip6", 0, "Jail IPv6 address virtualization"),
    JID("jid", 0, "Jail ID"),
    NAME("name", JailName.MAX + 1, "Jail name"),
    PATH("path", 4096, "Jail root path"),
    PERSIST("persist", 0, "Jail persistence"),
    SECURELEVEL("securelevel", 0, "Jail secure level"),
    VNET("vnet", 0, "Virtual network stack"),
    ALLOW_CHFLAGS(Permission.CHFLAGS, "Jail may alter system file flags"),
    ALLOW_EXPOSED_PATH(Permission.EXPOSED_PATH, "Jail may have a tree that users of the host can reach"),
    ALLOW_MLOCK(Permission.MLOCK, "Jail may lock (unlock) physical pages in memory"),
    ALLOW_RAW_SOCKETS(Permission.RAW_SOCKETS, "Jail may create raw sockets"),
    ALLOW_READ_MSGBUF(Permission.READ_MSGBUF, "Jail may read the kernel message buffer"),
    ALLOW_RESERVED_PORTS(Permission.RESERVED_PORTS, "Jail may bind sockets to reserved ports"),
    ALLOW_SET_HOSTNAME(Permission.SET_HOSTNAME, "Jail may set hostname"),
    ALLOW_SOCKET_AF(Permission.SOCKET_AF, "Jail may create sockets other than just UNIX/IPv4/IPv6/route"),
    ALLOW_SYSVIPC(Permission.SYSVIPC, "Jail may use SYSV IPC"),
    EXEC_ALLOW("exec.allow", 4096, "Programs that can be executed in the jail"),
    HOST_HOSTNAME("host.hostname", Hostname.MAX + 1, "Jail hostname"),
    IP4_ADDR("ip4.addr", 4, "Jail IPv4 addresses"),
    IP4_SADDRSEL(Permission.IP4_SADDRSEL, "Jail takes the IPv4 address of the way to a destination, not always the first"),
    IP6_ADDR("ip6.addr", 16, "Jail IPv6 addresses"),
    IP6_SADDRSEL(Permission.IP6_SADDRSEL, "Jail takes the IPv6 address of the way to a destination, not always the first");

    private final String label;
    private final int size;
    private final String description;
    private final Optional<Permission> permission;

    Parameter(String label, int size, String description) {
        this.label = label;
        this.size = size;
        this.description = description;
        this.permission = Optional.empty();
    }

    Parameter(Permission permission, String description) {
        this.label = permission.label();
        this.size = 0;
        this.description = description;
        this.permission = Optional.of(permission);
    }

    /** @throws JailException if there is none of that name */
    public static Parameter of(String label) {
        for (var parameter : values()) {
            if (parameter.label.equals(label)) {
                return parameter;
            }
        }
        throw new JailException("unknown parameter: " + label);
    }

    public String label() {
        return label;
    }

    /** The bytes that a string takes, its NUL included, or an address; 0 for numbers and switches. */
    public int size() {
        return size;
    }

    public String description() {
        return description;
    }

    /** What a switch allows, if it is one of those. */
    public Optional<Permission> permission() {
        return permission;
    }

    /** Whether it is true or false, and can be written as a name with or without "no". */
    public boolean isSwitch() {
        return this == PERSIST || permission.isPresent();
    }

    /** Whether it has members, or none. */
    public boolean isList() {
        return this == IP4_ADDR || this == IP6_ADDR || this == EXEC_ALLOW;
    }

    /** The name that says no: allow.nosysvipc. */
    public String negation() {
        int dot = label.indexOf('.') + 1;
        return label.substring(0, dot) + "no" + label.substring(dot);
    }

    /** A running jail's value at this moment. */
    public String value(Jail jail) {
        return switch (this) {
            case HOST -> "new";
            case IP4 -> jail.ip4().mode();
            case IP6 -> jail.ip6().mode();
            case JID -> jail.jid().toString();
            case NAME -> jail.name();
            case PATH -> jail.path();
            case PERSIST -> "false";
            case SECURELEVEL -> Integer.toString(jail.securelevel());
            case VNET -> jail.vnet() ? "new" : "inherit";
            case EXEC_ALLOW -> String.join(",", jail.programs());
            case HOST_HOSTNAME -> Registry.hostname(jail);
            case IP4_ADDR -> jail.ip4().addressList();
            case IP6_ADDR -> jail.ip6().addressList();
            default -> {
                try (var permissions = Permissions.of(jail.jid())) {
                    yield Boolean.toString(permissions.allow(permission.orElseThrow()));
                }
            }
        };
    }
}
