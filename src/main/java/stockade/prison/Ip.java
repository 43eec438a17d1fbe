package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import stockade.linux.Bytes;
import stockade.network.Alias;
import stockade.network.Inet;

/** What a jail has of one version of the internet protocol (jail(8), ip4 and ip6). */
public sealed interface Ip {
    /** Sockets of that family can't be had. */
    record Disabled() implements Ip {
    }

    /** All that the host has. */
    record Inherited() implements Ip {
    }

    /** Addresses of its own, at least one, the first being the default source. */
    record Own(List<Alias> aliases) implements Ip {
        public Own {
            if (aliases.isEmpty()) {
                throw new IllegalArgumentException("no address");
            }
        }
    }

    static Ip own(List<Alias> aliases) {
        return aliases.isEmpty() ? new Disabled() : new Own(List.copyOf(aliases));
    }

    /** All that either has. */
    static Ip union(Ip one, Ip other) {
        var aliases = new ArrayList<>(one.aliases());
        other.aliases().stream().filter(alias -> !one.addresses().contains(alias.address())).forEach(aliases::add);
        return aliases.isEmpty() ? one : new Own(aliases);
    }

    default List<Alias> aliases() {
        return this instanceof Own(List<Alias> own) ? own : List.of();
    }

    default List<Inet> addresses() {
        return aliases().stream().map(Alias::address).toList();
    }

    /** The value of the parameter ip4 or ip6. */
    default String mode() {
        return switch (this) {
            case Disabled disabled -> "disable";
            case Inherited inherited -> "inherit";
            case Own own -> "new";
        };
    }

    /** The value of the parameter ip4.addr or ip6.addr. */
    default String addressList() {
        return addresses().stream().map(Inet::toString).collect(Collectors.joining(","));
    }

    /** For the record: what {@link #parse} takes. */
    default String format() {
        return this instanceof Own ? aliases().stream().map(Alias::toString).collect(Collectors.joining(",")) : mode();
    }

    /** The first address in what {@link #format} has written; empty if there is none. */
    static CharSequence firstAddress(CharSequence format) {
        if ("disable".contentEquals(format) || "inherit".contentEquals(format)) {
            return "";
        }
        int from = 0;
        int to = 0;
        for (; to < format.length() && format.charAt(to) != ',' && format.charAt(to) != '/'; to++) {
            if (format.charAt(to) == '|') {
                from = to + 1;
            }
        }
        return from == 0 && to == format.length() ? format : format.subSequence(from, to);
    }

    /** @throws IllegalArgumentException if it is no such text */
    static Ip parse(String text) {
        if (text.equals("disable")) {
            return new Disabled();
        }
        if (text.equals("inherit")) {
            return new Inherited();
        }
        if (text.indexOf(',') < 0) {
            return new Own(List.of(Alias.parse(text, Optional.empty())));
        }
        var aliases = new ArrayList<Alias>();
        for (var word : Bytes.split(text, ',')) {
            aliases.add(Alias.parse(word, Optional.empty()));
        }
        return new Own(aliases);
    }
}
