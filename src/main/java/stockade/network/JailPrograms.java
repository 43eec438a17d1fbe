package stockade.network;

/**
 * The BPF programs that hold a jail's sockets to the jail's addresses. They are attached once, to the parent
 * of all jails' cgroups, and look up the jail by its cgroup's id (see {@link JailMaps}); a cgroup that is not known
 * may do nothing at all.
 */
enum JailPrograms {
    INET4_BIND("jail_bind4", 18, 8, AddressPrograms::bind4),
    INET6_BIND("jail_bind6", 18, 9, AddressPrograms::bind6),
    INET4_CONNECT("jail_connect4", 18, 10, AddressPrograms::connect4),
    INET6_CONNECT("jail_connect6", 18, 11, AddressPrograms::connect6),
    UDP4_SENDMSG("jail_sendmsg4", 18, 14, AddressPrograms::sendmsg4),
    UDP6_SENDMSG("jail_sendmsg6", 18, 15, AddressPrograms::sendmsg6),
    SETSOCKOPT("jail_setsockopt", 25, 22, OptionProgram::setsockopt),
    INGRESS("jail_ingress", 8, 0, PacketPrograms::ingress),
    /** Attached last, it tells that all are. */
    EGRESS("jail_egress", 8, 1, PacketPrograms::egress);

    private final String label;
    private final int type;
    private final int attachType;
    private final Code code;

    /** The instructions, with the descriptors of the maps in them. */
    private interface Code {
        byte[] of(int jails, int addresses);
    }

    JailPrograms(String label, int type, int attachType, Code code) {
        this.label = label;
        this.type = type;
        this.attachType = attachType;
        this.code = code;
    }

    String label() {
        return label;
    }

    /** Of enum bpf_prog_type. */
    int type() {
        return type;
    }

    /** Of enum bpf_attach_type. */
    int attachType() {
        return attachType;
    }

    byte[] code(int jails, int addresses) {
        return code.of(jails, addresses);
    }
}
