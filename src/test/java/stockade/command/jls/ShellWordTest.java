package stockade.command.jls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stockade.linux.Bytes;

class ShellWordTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"plain, plain", "``, \"\"", "two words, \"two words\"", "it's, \"it's\"",
        "say \"x\", 'say \"x\"'", "$(id), '$(id)'", "a\\b, 'a\\b'", "it's $x, 'it'\\''s $x'", "eth0|10.0.0.1/24, \"eth0|10.0.0.1/24\"",
        "/usr/jails/www, /usr/jails/www", "fd00::1, fd00::1", "-1, -1", "~root, \"~root\"", "a*, \"a*\"", "x;y, \"x;y\""})
    void inQuotesIfAnyAreNeeded(String text, String word) {
        assertEquals(word, ShellWord.of(text));
    }

    @Test
    void aShellTakesItForTheText() throws Exception {
        var random = new Random(3);
        var characters = "\"'`$\\!~*?[]{}()<>|&;#\n\t abc=-\u00ff";
        var script = new StringBuilder();
        var expected = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            var text = new StringBuilder();
            for (int length = random.nextInt(8); length > 0; length--) {
                text.append(characters.charAt(random.nextInt(characters.length())));
            }
            script.append("printf '%s\\0' x=").append(ShellWord.of(text.toString())).append('\n');
            expected.append("x=").append(text).append('\0');
        }
        var shell = new ProcessBuilder("sh").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var input = shell.getOutputStream()) {
            input.write(script.toString().getBytes(StandardCharsets.ISO_8859_1));
        }
        assertArrayEquals(Bytes.of(expected.toString()), shell.getInputStream().readAllBytes());
        assertEquals(0, shell.waitFor());
    }
}
