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

    /** @throws IllegalArgumentException if there is no such line */
    String get(String name) {
        int start = find(name);
        if (start < 0) {
            throw new IllegalArgumentException("no " + name);
        }
        return value(start);
    }

    String get(String name, String otherwise) {
        int start = find(name);
        return start < 0 ? otherwise : value(start);
    }

    /** Whether there is such a line with such a value, which needs no escape. */
    boolean is(String name, String value) {
        int start = find(name);
        return start >= 0 && starts(start, value) && end(start) == start + value.length();
    }

    /** The names that start so. */
    List<String> names(String prefix) {
        var names = new ArrayList<String>(0);
        for (int line = 0; line < record.length; line = end(line) + 1) {
            if (starts(line, prefix)) {
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
    private int find(String name) {
        int first = at;
        do {
            int line = at;
            int next = end(line) + 1;
            at = next < record.length ? next : 0;
            int equals = line + name.length();
            if (starts(line, name) && equals < record.length && record[equals] == '=') {
                return equals + 1;
            }
        } while (at != first);
        return -1;
    }

    private boolean starts(int line, String name) {
        if (record.length - line < name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (record[line + i] != name.charAt(i)) {
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
