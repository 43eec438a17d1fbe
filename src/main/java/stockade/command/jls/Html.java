package stockade.command.jls;

import java.util.List;
import java.util.stream.Stream;

/** HTML as libxo writes it: what people see, each line and each piece of it in a div. */
final class Html {
    private Html() {
    }

    static String of(Entry header, List<Entry> jails, boolean pretty) {
        var out = new StringBuilder();
        Stream.concat(Stream.of(header), jails.stream()).flatMap(entry -> entry.lines().stream()).forEach(line -> {
            out.append("<div class=\"line\">").append(pretty ? "\n" : "");
            line.forEach(piece -> out.append(pretty ? "  " : "").append(div(piece)).append(pretty ? "\n" : ""));
            out.append("</div>").append(pretty ? "\n" : "");
        });
        return pretty ? out.toString() : out.append('\n').toString();
    }

    private static String div(Entry.Piece piece) {
        return "<div class=\"" + piece.kind().label() + (piece.tag().isEmpty() ? "" : "\" data-tag=\"" + piece.tag()) + "\">"
                + Utf8.repairedForMarkup(piece.text()) + "</div>";
    }
}
