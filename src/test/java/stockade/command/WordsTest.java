package stockade.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.prison.Ip;
import stockade.prison.Parameter;

class WordsTest {
    @Test
    void fourArguments() {
        var words = Words.ofFourArguments(List.of(),
                List.of("/jails/www", "www.example", "10.0.0.1,fd00::1,em0|10.0.0.2/24", "sh", "-c", "true"));
        var spec = words.parameters().spec("/real");
        assertEquals(Ip.parse("10.0.0.1,em0|10.0.0.2/24"), spec.ip4());
        assertEquals(Ip.parse("fd00::1"), spec.ip6());
        assertEquals("www.example", spec.hostname().text());
        assertEquals(Optional.of(List.of("sh", "-c", "true")), words.command());
        assertTrue(words.fourArguments());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/x", "/x h", "/x h 10.0.0.1", "x h 10.0.0.1 true"})
    void lessThanFour(String words) {
        assertThrows(UsageException.class, () -> Words.ofFourArguments(List.of(),
                words.isEmpty() ? List.of() : List.of(words.split(" "))));
    }

    @Test
    void theCommandTakesTheRest() {
        var words = Words.of(List.of(), List.of("path=/x", "persist", "command=/bin/ls", "-l", "path=/y"));
        assertEquals(Optional.of(List.of("/bin/ls", "-l", "path=/y")), words.command());
        assertEquals("/x", words.parameters().path());
        assertTrue(words.parameters().is(Parameter.PERSIST));
        assertFalse(words.fourArguments());
    }
}
