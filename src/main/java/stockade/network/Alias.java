package stockade.network;

import java.util.Optional;
import stockade.linux.Bytes;

/**
 * An address that a jail has, and where the host is to have it: DEVICE|ADDRESS/PREFIX, the device and the prefix
 * being optional (jail(8), ip4.addr).
 *
 * @param device an interface; empty: lo, unless the host has the address already
 * @param prefix the length of the network's prefix in bits
 */
public record Alias(Inet address, Optional<String> device, int prefix) {
    private static final int MAX_DEVICE = 15; // IFNAMSIZ, without the NUL

    public Alias {
        if (prefix < 0 || prefix > address.size()) {
            throw new IllegalArgumentException("not a prefix of " + address + ": " + prefix);
        }
        if (device.isPresent() && !isDevice(device.get())) {
            throw new IllegalArgumentException("not an interface: " + device.get());
        }
    }

    /** Whether an interface can have this name. */
    public static boolean isDevice(String name) {
        return !name.isEmpty() && name.length() <= MAX_DEVICE && name.indexOf('/') < 0;
    }

    /**
     * @param device where it is if the text does not say
     * @throws IllegalArgumentException if the text is not an alias
     */
    public static Alias parse(String text, Optional<String> device) {
        int bar = text.indexOf('|');
        int slash = text.indexOf('/', bar + 1);
        var address = Inet.parse(bar < 0 && slash < 0 ? text : text.substring(bar + 1, slash < 0 ? text.length() : slash));
        return new Alias(address, bar < 0 ? device : Optional.of(text.substring(0, bar)),
                slash < 0 ? address.size() : prefix(text.substring(slash + 1), text));
    }

    private static int prefix(String length, String text) {
        try {
            return Bytes.decimal(length);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a prefix: " + text);
        }
    }

    /** The text that {@link #parse} takes. */
    @Override
    public String toString() {
        return device.map(d -> d + "|").orElse("") + address + (prefix == address.size() ? "" : "/" + prefix);
    }
}
