package stockade.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Attributes of rtnetlink(7), one behind the other in some bytes. */
record Attributes(byte[] bytes, int from, int to) {
    private static final int HEADER = 4;
    /** Above are flags: NLA_F_NESTED and its like. */
    private static final int TYPE = 0x3fff;

    /** The value of the first of a type; empty if there is none. */
    byte[] value(int type) {
        var values = values(type);
        return values.isEmpty() ? new byte[0] : values.get(0);
    }

    List<byte[]> values(int type) {
        var values = new ArrayList<byte[]>();
        for (int at = from; at + HEADER <= to;) {
            int length = RouteMessage.shortAt(bytes, at);
            if (length < HEADER || at + length > to) {
                break;
            }
            if ((RouteMessage.shortAt(bytes, at + 2) & TYPE) == type) {
                values.add(Arrays.copyOfRange(bytes, at + HEADER, at + length));
            }
            at += length + 3 & ~3;
        }
        return values;
    }

    /** Those in the first of a type. */
    Attributes in(int type) {
        var value = value(type);
        return new Attributes(value, 0, value.length);
    }
}
