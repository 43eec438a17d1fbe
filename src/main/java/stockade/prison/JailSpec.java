package stockade.prison;

import java.util.Optional;
import stockade.network.Inet4;

/**
 * A jail that somebody wants.
 *
 * @param jid     the number it must have, or empty for the next free one
 * @param name    empty: its jid
 * @param path    absolute, without symbolic links
 * @param address empty: the jail has no address and so no IPv4 sockets
 */
public record JailSpec(Optional<Jid> jid, Optional<JailName> name, String path, Hostname hostname,
        Optional<Inet4> address, int securelevel) {
}
