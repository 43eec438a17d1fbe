package stockade.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WildcardTest {
    @ParameterizedTest
    @ValueSource(strings = {"*", "foo.*", "*.foo", "a.*.b", "*.*", "foo*.*", "**.*"})
    void aPartIsAnAsterisk(String name) {
        assertTrue(Wildcard.isWildcard(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "foo", "foo*", "*foo", "f*o", "**", "foo.b*", "foo.**"})
    void elseItIsNone(String name) {
        assertFalse(Wildcard.isWildcard(name));
    }

    @ParameterizedTest
    @CsvSource({"a, *, true", "a.b, *, true", "a.b.c, *, true", "foo, foo.*, false", "foo.a, foo.*, true", "foo.a.b, foo.*, true",
        "fo.a, foo.*, false", "foox.a, foo.*, false", "a.b, *.b, true", "a.c.b, *.b, false", "a.x.b, a.*.b, true",
        "a.x.y.b, a.*.b, false", "a.x, a.*.b, false", "a.b, *.*, true", "a, *.*, false", "a.b.c, *.*, true",
        "a.b.c, *.*.*, true", "a.b, a.b, true", "a.b, a.c, false", "a, a, true", "a.b, a, false", "'', *, true"})
    void standsForNames(String name, String wildcard, boolean matches) {
        assertEquals(matches, Wildcard.matches(name, wildcard));
        if (!Wildcard.isWildcard(wildcard)) {
            return;
        }
        var parsed = Parsed.of("'" + wildcard + "' { p; } '" + name + "' { }");
        assertEquals(matches ? "p" : "", parsed.settings(name), "a block finds its jails as the names match");
    }

    @Test
    void whatIsLaterSupersedes() {
        var text = "* { p = before; q = before; } j { p = own; r = own; } * { r = after; }";
        assertEquals("p=own q=before r=after", Parsed.of(text).settings("j"));
        assertEquals("p=1,2,3", Parsed.of("p = 1; j { p += 2; } p += 3;").settings("j"));
        assertEquals("p=3", Parsed.of("p = 1; j { p += 2; } p = 3;").settings("j"));
        assertEquals("p", Parsed.of("p = 1; j { p += 2; } p;").settings("j"));
        assertEquals("allow.nomount", Parsed.of("j { allow.mount; } allow.nomount;").settings("j"));
    }

    @Test
    void whatIsInNoBlockIsForAllJails() {
        var parsed = Parsed.of("p = 1; a { } q = 2; b { p = 3; } r = 4;");
        assertEquals("p=1 q=2 r=4", parsed.settings("a"));
        assertEquals("p=3 q=2 r=4", parsed.settings("b"));
    }

    @Test
    void ofSeveralForAJailTheOrderInTheFileCounts() {
        var text = "'a.*' { p = 1; q = 1; } * { p = 2; } '*.b' { p += 3; r = 3; } a.b { } 'a.*' { r = 4; } a.c { }";
        assertEquals("p=2,3 q=1 r=4", Parsed.of(text).settings("a.b").transform(WildcardTest::sorted));
        assertEquals("p=2 q=1 r=4", Parsed.of(text).settings("a.c").transform(WildcardTest::sorted));
    }

    private static String sorted(String settings) {
        return String.join(" ", List.of(settings.split(" ")).stream().sorted().toList());
    }

    @Test
    void aWildcardCanBeWithinAJail() {
        var parsed = Parsed.of("a { * { p; } b { } } c { }");
        assertEquals(List.of("a", "a.b", "c"), parsed.names());
        assertEquals("", parsed.settings("a"));
        assertEquals("p", parsed.settings("a.b"));
    }

    @Test
    void whatIsReplacedForAllJailsIsStillChecked() {
        assertEquals(List.of("/etc/jail.conf line 1 column 16: variable \"$x\" cannot have the same name as a parameter."),
                Parsed.of("x = 1; $x = 2; x = 3; j { }").problems("j"));
    }
}
