package stockade.prison;

import java.util.List;
import stockade.linux.Bytes;

/**
 * A network stack of the jail's own (jail(8), vnet).
 *
 * @param interfaces what is moved there from the host, and back at the end
 */
public record Vnet(List<String> interfaces) {
    /** Interfaces between commas, or nothing. */
    public static Vnet parse(String text) {
        return new Vnet(text.isEmpty() ? List.of() : List.copyOf(Bytes.split(text, ',')));
    }
}
