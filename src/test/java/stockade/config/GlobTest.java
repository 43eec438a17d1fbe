package stockade.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"*, a, true", "*, .a, false", ".*, .a, true", "\\.*, .a, true", "?, a, true", "?, ab, false",
        "a*, a, true", "a*, ba, false", "*a, ba, true", "*.conf, x.conf, true", "*.conf, x.conf.d, false", "a*b*c, aXbYbZc, true",
        "a*b*c, aXbYbZ, false", "a**b, ab, true", "[ab], a, true", "[ab], c, false", "[a-c]x, bx, true", "[a-c]x, dx, false",
        "[!a-c], d, true", "[!a-c], b, false", "[]x], ], true", "[!]], a, true", "[!]], ], false", "[a-], -, true", "[.]x, .x, false",
        "x[.]y, x.y, true", "\\*, *, true", "\\*, a, false", "[, [, true", "[a, [a, true", "a\\, a\\, true", "*, ``, true", "?, ``, false",
        "[*], *, true", "[*], a, false"})
    void namesMatch(String pattern, String name, boolean matches) {
        assertEquals(matches, new GlobPart(pattern).matches(name));
    }

    @ParameterizedTest
    @CsvSource({"a/b, false", "a*, true", "a/?/b, true", "'[a]', true", "[a, false", "'[a/]', false", "\\*, false", "\\\\*, true", "[], false",
        "[]], true", "a.conf, false"})
    void aPatternHasWhatStandsForOthers(String path, boolean isPattern) {
        assertEquals(isPattern, Glob.isPattern(path));
    }

    @Test
    void partsAreMatchedOneByOne() {
        var glob = new Glob(new FakeSource().file("/a/x/1", "").file("/a/y/1", "").file("/a/y/2", "").file("/b/x/1", "").file("*/1", "")
                .file("rel/x", ""));
        assertEquals(List.of("/a/x/1", "/a/y/1"), glob.matches("", "/a/*/1"));
        assertEquals(List.of("/a/x/1", "/b/x/1"), glob.matches("/etc/", "/?/x/1"));
        assertEquals(List.of("/a/y/1", "/a/y/2"), glob.matches("/a/y/", "*"));
        assertEquals(List.of("rel/x"), glob.matches("", "r*/x"));
        assertEquals(List.of(), glob.matches("", "/a/*/3"));
        assertEquals(List.of("*/1"), glob.matches("", "\\*/?"));
    }

    @Test
    void manyAsterisksTakeLittleTime() {
        assertEquals(false, new GlobPart("a*".repeat(100) + "b").matches("a".repeat(255)));
    }
}
