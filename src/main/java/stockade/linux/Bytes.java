package stockade.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * Strings that come from the kernel and go back to it. Linux's strings are bytes without NUL; here each
 * byte is one char (ISO 8859-1), so that any byte goes through unharmed and none is lost to a charset.
 */
public final class Bytes {
    private Bytes() {
    }

    public static String toString(byte[] b, int from, int to) {
        var chars = new char[to - from];
        for (int i = from; i < to; i++) {
            chars[i - from] = (char) (b[i] & 0xff);
        }
        return new String(chars);
    }

    public static String toString(byte[] b) {
        return toString(b, 0, b.length);
    }

    public static byte[] of(String s) {
        var b = new byte[s.length()];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) s.charAt(i);
        }
        return b;
    }

    /**
     * The parts of a text between separators, empty ones included. Unlike {@link String#split} it brings in
     * no regular expressions, and so not the tables of Unicode, which take a third of a millisecond to unpack.
     */
    public static List<String> split(String s, char separator) {
        var parts = new ArrayList<String>();
        int from = 0;
        for (int at; (at = s.indexOf(separator, from)) >= 0; from = at + 1) {
            parts.add(s.substring(from, at));
        }
        parts.add(s.substring(from));
        return parts;
    }

    /**
     * A number in decimal, of ASCII digits with an optional minus. For the reason at {@link #split}, not
     * {@link Integer#parseInt}.
     *
     * @throws NumberFormatException if it is none, or more than an int
     */
    public static int decimal(String s) {
        int from = s.startsWith("-") ? 1 : 0;
        long value = 0;
        for (int i = from; i < s.length(); i++) {
            char c = s.charAt(i);
            value = c >= '0' && c <= '9' ? value * 10 + c - '0' : Long.MAX_VALUE;
            if (value > Integer.MAX_VALUE) {
                throw new NumberFormatException(s);
            }
        }
        if (from == s.length()) {
            throw new NumberFormatException(s);
        }
        return (int) (from == 1 ? -value : value);
    }

    /** The NUL-terminated strings of a block such as /proc/self/cmdline. */
    public static List<String> splitAtNul(byte[] b) {
        var strings = new ArrayList<String>();
        int from = 0;
        for (int i = 0; i < b.length; i++) {
            if (b[i] == 0) {
                strings.add(toString(b, from, i));
                from = i + 1;
            }
        }
        if (from < b.length) {
            strings.add(toString(b, from, b.length));
        }
        return strings;
    }
}
