package stockade.prison;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A jail that somebody wants.
 *
 * @param jid        the number it must have, or empty for the next free one
 * @param name       empty: its jid
 * @param path       absolute, without symbolic links
 * @param vnet       whether it has a network stack of its own
 * @param interfaces those of the host that it has there
 * @param programs   the only ones that can be executed in it; empty: any
 * @param allow      the permissions that it is told from the start
 * @param limits     of the resources that its processes use together
 * @param mounts     what is mounted in its tree
 */
public record JailSpec(Optional<Jid> jid, Optional<JailName> name, String path, Hostname hostname, Ip ip4, Ip ip6,
        boolean vnet, List<String> interfaces, List<String> programs, int securelevel, Map<Permission, Boolean> allow,
        ResourceLimits limits, JailMounts mounts) {
    /** Whether it has several addresses of the host's stack. */
    boolean isSteered() {
        return !vnet && ip4.aliases().size() + ip6.aliases().size() > 1;
    }
}
