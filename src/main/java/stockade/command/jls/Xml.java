package stockade.command.jls;

import java.util.List;

/** XML as libxo writes it. */
final class Xml {
    private final boolean pretty;
    private final StringBuilder out = new StringBuilder();

    private Xml(boolean pretty) {
        this.pretty = pretty;
    }

    static String of(List<Entry> jails, boolean pretty) {
        var xml = new Xml(pretty);
        xml.line(0, "<jail-information version=\"" + Encoding.VERSION + "\">");
        for (var jail : jails) {
            xml.line(1, "<jail>");
            jail.data().forEach(xml::datum);
            xml.line(1, "</jail>");
        }
        xml.out.append("</jail-information>\n");
        return xml.out.toString();
    }

    private void datum(Datum datum) {
        switch (datum) {
            case Datum.Text(String name, String value) -> element(name, value);
            case Datum.Whole(String name, long value) -> element(name, Long.toString(value));
            case Datum.Truth(String name, boolean value) -> element(name, Boolean.toString(value));
            case Datum.Members(String name, String element, List<String> values) ->
                values.forEach(value -> element(element, value));
        }
    }

    private void element(String name, String value) {
        line(2, "<" + name + ">" + Utf8.repairedForMarkup(value) + "</" + name + ">");
    }

    private void line(int depth, String text) {
        out.append(pretty ? "  ".repeat(depth) : "").append(text).append(pretty ? "\n" : "");
    }
}
