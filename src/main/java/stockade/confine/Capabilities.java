package stockade.confine;

import stockade.linux.Credentials;

/**
 * The capabilities (capabilities(7)) that the root of a virtual host needs over its own users, files and
 * processes. All others are out of reach of any program in the jail, setuid or not; CAP_SYS_ADMIN,
 * CAP_NET_ADMIN (but for vnet), CAP_MKNOD, CAP_SYS_MODULE and CAP_SYS_TIME are among them. CAP_NET_RAW has
 * nothing to work on in the jail's own empty network; the usher asks for it where it makes a raw socket in the host's.
 */
enum Capabilities {
    CHOWN(0),
    DAC_OVERRIDE(1),
    FOWNER(3),
    FSETID(4),
    KILL(5),
    SETGID(6),
    SETUID(7),
    SETPCAP(8),
    NET_BIND_SERVICE(10),
    NET_RAW(13),
    IPC_OWNER(15),
    SYS_CHROOT(18),
    SYS_PTRACE(19),
    AUDIT_WRITE(29),
    SETFCAP(31);

    private static final int CAP_NET_ADMIN = 12;

    private final int number;

    Capabilities(int number) {
        this.number = number;
    }

    /** @param ownNetwork whether it has a network stack of its own to configure */
    static void drop(boolean ownNetwork) {
        long kept = ownNetwork ? 1L << CAP_NET_ADMIN : 0;
        for (var capability : values()) {
            kept |= 1L << capability.number;
        }
        Credentials.keepCapabilities(kept);
    }
}
