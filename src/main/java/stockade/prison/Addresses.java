package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Files;
import stockade.network.Alias;
import stockade.network.Inet;

/** Which jail has which addresses, and which of them the host has only for its jails. Part of the {@link Registry}. */
public final class Addresses {
    static final String CLAIMS = Registry.ROOT + "/address/";
    static final String ALIASES = Registry.ROOT + "/alias/";

    Addresses() {
    }

    void claim(Jail jail) {
        for (var address : jail.addresses()) {
            Files.makeMissingDirectory(CLAIMS + address, 0700);
            Files.create(CLAIMS + address + "/" + jail.jid(), 0600, "");
        }
    }

    /** Those of some addresses that a jail has a claim on: one that was killed in the midst may not have come to claim all. */
    public List<Inet> claimed(Jid jid, List<Inet> addresses) {
        return addresses.stream().filter(address -> holders(address).contains(jid.toString())).toList();
    }

    /**
     * As FreeBSD: jails may share an address if it is the only one that each has of the family. Here it must be the only one
     * at all, unless they have stacks of their own: a steered socket would not be seen by whoever binds its port.
     */
    void requireNoClash(int version, Ip ip, boolean steered, Optional<Jid> own) {
        boolean several = steered || ip.aliases().size() > 1;
        for (var address : ip.addresses()) {
            for (var holder : holders(address)) {
                if (own.map(Jid::toString).equals(Optional.of(holder))) {
                    continue;
                }
                if (several || Registry.jid(holder).map(Registry::holder).filter(
                        jail -> jail.steered()
                                || (version == 4 ? jail.ip4() : jail.ip6()).aliases().size() > 1).isPresent()) {
                    throw new JailException("ip" + version + ".addr " + address + ": IPv" + version
                            + " addresses clash (jail " + holder + " has it)");
                }
            }
        }
    }

    private static List<String> holders(Inet address) {
        return Files.exists(CLAIMS + address)
                ? Files.list(CLAIMS + address).stream().filter(Jid::isNumeric).toList() : List.of();
    }

    /** Notes, before it is done, that the host gets an address for its jails; the last of them takes it away. */
    public void noteAlias(Alias alias) {
        var note = Registry.ROOT + "/alias.new";
        Files.create(note, 0600, alias.toString());
        Files.rename(note, ALIASES + alias.address());
    }

    /** Gives up addresses of a jail. Returns the aliases that were added for jails of which this was the last. */
    public List<Alias> release(Jid jid, List<Inet> addresses) {
        var unused = new ArrayList<Alias>();
        for (var address : addresses) {
            Files.unlinkIfPresent(CLAIMS + address + "/" + jid);
            if (Files.removeDirectoryIfEmpty(CLAIMS + address) && Files.exists(ALIASES + address)) {
                unused.add(Alias.parse(Files.read(ALIASES + address), Optional.empty()));
            }
        }
        return unused;
    }

    /** Forgets an alias that the host has no more. */
    public void forgetAlias(Alias alias) {
        Files.unlinkIfPresent(ALIASES + alias.address());
    }
}
