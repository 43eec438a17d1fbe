package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;
import stockade.linux.Span;

/**
 * The lines of a record, name=value with \\ and \n in values escaped. They are asked for in the order in which they stand,
 * so that each is found where the one before has ended; any other order is only slower. jls(8) reads a record of each jail.
 */
final class RecordLines {
    private byte[] record;
    private int length;
    private int at; // where the next line is
    private int end; // of the value found last

    RecordLines(byte[] record) {
        turnTo(record, record.length);
    }

    /** From now on these are the lines of another record, which is the start of an array. */
    void turnTo(byte[] record, int length) {
        this.record = record;
        this.length = length;
        at = 0;
    }

    /** The name of a line, for who asks for it in many records. */
    static byte[] key(String name) {
        return Bytes.of(name + "=");
    }

    /**
     * A value without a copy, as long as these are the lines of the same record.
     *
     * @param place for it, unless it has escapes
     * @throws IllegalArgumentException if there is no such line
     */
    CharSequence get(byte[] key, Span place) {
        int start = start(key);
        return isEscaped(start) ? unescape(start, end) : place.turnTo(record, start, end);
    }

    /** @throws IllegalArgumentException if there is no such line */
    String get(String name) {
        return value(start(key(name)));
    }

    String get(String name, String otherwise) {
        int start = find(key(name));
        return start < 0 ? otherwise : value(start);
    }

    /** Whether there is such a line with such a value, which needs no escape. */
    boolean is(byte[] key, byte[] value) {
        int start = find(key);
        return start >= 0 && end == start + value.length && starts(start, value);
    }

    /** The names that start so. */
    List<String> names(String prefix) {
        var names = new ArrayList<String>(0);
        var start = Bytes.of(prefix);
        for (int line = 0; line < length; line = end(line) + 1) {
            if (starts(line, start)) {
                int equals = line;
                while (equals < end(line) && record[equals] != '=') {
                    equals++;
                }
                names.add(Bytes.toString(record, line, equals));
            }
        }
        return names;
    }

    static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\n", "\\n");
    }

    private int start(byte[] key) {
        int start = find(key);
        if (start < 0) {
            throw new IllegalArgumentException("no " + Bytes.toString(key));
        }
        return start;
    }

    /** Where a value starts, or -1. It ends at {@link #end}. */
    private int find(byte[] key) {
        int first = at;
        do {
            int line = at;
            end = end(line);
            at = end + 1 < length ? end + 1 : 0;
            if (starts(line, key)) {
                return line + key.length;
            }
        } while (at != first);
        return -1;
    }

    private boolean starts(int from, byte[] text) {
        if (length - from < text.length) {
            return false;
        }
        var record = this.record;
        for (int i = 0; i < text.length; i++) {
            if (record[from + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    private int end(int from) {
        var record = this.record; // which the compiler would take for another one at each turn
        int length = this.length;
        int end = from;
        while (end < length && record[end] != '\n') {
            end++;
        }
        return end;
    }

    private String value(int start) {
        return isEscaped(start) ? unescape(start, end) : Bytes.toString(record, start, end);
    }

    private boolean isEscaped(int start) {
        var record = this.record;
        int end = this.end;
        for (int i = start; i < end; i++) {
            if (record[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    private String unescape(int start, int end) {
        var s = new StringBuilder();
        for (int i = start; i < end; i++) {
            char c = (char) (record[i] & 0xff);
            if (c == '\\' && i + 1 < end) {
                i++;
                c = record[i] == 'n' ? '\n' : (char) (record[i] & 0xff);
            }
            s.append(c);
        }
        return s.toString();
    }
}
