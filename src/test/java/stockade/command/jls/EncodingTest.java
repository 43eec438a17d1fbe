package stockade.command.jls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.function.Supplier;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import stockade.command.jls.Encoding.Style;
import stockade.linux.Bytes;
import stockade.prison.JailException;

class EncodingTest {
    private static final Consumer<Entry> HEADER = entry -> entry.title("JID").padding(" ").title("Name").endLine();

    private static Consumer<Entry> jail(int jid, String name, List<String> addresses) {
        return entry -> entry.show("jid", Integer.toString(jid)).padding(" ").text("name=").show("name", name).endLine()
                .datum(new Datum.Whole("jid", jid)).datum(new Datum.Text("name", name))
                .datum(new Datum.Truth("persist", true)).datum(new Datum.Members("ip4.addr", "ipv4_addr", addresses));
    }

    private static Consumer<Supplier<Entry>> told(List<Consumer<Entry>> jails) {
        return next -> jails.forEach(jail -> jail.accept(next.get()));
    }

    @SafeVarargs
    private static String encode(Style style, boolean pretty, Consumer<Entry>... jails) {
        var out = new StringBuilder();
        new Encoding(style, pretty).encode(HEADER, told(List.of(jails)), (bytes, length) -> out.append(Bytes.toString(bytes, 0, length)));
        return out.toString();
    }

