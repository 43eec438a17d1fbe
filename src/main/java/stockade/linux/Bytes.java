package stockade.linux;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Strings that come from the kernel and go back to it. Linux's strings are bytes without NUL; here each
 * byte is one char (ISO 8859-1), so that any byte goes through unharmed and none is lost to a charset.
 */
public final class Bytes {
    /** How many digits a number has at most. */
    public static final int DIGITS = 10;

    /** Where the characters of a string are until it has its own copy of them. */
    private static final char[] CHARS = new char[256];

    private Bytes() {
    }

    public static String toString(byte[] b, int from, int to) {
        if (from == to) {
            return "";
        }
        var chars = chars(to - from);
        for (int i = from; i < to; i++) {
            chars[i - from] = (char) (b[i] & 0xff);
        }
        return new String(chars, 0, to - from);
    }

    /** So many characters, or more, to make a string of before anybody else is given some. */
    static char[] chars(int least) {
        return least <= CHARS.length ? CHARS : new char[least];
    }

    public static String toString(byte[] b) {
        return toString(b, 0, b.length);
    }

    public static byte[] of(String s) {
        var b = new byte[s.length()];
        copy(s, 0, b.length, b, 0);
        return b;
    }

    /** Writes a number from 0 in decimal, of {@value #DIGITS} digits at most, to the start of an array. Returns how many it has. */
    public static int putDecimal(byte[] b, int number) {
        int digits = 1;
        for (int rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        int rest = number;
        for (int i = digits - 1; i >= 0; i--) {
            b[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return digits;
    }

    /** Copies a part of a text to a place in an array. */
    public static void copy(CharSequence s, int from, int to, byte[] b, int at) {
        if (s instanceof Span span) {
            span.copy(from, to, b, at);
            return;
        }
        for (int i = from; i < to; i++) {
            b[at + i - from] = (byte) s.charAt(i);
        }
    }

    public static byte[] join(byte[] one, byte[] other) {
        var both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
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

    /** As {@link #split}, but an empty text has no parts. */
    public static List<String> parts(String s, char separator) {
        return s.isEmpty() ? List.of() : split(s, separator);
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

    /** The text with A to Z in lower case; other bytes as they are. */
    public static String lowerCase(String s) {
        var lower = new StringBuilder();
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            lower.append(c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c);
        }
        return lower.toString();
    }

    /**
     * A number from 0 to 2^32 - 1 in decimal, as users and groups have.
     *
     * @throws NumberFormatException if it is none, or more
     */
    public static long unsigned(String s) {
        long value = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            value = c >= '0' && c <= '9' ? value * 10 + c - '0' : Long.MAX_VALUE;
            if (value > 0xffffffffL) {
                throw new NumberFormatException(s);
            }
        }
        if (s.isEmpty()) {
            throw new NumberFormatException(s);
        }
        return value;
    }

    /**
     * A number as strtol(3) takes it with base 0: decimal, octal after 0, hexadecimal after 0x, with a sign or not.
     *
     * @throws NumberFormatException if it is none, or more than an int
     */
    public static int number(String s) {
        boolean negative = s.startsWith("-");
        var digits = negative || s.startsWith("+") ? s.substring(1) : s;
        boolean hexadecimal = digits.startsWith("0x") || digits.startsWith("0X");
        int base = hexadecimal ? 16 : digits.startsWith("0") ? 8 : 10;
        digits = lowerCase(hexadecimal ? digits.substring(2) : digits);
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = "0123456789abcdef".indexOf(digits.charAt(i));
            value = digit >= 0 && digit < base ? value * base + digit : Long.MAX_VALUE;
            if (value > Integer.MAX_VALUE + (negative ? 1L : 0)) {
                throw new NumberFormatException(s);
            }
        }
        if (digits.isEmpty()) {
            throw new NumberFormatException(s);
        }
        return (int) (negative ? -value : value);
    }

    /** The text without blanks at its ends; for the reason at {@link #split}, not {@link String#strip}. */
    public static String trim(String s) {
        int from = 0;
        int to = s.length();
        while (from < to && isBlank(s.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(s.charAt(to - 1))) {
            to--;
        }
        return s.substring(from, to);
    }

    public static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
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
