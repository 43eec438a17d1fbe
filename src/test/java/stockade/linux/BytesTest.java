package stockade.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BytesTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 9, 10, 32766, Integer.MAX_VALUE})
    void aNumberIsWrittenInDecimal(int number) {
        var digits = new byte[Bytes.DIGITS];
        assertEquals(Integer.toString(number), Bytes.toString(digits, 0, Bytes.putDecimal(digits, number)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "\u00ff\n"})
    void aSpanIsTheTextOfItsBytes(String text) {
        var span = new Span().turnTo(Bytes.of("<" + text + ">"), 1, 1 + text.length());
        assertEquals(text, span.toString());
        assertEquals(text.length(), span.length());
        assertEquals(text, new StringBuilder().append(span).toString());
        assertEquals("<" + text, span.turnTo(Bytes.of("<" + text + ">"), 0, 2 + text.length()).subSequence(0, 1 + text.length()).toString());
        assertEquals(Printable.line(text), Printable.line((CharSequence) span.turnTo(Bytes.of(text), 0, text.length())).toString());
    }

    @Test
    void everyByteGoesThroughAStringUnharmed() {
        var all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        assertArrayEquals(all, Bytes.of(Bytes.toString(all)));
    }

    @Test
    void splitKeepsEmptyParts() {
        assertEquals(List.of("", "a", "", "b", ""), Bytes.split(":a::b:", ':'));
        assertEquals(List.of(""), Bytes.split("", ':'));
    }

    @Test
    void emptyArgumentsAreArguments() {
        assertEquals(List.of("jail", "", "x"), Bytes.splitAtNul(Bytes.of("jail\0\0x\0")));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "7, 007", "-1, -1", "2147483647, 2147483647"})
    void readsDecimals(int value, String text) {
        assertEquals(value, Bytes.decimal(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "+1", " 1", "1 ", "1x", "2147483648", "99999999999999999999", "0x1"})
    void refusesWhatIsNoDecimal(String text) {
        assertThrows(NumberFormatException.class, () -> Bytes.decimal(text));
    }
}