    private static Element parse(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(Bytes.of(xml))).getDocumentElement();
    }

    private static List<String> texts(Element element, String tag) {
        var found = element.getElementsByTagName(tag);
        return IntStream.range(0, found.getLength()).mapToObj(i -> found.item(i).getTextContent()).toList();
    }

    @Test
    void text() {
        assertEquals("JID Name\n7 name=www\n", encode(Style.TEXT, false, jail(7, "www", List.of())));
    }

    @Test
    void textOfManyJails() {
        var jails = IntStream.range(0, 1000).mapToObj(i -> jail(i, "w".repeat(i % 90), List.of())).toList();
        var expected = new StringBuilder("JID Name\n");
        for (int i = 0; i < 1000; i++) {
            expected.append(i).append(" name=").append("w".repeat(i % 90)).append('\n');
        }
        var out = new StringBuilder();
        new Encoding(Style.TEXT, false).encode(HEADER, told(jails), (bytes, length) -> out.append(Bytes.toString(bytes, 0, length)));
        assertEquals(expected.toString(), out.toString());
    }

    @ParameterizedTest
    @CsvSource({"'', '   |   '", "ab, 'ab |ab '", "abc, 'abc|abc'", "abcd, 'abc|abc'"})
    void aColumnIsAsWideInHtmlAsInText(String text, String shown) {
        Consumer<Entry> entry = e -> e.column("a", text, 3).text("|").column("b", text, 3).endLine();
        assertEquals("JID Name\n" + shown + "\n", encode(Style.TEXT, false, entry));
        assertTrue(encode(Style.HTML, false, entry).contains("data-tag=\"a\">" + shown.substring(0, 3) + "</div>"));
    }

    @Test
    void json() {
        assertEquals("{\"__version\": \"2\", \"jail-information\": {\"jail\": []}}\n", encode(Style.JSON, false));
        assertEquals("{\"__version\": \"2\", \"jail-information\": {\"jail\": ["
                + "{\"jid\":7,\"name\":\"www\",\"persist\":true,\"ip4.addr\":[\"10.0.0.1\",\"10.0.0.2\"]}, "
                + "{\"jid\":8,\"name\":\"\",\"persist\":true,\"ip4.addr\":[]}]}}\n",
                encode(Style.JSON, false, jail(7, "www", List.of("10.0.0.1", "10.0.0.2")), jail(8, "", List.of())));
    }

    @Test
    void prettyJson() {
        assertEquals("""
                {
                  "__version": "2",
                  "jail-information": {
                    "jail": [
                      {
                        "jid": 7,
                        "name": "www",
                        "persist": true,
                        "ip4.addr": [
                          "10.0.0.1"
                        ]
                      },
                      {
                        "jid": 8,
                        "name": "",
                        "persist": true,
                        "ip4.addr": [
                        ]
                      }
                    ]
                  }
                }
                """, encode(Style.JSON, true, jail(7, "www", List.of("10.0.0.1")), jail(8, "", List.of())));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void xml(boolean pretty) throws Exception {
        var root = parse(encode(Style.XML, pretty, jail(7, "<a> & \"b\"\r\n\t", List.of("10.0.0.1", "10.0.0.2")),
                jail(8, "", List.of())));
        assertEquals("jail-information", root.getTagName());
        assertEquals("2", root.getAttribute("version"));
        assertEquals(List.of("7", "8"), texts(root, "jid"));
        assertEquals(List.of("<a> & \"b\"\r\n\t", ""), texts(root, "name"));
        assertEquals(List.of("true", "true"), texts(root, "persist"));
        assertEquals(List.of("10.0.0.1", "10.0.0.2"), texts(root, "ipv4_addr"));
    }

    @Test
    void html() {
        assertEquals("<div class=\"line\"><div class=\"title\">JID</div><div class=\"padding\"> </div>"
                + "<div class=\"title\">Name</div></div>"
                + "<div class=\"line\"><div class=\"data\" data-tag=\"jid\">7</div><div class=\"padding\"> </div>"
                + "<div class=\"text\">name=</div><div class=\"data\" data-tag=\"name\">&lt;&quot;&amp;</div></div>\n",
                encode(Style.HTML, false, jail(7, "<\"&", List.of())));
    }

    @Test
    void anyBytesAreXmlAndHtml() throws Exception {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            var bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            var name = Bytes.toString(bytes);
            assertEquals(1, texts(parse(encode(Style.XML, false, jail(1, name, List.of(name)))), "name").size());
            parse("<html>" + encode(Style.HTML, true, jail(1, name, List.of())) + "</html>");
        }
    }

    @Test
    void everyByteOfControlIsEscapedInJson() {
        for (char c = 0; c < 0x80; c++) {
            var quoted = Json.quoted(String.valueOf(c));
            var expected = switch (c) {
                case '"', '\\' -> "\\" + c;
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                default -> c < ' ' || c == 0x7f ? "\\u%04x".formatted((int) c) : String.valueOf(c);
            };
            assertEquals('"' + expected + '"', quoted);
        }
    }

    /** As the JDK decodes it, which has one replacement for several bytes where here each has one. */
    @Test
    void whatIsRepairedIsUtf8AndWhatIsUtf8Stays() {
        var random = new Random(2);
        for (int i = 0; i < 20000; i++) {
            var bytes = new byte[1 + random.nextInt(4)];
            random.nextBytes(bytes);
            bytes[0] |= (byte) 0x80;
            var repaired = Bytes.of(Utf8.repaired(Bytes.toString(bytes)));
            var decoded = new String(repaired, StandardCharsets.UTF_8);
            assertEquals(Bytes.toString(repaired), Bytes.toString(decoded.getBytes(StandardCharsets.UTF_8)));
            assertEquals(new String(bytes, StandardCharsets.UTF_8).replace("\ufffd", ""), decoded.replace("\ufffd", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00ef\u00bf\u00be", "\u00ef\u00bf\u00bf", "\u001b", "\u0000", "\u0008"})
    void whatXmlHasNoCharacterFor(String bytes) {
        assertEquals("a\u00ef\u00bf\u00bdb", Utf8.repairedForMarkup("a" + bytes + "b"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "--libxo=json; JSON; false; ''", "--libxo xml; XML; false; ''", "-n --libxo:H jid; HTML; false; -n jid",
        "--libxo:JP; JSON; true; ''", "jid --libxo=pretty,xml; XML; true; jid", "-j www; TEXT; false; -j www",
        "--libxo=json --libxo=pretty --libxo text; TEXT; true; ''", "-- --libxo=xml; TEXT; false; -- --libxo=xml"})
    void options(String words, Style style, boolean pretty, String rest) {
        var commandLine = Encoding.parse(List.of(words.split(" ")));
        assertEquals(new Encoding(style, pretty), commandLine.encoding());
        assertEquals(rest, String.join(" ", commandLine.rest()));
    }

    @ParameterizedTest
    @CsvSource({"--libxo=yaml, unknown libxo option value: 'yaml'", "--libxo:JZ, unknown libxo option value: 'Z'",
        "--libxo=, unknown libxo option value: ''", "--libxo, missing libxo option",
        "--libxo=warn, unknown libxo option value: 'warn'"})
    void unknownOptions(String word, String message) {
        assertEquals(message, assertThrows(JailException.class, () -> Encoding.parse(List.of(word))).getMessage());
    }
}
