package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;

/**
 * The lines of a record, name=value with \\ and \n in values escaped. They are asked for in the order in which they stand,
 * so that each is found where the one before has ended; any other order is only slower. jls(8) reads a record of each jail.
 */
final class RecordLines {
    private final byte[] record;
    private int at;

    RecordLines(byte[] record) {
        this.record = record;
    }

    /** The name of a line, for who asks for it in many records. */
    static byte[] key(String name) {
        return Bytes.of(name + "=");
    }

    /** @throws IllegalArgumentException if there is no such line */
    String get(byte[] key) {
        int start = find(key);
        if (start < 0) {
            throw new IllegalArgumentException("no " + Bytes.toString(key));
        }
        return value(start);
    }

    /** @throws IllegalArgumentException if there is no such line */
    String get(String name) {
        return get(key(name));
    }

    String get(String name, String otherwise) {
        int start = find(key(name));
        return start < 0 ? otherwise : value(start);
    }

    /** Whether there is such a line with such a value, which needs no escape. */
    boolean is(byte[] key, byte[] value) {
        int start = find(key);
        return start >= 0 && starts(start, value) && end(start) == start + value.length;
    }

    /** The names that start so. */
    List<String> names(String prefix) {
        var names = new ArrayList<String>(0);
        var start = Bytes.of(prefix);
        for (int line = 0; line < record.length; line = end(line) + 1) {
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

    /** Where a value starts, or -1. */
    private int find(byte[] key) {
        int first = at;
        do {
            int line = at;
            int next = end(line) + 1;
            at = next < record.length ? next : 0;
            if (starts(line, key)) {
                return line + key.length;
            }
        } while (at != first);
        return -1;
    }

    private boolean starts(int from, byte[] text) {
        if (record.length - from < text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (record[from + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    private int end(int from) {
        int end = from;
        while (end < record.length && record[end] != '\n') {
            end++;
        }
        return end;
    }

    private String value(int start) {
        int end = end(start);
        for (int i = start; i < end; i++) {
            if (record[i] == '\\') {
                return unescape(start, end);
            }
        }
        return Bytes.toString(record, start, end);
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
