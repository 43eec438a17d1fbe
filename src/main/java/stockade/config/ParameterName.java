package stockade.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names of parameters. */
final class ParameterName {
    static final String NAME = "name";
    static final String JID = "jid";

    private static final String NO = "no";

    /** Those that jail(8) of FreeBSD 14 itself knows: a variable may have none of them, set or not. */
    private static final Set<String> RESERVED = new HashSet<>(List.of("allow.chflags", "allow.dying", "allow.mount",
            "allow.raw_sockets", "allow.set_hostname", "allow.socket_af", "allow.sysvipc", "command", "depend",
            "devfs_ruleset", "exec.clean", "exec.consolelog", "exec.created", "exec.fib", "exec.jail_user",
            "exec.poststart", "exec.poststop", "exec.prepare", "exec.prestart", "exec.prestop", "exec.release",
            "exec.start", "exec.stop", "exec.system_jail_user", "exec.system_user", "exec.timeout", "host.hostname",
            "interface", "ip4.addr", "ip6.addr", "ip_hostname", JID, "mount", "mount.devfs", "mount.fdescfs",
            "mount.fstab", "mount.procfs", NAME, "path", "persist", "securelevel", "stop.timeout", "vnet",
            "vnet.interface", "zfs.dataset"));

    private ParameterName() {
    }

    /**
     * What names of the same parameter have in common: the name without "no" at the start of its parts. FreeBSD lets two
     * names differ by one "no" and so knows names that are both the same as a third, but not as each other; here they are
     * all the same.
     */
    static String key(String name) {
        StringBuilder key = null;
        for (int at = 0; at < name.length();) {
            int start = at;
            while (name.startsWith(NO, at)) {
                at += NO.length();
            }
            int dot = name.indexOf('.', at);
            int end = dot < 0 ? name.length() : dot + 1;
            if (at > start && key == null) {
                key = new StringBuilder().append(name, 0, start);
            }
            if (key != null) {
                key.append(name, at, end);
            }
            at = end;
        }
        return key == null ? name : key.toString();
    }

    /** Whether a variable can't be called so. */
    static boolean isReserved(String key) {
        return RESERVED.contains(key);
    }

    /** Whether it is set once and for all. */
    static boolean isFixed(String key) {
        return key.equals(NAME) || key.equals(JID);
    }

    /** Whether a jail of this name has it as its jid: a number other than 0, as strtol(3) reads it. */
    static boolean isNumber(String name) {
        int at = 0;
        while (at < name.length() && (name.charAt(at) == ' ' || name.charAt(at) >= '\t' && name.charAt(at) <= '\r')) {
            at++;
        }
        if (at < name.length() && (name.charAt(at) == '-' || name.charAt(at) == '+')) {
            at++;
        }
        boolean nonzero = false;
        for (; at < name.length(); at++) {
            char c = name.charAt(at);
            if (c < '0' || c > '9') {
                return false;
            }
            nonzero |= c != '0';
        }
        return nonzero;
    }
}
