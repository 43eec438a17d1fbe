package stockade.life;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotingTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"plain, plain", "``, \"\"", "a b, \"a b\"", "it's, \"it's\"",
        "say \"x\", 'say \"x\"'", "back\\slash, back\\\\slash", "'\", \"'\\\"\""})
    void asJailWritesValues(String value, String quoted) {
        assertEquals(quoted, Quoting.quote(value));
    }
}
