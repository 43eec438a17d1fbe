package stockade.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Strings are bytes, one char each. */
class PrintableTest {
    static String[][] lines() {
        return new String[][] {
            {"plain text", "plain text"},
            {"a\nb\u001bc\u007fd", "a\\x0ab\\x1bc\\x7fd"},
            {"\u00c3\u0084 \u00e2\u0082\u00ac \u00f0\u009f\u0098\u0080", "\u00c3\u0084 \u00e2\u0082\u00ac \u00f0\u009f\u0098\u0080"},
            {"a\u00c2\u009b2J", "a\u00c2\\x9b2J"},
            {"\u009b2J", "\\x9b2J"},
            {"a\u0080\u009b2J", "a\\x80\\x9b2J"},
            {"\u00c3\u0084\u009b2J", "\u00c3\u0084\\x9b2J"},
            {"\u00ff\u009b2J", "\u00ff\\x9b2J"},
        };
    }

    @ParameterizedTest
    @MethodSource("lines")
    void line(String text, String shown) {
        assertEquals(shown, Printable.line(text));
    }
}
