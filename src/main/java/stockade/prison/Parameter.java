package stockade.prison;

import java.util.List;
import java.util.Optional;

/**
 * Every parameter of a jail that FreeBSD 14's jail(8) has, and Stockade's own: the one table that jail.conf(5), jail(8),
 * jls(8), security.jail.param and the manual read. In jls(8)'s order of all: names without a dot, then those with one.
 */
public enum Parameter {
    COMMAND("command", Type.COMMAND, Change.ACTION, "", "A command to run in the jail behind exec.start. On a command line, it takes"
            + " the words behind it as arguments, and jail(8) is in the foreground for it."),
    DEPEND("depend", Type.LIST, Change.ACTION, "", "Jails that have to run before this one is made, and that end after it. They are"
            + " made and removed along with it."),
    DEVFS_RULESET("devfs_ruleset", Type.NUMBER, List.of("4", "5"), "Linux has no rulesets. The /dev of every jail is what 4,"
            + " devfsrules_jail, makes of it on FreeBSD."),
    DYING("dying", Type.SWITCH, List.of("false"), "A jail without processes is gone with all it had."),
    ENFORCE_STATFS("enforce_statfs", Type.NUMBER, List.of("1", "2"), "A jail sees no mount but its own."),
    HOST("host", Type.JAILSYS, List.of("new"), "A jail has a hostname of its own."),
    INTERFACE("interface", Type.STRING, Change.ACTION, "lo", "The interface of addresses that name none."),
    IP4("ip4", Type.JAILSYS, Change.CREATION, "new", "What the jail has of IPv4: new for ip4.addr, inherit for all that the"
            + " host has, disable for no sockets."),
    IP6("ip6", Type.JAILSYS, Change.CREATION, "new", "The same of IPv6."),
    IP_HOSTNAME("ip_hostname", Type.SWITCH, Change.ACTION, "false", "Adds the addresses that host.hostname has."),
    JID("jid", Type.NUMBER, Change.CREATION, "the next free one", "The number of the jail, from 1 to 32766."),
    LINUX("linux", Type.JAILSYS, List.of("new"), "Every jail is Linux."),
    MOUNT("mount", Type.LINES, Change.ACTION, "", "A file system to mount for the jail, as a line of fstab(5)."),
    NAME("name", Type.STRING, Change.ANY_TIME, "the jid", "The name of the jail, which is not a number and has no dots."),
    OSRELDATE("osreldate", Type.NUMBER, List.of(), "uname(2) tells what the kernel is."),
    OSRELEASE("osrelease", Type.STRING, List.of(), "uname(2) tells what the kernel is."),
    PARENT("parent", Type.NUMBER, List.of("0"), "Jails are made on the host only."),
    PATH("path", Type.STRING, Change.CREATION, "/", "The directory that is the root of the jail."),
    PERSIST("persist", Type.SWITCH, Change.ANY_TIME, "false", "Whether the jail is there without any process."),
    SECURELEVEL("securelevel", Type.NUMBER, Change.ANY_TIME, "-1", "The securelevel, from -1 to 3, which can be raised. Above 0 the jail can't take away"
            + " the immutable and append flags of files; what else it forbids, no jail may do."),
    SYSVMSG(Permission.SYSVMSG, "System V messages: new for the jail's own, disable for none."),
    SYSVSEM(Permission.SYSVSEM, "The same of System V semaphores."),
    SYSVSHM(Permission.SYSVSHM, "The same of System V shared memory."),
    VNET("vnet", Type.JAILSYS, Change.CREATION, "inherit", "A network stack: new for the jail's own, inherit for the host's."),
    ALLOW_ADJTIME("allow.adjtime", Type.SWITCH, List.of("false"), "The clock is the host's."),
    ALLOW_CHFLAGS(Permission.CHFLAGS, "Jail may alter system file flags"),
    ALLOW_DYING("allow.dying", Type.SWITCH, Change.ACTION, "", "Has no effect, as on FreeBSD, and says so."),
    ALLOW_EXPOSED_PATH(Permission.EXPOSED_PATH, "Jail may have a tree that users of the host can reach"),
    ALLOW_EXTATTR("allow.extattr", Type.SWITCH, List.of("false"), "The system namespace of extended attributes is the host's."),
    ALLOW_MLOCK(Permission.MLOCK, "Jail may lock (unlock) physical pages in memory"),
    ALLOW_MOUNT("allow.mount", Type.SWITCH, List.of("false"), "Nothing is mounted from within a jail: mount does it from outside."),
    ALLOW_MOUNT_DEVFS("allow.mount.devfs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_MOUNT_FDESCFS("allow.mount.fdescfs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_MOUNT_FUSEFS("allow.mount.fusefs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_MOUNT_LINPROCFS("allow.mount.linprocfs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_MOUNT_LINSYSFS("allow.mount.linsysfs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_MOUNT_NULLFS("allow.mount.nullfs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_MOUNT_PROCFS("allow.mount.procfs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_MOUNT_TMPFS("allow.mount.tmpfs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_MOUNT_ZFS("allow.mount.zfs", Type.SWITCH, List.of("false"), "See allow.mount."),
    ALLOW_NFSD("allow.nfsd", Type.SWITCH, List.of("false"), "The NFS server is the host's kernel."),
    ALLOW_QUOTAS("allow.quotas", Type.SWITCH, List.of("false"), "Quotas are the host's."),
    ALLOW_RAW_SOCKETS(Permission.RAW_SOCKETS, "Jail may create raw sockets"),
    ALLOW_READ_MSGBUF(Permission.READ_MSGBUF, "Jail may read the kernel message buffer"),
    ALLOW_RESERVED_PORTS(Permission.RESERVED_PORTS, "Jail may bind sockets to reserved ports"),
    ALLOW_ROUTING("allow.routing", Type.SWITCH, List.of("false"), "The routes are the host's; those of a vnet jail are its own."),
    ALLOW_SET_HOSTNAME(Permission.SET_HOSTNAME, "Jail may set hostname"),
    ALLOW_SETTIME("allow.settime", Type.SWITCH, List.of("false"), "The clock is the host's."),
    ALLOW_SOCKET_AF(Permission.SOCKET_AF, "Jail may create sockets other than just UNIX/IPv4/IPv6/route"),
    ALLOW_SUSER("allow.suser", Type.SWITCH, List.of("true"), "A jail has a superuser, who is one of the jail only."),
    ALLOW_SYSVIPC(Permission.SYSVIPC, "Jail may use SYSV IPC"),
    ALLOW_UNPRIVILEGED_PARENT_TAMPERING("allow.unprivileged_parent_tampering", Type.SWITCH, List.of("false"),
            "The users of the host and of a jail are never the same."),
    ALLOW_UNPRIVILEGED_PROC_DEBUG("allow.unprivileged_proc_debug", Type.SWITCH, List.of("true"),
            "Who may trace a process is for kernel.yama.ptrace_scope of the host to say."),
    ALLOW_VMM("allow.vmm", Type.SWITCH, List.of("false"), "Virtual machines are the host's."),
    CHILDREN_CUR("children.cur", Type.NUMBER, List.of("0"), "Jails are made on the host only."),
    CHILDREN_MAX("children.max", Type.NUMBER, List.of("0"), "Jails are made on the host only."),
    CPUSET_ID("cpuset.id", Type.NUMBER, List.of(), "Linux numbers no sets of processors."),
    EXEC_ALLOW("exec.allow", Type.LIST, Change.CREATION, "", "Programs that can be executed in the jail"),
    EXEC_CLEAN("exec.clean", Type.SWITCH, Change.ACTION, "false", "Whether commands have a clean environment: HOME, SHELL and USER of"
            + " their user, PATH, and TERM of the caller's."),
    EXEC_CONSOLELOG("exec.consolelog", Type.STRING, Change.ACTION, "", "A file of the host to which the output of exec.start,"
            + " command and exec.stop is appended."),
    EXEC_CREATED("exec.created", Type.COMMANDS, Change.ACTION, "", "Commands to run on the host when the jail is made and before"
            + " anything runs in it."),
    EXEC_FIB("exec.fib", Type.NUMBER, List.of("0"), "Linux has no routing tables by number for a process: a vnet jail has its own."),
    EXEC_JAIL_USER("exec.jail_user", Type.STRING, Change.ACTION, "root", "The user as whom commands run in the jail."),
    EXEC_POSTSTART("exec.poststart", Type.COMMANDS, Change.ACTION, "", "Commands to run on the host when the jail has started."),
    EXEC_POSTSTOP("exec.poststop", Type.COMMANDS, Change.ACTION, "", "Commands to run on the host when the jail has been removed."),
    EXEC_PREPARE("exec.prepare", Type.COMMANDS, Change.ACTION, "", "Commands to run on the host before anything else is done for a"
            + " jail: they may make its tree."),
    EXEC_PRESTART("exec.prestart", Type.COMMANDS, Change.ACTION, "", "Commands to run on the host before the jail is made."),
    EXEC_PRESTOP("exec.prestop", Type.COMMANDS, Change.ACTION, "", "Commands to run on the host before anything else is done to remove"
            + " a jail."),
    EXEC_RELEASE("exec.release", Type.COMMANDS, Change.ACTION, "", "Commands to run on the host when nothing is left of a jail: they may"
            + " remove its tree."),
    EXEC_START("exec.start", Type.COMMANDS, Change.ACTION, "", "Commands to run in the jail when it is made."),
    EXEC_STOP("exec.stop", Type.COMMANDS, Change.ACTION, "", "Commands to run in the jail before it is removed."),
    EXEC_SYSTEM_JAIL_USER("exec.system_jail_user", Type.SWITCH, Change.ACTION, "false", "Whether exec.jail_user is one of the host, not"
            + " of the jail."),
    EXEC_SYSTEM_USER("exec.system_user", Type.STRING, Change.ACTION, "root", "The user as whom commands run on the host."),
    EXEC_TIMEOUT("exec.timeout", Type.SECONDS, Change.ACTION, "0", "How long a command may take, in seconds. Then it is killed, and has"
            + " failed. 0 is for ever."),
    HOST_DOMAINNAME("host.domainname", Type.STRING, List.of(""), "The NIS domain is empty at first; the jail's superuser can set it."),
    HOST_HOSTID("host.hostid", Type.NUMBER, List.of(), "Linux keeps it in the jail's /etc/hostid."),
    HOST_HOSTNAME("host.hostname", Type.STRING, Change.ANY_TIME, "", "The hostname of the jail, of at most 64 bytes."),
    HOST_HOSTUUID("host.hostuuid", Type.STRING, List.of(), "Linux keeps it in the jail's /etc/machine-id."),
    IP4_ADDR("ip4.addr", Type.ADDRESSES, Change.ANY_TIME, "", "The IPv4 addresses of the jail."),
    IP4_SADDRSEL(Permission.IP4_SADDRSEL, "Jail takes the IPv4 address of the way to a destination, not always the first"),
    IP6_ADDR("ip6.addr", Type.ADDRESSES, Change.ANY_TIME, "", "The IPv6 addresses of the jail."),
    IP6_SADDRSEL(Permission.IP6_SADDRSEL, "Jail takes the IPv6 address of the way to a destination, not always the first"),
    LINUX_OSNAME("linux.osname", Type.STRING, List.of(), "uname(2) tells what the kernel is."),
    LINUX_OSRELEASE("linux.osrelease", Type.STRING, List.of(), "uname(2) tells what the kernel is."),
    LINUX_OSS_VERSION("linux.oss_version", Type.NUMBER, List.of(), "Linux has no OSS."),
    MOUNT_DEVFS("mount.devfs", Type.SWITCH, Change.ACTION, "true", "Whether the jail has devices and terminals on /dev."),
    MOUNT_FDESCFS("mount.fdescfs", Type.SWITCH, Change.ACTION, "true", "Whether the jail has its open files on /dev/fd."),
    MOUNT_FSTAB("mount.fstab", Type.LIST, Change.ACTION, "", "A file in the format of fstab(5) with what to mount for the jail."),
    MOUNT_PROCFS("mount.procfs", Type.SWITCH, Change.ACTION, "true", "Whether the jail has its processes on /proc."),
    STOP_TIMEOUT("stop.timeout", Type.SECONDS, Change.ACTION, "10", "How long the processes of the jail have to end after SIGTERM, in"
            + " seconds; then they are killed. With 0 that is done at once."),
    VNET_INTERFACE("vnet.interface", Type.LIST, Change.ACTION, "", "Interfaces of the host that a vnet jail has in its stack."),
    ZFS_MOUNT_SNAPSHOT("zfs.mount_snapshot", Type.NUMBER, List.of("0"), "See allow.mount.");

    /** What a value is. */
    public enum Type {
        SWITCH("true or false"), NUMBER("number"), SECONDS("seconds"), STRING("string"), JAILSYS("disable, inherit or new"), ADDRESSES("list of addresses"),
        LIST("list"), LINES("lines"), COMMANDS("commands"), COMMAND("command");

        private final String description;

        Type(String description) {
            this.description = description;
        }

        public String description() {
            return description;
        }
    }

    /** When a value can be given. */
    public enum Change {
        CREATION, ANY_TIME,
        /** It tells jail(8) what to do, and is none of the jail's. */
        ACTION,
        /** It is what it is on Linux. */
        NEVER
    }

    private final String label;
    private final Type type;
    private final Change change;
    private final String initial;
    private final List<String> accepted;
    private final String description;
    private final Optional<Permission> permission;

    Parameter(String label, Type type, Change change, String initial, String description) {
        this(label, type, change, initial, List.of(), description, Optional.empty());
    }

    Parameter(Permission permission, String description) {
        this(permission.label(), permission.isSwitch() ? Type.SWITCH : Type.JAILSYS,
                permission.isChangeable() ? Change.ANY_TIME : Change.CREATION, permission.format(permission.initial()), List.of(),
                description, Optional.of(permission));
    }

    /** One that has no other value than these on Linux, the first of them the one that holds. */
    Parameter(String label, Type type, List<String> accepted, String reason) {
        this(label, type, Change.NEVER, accepted.isEmpty() ? "" : accepted.get(0), accepted, reason, Optional.empty());
    }

    Parameter(String label, Type type, Change change, String initial, List<String> accepted, String description,
            Optional<Permission> permission) {
        this.label = label;
        this.type = type;
        this.change = change;
        this.initial = initial;
        this.accepted = accepted;
        this.description = description;
        this.permission = permission;
    }

    /** The one that a name denotes, also with "no" before its last part if it can be negated. */
    public static Optional<Parameter> find(String name) {
        for (var parameter : values()) {
            if (parameter.label.equals(name) || parameter.isNegatedBy(name)) {
                return Optional.of(parameter);
            }
        }
        return Optional.empty();
    }

    /** One that jls(8) tells. @throws JailException if there is none of that name */
    public static Parameter of(String label) {
        for (var parameter : values()) {
            if (parameter.label.equals(label) && parameter.isTold()) {
                return parameter;
            }
        }
        throw new JailException("unknown parameter: " + label);
    }

    /** Those that jls(8) tells. */
    public static List<Parameter> told() {
        return List.of(values()).stream().filter(Parameter::isTold).toList();
    }

    /** Whether it is one of the jail that runs, not of what jail(8) does for it. */
    public boolean isTold() {
        return change != Change.ACTION && (change != Change.NEVER || !accepted.isEmpty());
    }

    public String label() {
        return label;
    }

    public Type type() {
        return type;
    }

    public Change change() {
        return change;
    }

    /** What holds where nobody has said anything, in words. */
    public String initial() {
        return initial;
    }

    /** The only values that there are on Linux, if it is {@link Change#NEVER}. */
    public List<String> accepted() {
        return accepted;
    }

    /** The bytes that a string takes, its NUL included, or an address; 0 for numbers and switches. */
    public int size() {
        return switch (this) {
            case NAME -> JailName.MAX + 1;
            case HOST_HOSTNAME, HOST_DOMAINNAME -> Hostname.MAX + 1;
            case IP4_ADDR -> 4;
            case IP6_ADDR -> 16;
            default -> type == Type.STRING || type == Type.LIST ? 4096 : 0;
        };
    }

    /** What it means; of one that can't be changed, why. */
    public String description() {
        return description;
    }

    /** What a switch allows, if it is one of those. */
    public Optional<Permission> permission() {
        return permission;
    }

    /** Whether it is true or false, and can be written as a name with or without "no". */
    public boolean isSwitch() {
        return type == Type.SWITCH;
    }

    /** Whether it has members, or none. */
    public boolean isList() {
        return type == Type.ADDRESSES || type == Type.LIST;
    }

    /** The name that says no: allow.nosysvipc. */
    public String negation() {
        int dot = label.lastIndexOf('.') + 1;
        return label.substring(0, dot) + "no" + label.substring(dot);
    }

    /** Asked of each parameter for each word of a command line: so no name is made for it that can't be it. */
    private boolean isNegatedBy(String name) {
        return (type == Type.SWITCH || type == Type.JAILSYS) && name.length() == label.length() + 2 && negation().equals(name);
    }

    /** A running jail's value at this moment. */
    public String value(Jail jail) {
        return switch (this) {
            case IP4 -> jail.ip4().mode();
            case IP6 -> jail.ip6().mode();
            case JID -> jail.jid().toString();
            case NAME -> jail.name();
            case PATH -> jail.path();
            case PERSIST -> Boolean.toString(Registry.persists(jail.jid()));
            case SECURELEVEL -> Integer.toString(jail.securelevel());
            case VNET -> jail.vnet() ? "new" : "inherit";
            case EXEC_ALLOW -> String.join(",", jail.programs());
            case HOST_HOSTNAME -> jail.hostname().text();
            case IP4_ADDR -> jail.ip4().addressList();
            case IP6_ADDR -> jail.ip6().addressList();
            default -> {
                if (permission.isEmpty()) {
                    yield initial;
                }
                try (var permissions = Permissions.of(jail.jid())) {
                    yield permission.get().format(permissions.allow(permission.get()));
                }
            }
        };
    }
}
