package stockade.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
    private static String read(String words) {
        var options = new Options("x", words.isEmpty() ? List.of() : List.of(words.split(" ")), "ab:c");
        var seen = new StringBuilder();
        for (char option; (option = options.next()) != 0;) {
            seen.append(option).append(option == 'b' ? "(" + options.value() + ")" : "");
        }
        return seen + "|" + String.join(" ", options.rest());
    }

    @ParameterizedTest
    @CsvSource({"'', '|'", "-a -c x -a, ac|x -a", "-ac, ac|", "-bv, b(v)|", "-b v w, b(v)|w", "-abv w, ab(v)|w",
        "-a -- -c, a|-c", "-a - -c, a|- -c", "-b -a, b(-a)|"})
    void asGetoptReadsThem(String words, String seen) {
        assertEquals(seen, read(words));
    }

    @Test
    void unknownLettersAndMissingValuesAreUsageErrors() {
        assertEquals("x: illegal option -- z", assertThrows(UsageException.class, () -> read("-az")).getMessage());
        assertEquals("x: illegal option -- :", assertThrows(UsageException.class, () -> read("-:")).getMessage());
        assertEquals("x: option requires an argument -- b",
                assertThrows(UsageException.class, () -> read("-ab")).getMessage());
    }
}
