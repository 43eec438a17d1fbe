package stockade.command.jls;

import java.util.List;

/** JSON as libxo writes it. */
final class Json {
    private final boolean pretty;
    private final StringBuilder out = new StringBuilder();
    private int depth;

    private Json(boolean pretty) {
        this.pretty = pretty;
    }

    static String of(List<Entry> jails, boolean pretty) {
        var json = new Json(pretty);
        json.open("{");
        json.line();
        json.out.append("\"__version\": \"").append(Encoding.VERSION).append("\"");
        json.next();
        json.open("\"jail-information\": {");
        json.line();
        json.open("\"jail\": [");
        for (int i = 0; i < jails.size(); i++) {
            if (i > 0) {
                json.next();
            } else {
                json.line();
            }
            json.instance(jails.get(i).data());
        }
        for (char bracket : new char[] {']', '}', '}'}) {
            json.close(bracket);
        }
        return json.out.append('\n').toString();
    }

    private void instance(List<Datum> data) {
        open("{");
        var separator = "";
        for (var datum : data) {
            out.append(separator);
            line();
            out.append(quoted(datum.name())).append(pretty ? ": " : ":");
            switch (datum) {
                case Datum.Text(String name, String value) -> out.append(quoted(value));
                case Datum.Whole(String name, long value) -> out.append(value);
                case Datum.Truth(String name, boolean value) -> out.append(value);
                case Datum.Members(String name, String element, List<String> values) -> members(values);
            }
            separator = ",";
        }
        close('}');
    }

    private void members(List<String> values) {
        open("[");
        var separator = "";
        for (var value : values) {
            out.append(separator);
            line();
            out.append(quoted(value));
            separator = ",";
        }
        close(']');
    }

    private void open(String start) {
        out.append(start);
        depth++;
    }

    private void close(char bracket) {
        depth--;
        line();
        out.append(bracket);
    }

    /** What follows stands beside what was, in lines that are only broken if they are to be pretty. */
    private void next() {
        out.append(pretty ? "," : ", ");
        line();
    }

    private void line() {
        if (pretty) {
            out.append('\n').append("  ".repeat(depth));
        }
    }

    static String quoted(String bytes) {
        var s = new StringBuilder("\"");
        var repaired = Utf8.repaired(bytes);
        for (int i = 0; i < repaired.length(); i++) {
            char c = repaired.charAt(i);
            switch (c) {
                case '"', '\\' -> s.append('\\').append(c);
                case '\n' -> s.append("\\n");
                case '\r' -> s.append("\\r");
                case '\t' -> s.append("\\t");
                default -> s.append(c < ' ' || c == 0x7f ? "\\u" + Integer.toHexString(0x10000 | c).substring(1)
                        : String.valueOf(c));
            }
        }
        return s.append('"').toString();
    }
}
