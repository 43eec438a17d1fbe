package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FstabTest {
    private static final Fstab.Line LINE = new Fstab.Line("/a", "/b", "nullfs", "ro,nosuid");

    @ParameterizedTest
    @ValueSource(strings = {"/a /b nullfs ro,nosuid 0 0", "\t/a  /b\tnullfs ro,nosuid  1 ", "/a /b nullfs ro,nosuid",
        "/a /b nullfs ro,nosuid 0 0 # as it was", "/a /b nullfs ro,nosuid #0 0 0 0", "\\057a /b nullfs ro,nosuid 0 2\r"})
    void lines(String line) {
        assertEquals(List.of(LINE), Fstab.parse(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \t ", "# /a /b nullfs rw 0 0", "  #", "\r"})
    void linesThatSayNothing(String line) {
        assertEquals(List.of(), Fstab.parse(line));
    }

    @Test
    void optionsMayBeMissing() {
        assertEquals(List.of(new Fstab.Line("tmpfs", "/b", "tmpfs", "")), Fstab.parse("tmpfs /b tmpfs"));
    }

    @Test
    void escapes() {
        assertEquals(List.of(new Fstab.Line("/a b\t\n\\#", "/b\u00ff c", "nullfs", "x\\040y")),
                Fstab.parse("/a\\040b\\t\\n\\\\\\043 /b\\377\\sc nullfs x\\040y"));
        assertEquals("/a#b", Fstab.parse("/a#b /b nullfs").get(0).source());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\\ /b nullfs", "/a\\04 /b nullfs", "/a /b\\400 nullfs", "/a\\000 /b nullfs", "/a /b\\x nullfs",
        "/a /b nullfs rw 0 x", "/a b /c nullfs rw 0 0 0", "/a /b nullfs rw -1"})
    void linesThatCantBeRead(String line) {
        assertEquals(line + ": fstab parse error", assertThrows(JailException.class, () -> Fstab.parse(line)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "/a /b", "/a /b # nullfs"})
    void linesThatSayTooLittle(String line) {
        assertEquals(line + ": missing information", assertThrows(JailException.class, () -> Fstab.parse(line)).getMessage());
    }

    @Test
    void anyBytesAreALineOrRefused() {
        var random = new Random(1);
        int read = 0;
        for (int i = 0; i < 100_000; i++) {
            var line = new StringBuilder();
            for (int j = random.nextInt(24); j >= 0; j--) {
                line.append(random.nextInt(4) > 0 ? "\\ \t#0/1x,".charAt(random.nextInt(9)) : (char) random.nextInt(1, 256));
            }
            try {
                for (var entry : Fstab.parse(line.toString())) {
                    assertEquals(-1, entry.target().indexOf(0));
                    read++;
                }
            } catch (JailException refused) {
                continue;
            }
        }
        assertEquals(true, read > 1000, read + " lines");
    }
}
