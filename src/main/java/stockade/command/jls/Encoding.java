package stockade.command.jls;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import stockade.linux.Bytes;
import stockade.prison.JailException;

/**
 * How a listing is written (xo_options(7)).
 *
 * @param pretty whether what is not text is indented
 */
public record Encoding(Style style, boolean pretty) {
    /** Of the names and the order of data, as FreeBSD's jls numbers them. */
    static final String VERSION = "2";

    private static final String OPTION = "--libxo";

    /** The styles by name. */
    public enum Style {
        TEXT("text", 'T'), JSON("json", 'J'), XML("xml", 'X'), HTML("html", 'H');

        private final String word;
        private final char letter;

        Style(String word, char letter) {
            this.word = word;
            this.letter = letter;
        }
    }

    /** A command line: what it says of the encoding, and the other words. */
    public record CommandLine(Encoding encoding, List<String> rest) {
    }

    /**
     * The options may stand anywhere before "--": --libxo=WORD,..., --libxo WORD,..., --libxo:LETTERS.
     *
     * @throws JailException if there is no such option
     */
    public static CommandLine parse(List<String> words) {
        var encoding = new Encoding(Style.TEXT, false);
        var rest = new ArrayList<String>();
        for (int i = 0; i < words.size(); i++) {
            var word = words.get(i);
            if (word.equals("--")) {
                rest.addAll(words.subList(i, words.size()));
                break;
            }
            if (word.equals(OPTION)) {
                if (++i == words.size()) {
                    throw new JailException("missing libxo option");
                }
                encoding = encoding.withWords(words.get(i));
            } else if (word.startsWith(OPTION + "=")) {
                encoding = encoding.withWords(word.substring(OPTION.length() + 1));
            } else if (word.startsWith(OPTION + ":")) {
                encoding = encoding.withLetters(word.substring(OPTION.length() + 1));
            } else {
                rest.add(word);
            }
        }
        return new CommandLine(encoding, rest);
    }

    private Encoding withWords(String words) {
        var encoding = this;
        for (var word : Bytes.split(words, ',')) {
            encoding = encoding.with(word);
        }
        return encoding;
    }

    private Encoding with(String word) {
        for (var style : Style.values()) {
            if (style.word.equals(word)) {
                return new Encoding(style, pretty);
            }
        }
        if (word.equals("pretty")) {
            return new Encoding(style, true);
        }
        throw new JailException("unknown libxo option value: '" + word + "'");
    }

    private Encoding withLetters(String letters) {
        var encoding = this;
        for (int i = 0; i < letters.length(); i++) {
            encoding = encoding.with(word(letters.charAt(i)));
        }
        return encoding;
    }

    private static String word(char letter) {
        for (var style : Style.values()) {
            if (style.letter == letter) {
                return style.word;
            }
        }
        return letter == 'P' ? "pretty" : String.valueOf(letter);
    }

    /** @param jails tell an entry each, given where the next one is from */
    void encode(Consumer<Entry> header, Consumer<Supplier<Entry>> jails, Output out) {
        switch (style) {
            case TEXT -> PlainText.write(header, jails, out);
            case JSON -> out.write(Json.of(entries(jails), pretty));
            case XML -> out.write(Xml.of(entries(jails), pretty));
            case HTML -> out.write(Html.of(entry(header), entries(jails), pretty));
        }
    }

    private static List<Entry> entries(Consumer<Supplier<Entry>> jails) {
        var entries = new ArrayList<Entry>();
        jails.accept(() -> {
            var entry = new Entry();
            entries.add(entry);
            return entry;
        });
        return entries;
    }

    private static Entry entry(Consumer<Entry> told) {
        var entry = new Entry();
        told.accept(entry);
        return entry;
    }
}
