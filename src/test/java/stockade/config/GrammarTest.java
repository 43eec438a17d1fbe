package stockade.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements and blocks. */
class GrammarTest {
    @Test
    void aFileDeclaresJailsInOrder() {
        assertEquals(List.of("b", "a", "two words", "x y.z"),
                Parsed.of("b { } a{}; 'two words' {\n}\n;;\"x y.z\"{;;}").names());
        assertEquals(List.of(), Parsed.of("").names());
        assertEquals(List.of(), Parsed.of(" # nothing\n").names());
        assertEquals(List.of(), Parsed.of("path = /; * { persist; }").names());
    }

    @Test
    void aParameterHasValuesOrNone() {
        assertEquals("persist a=1 b=1,2 c=x y d= e=1,2 f.g=h", Parsed.of(
                "j { persist; a = 1; b=1,2; c 'x y'; 'd' \"\"; e 1, 2; f.g=h; }").settings("j"));
    }

    @Test
    void itIsTheLastDefinitionThatCounts() {
        assertEquals("a=2 b", Parsed.of("j { a = 1; b = 2; a = 2; b; }").settings("j"));
        assertEquals("a=1,2,3 b=1 c=2", Parsed.of("j { a = 1; a += 2, 3; b += 1; c = 1; c; c += 2; }").settings("j"));
        assertEquals("a=3", Parsed.of("j { a = 1; a += 2; a = 3; }").settings("j"));
    }

    @Test
    void aNameAndItsOppositeAreOneParameter() {
        assertEquals("allow.nomount", Parsed.of("j { allow.mount; allow.nomount; }").settings("j"));
        assertEquals("allow.mount", Parsed.of("j { allow.nomount; allow.mount; }").settings("j"));
        assertEquals("allow.mount=false", Parsed.of("j { allow.nomount; allow.mount = false; }").settings("j"));
        assertEquals("persist", Parsed.of("j { nopersist; persist; }").settings("j"));
        assertEquals("a.nob.c=1,2", Parsed.of("j { a.b.c = 1; a.nob.c += 2; }").settings("j"));
        assertEquals("allow.mount allow.mount.nozfs", Parsed.of("j { allow.mount; allow.mount.nozfs; }").settings("j"));
    }

    @Test
    void theNameIsTheFirstSetting() {
        var name = Parsed.of("\n  foo { path = /; }").jail("foo").settings().get(0);
        assertEquals(new Setting("name", List.of("foo"), new Position(Parsed.FILE, 2, 3)), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "05", "-1", "'+7'", "' 3'", "99999999999999999999"})
    void aNumberIsAJid(String written) {
        var jail = Parsed.of(written + " { path = /; }").configuration().jails().get(0);
        assertEquals("jid", jail.settings().get(0).name());
        assertEquals(List.of(jail.name()), jail.settings().get(0).values());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "5a", "''", "'-'", "'5 '", "1.2", "00"})
    void anythingElseIsAName(String written) {
        assertEquals("name", Parsed.of(written + " { path = /; }").configuration().jails().get(0).settings().get(0).name());
    }

    @Test
    void aJailWithANumberCanHaveAName() {
        assertEquals("name=five path=/five", Parsed.of("5 { name = five; path = /$name; }").settings("5"));
        assertEquals("path=/5", Parsed.of("5 { path = /$name; }").settings("5"));
        assertEquals("jid=5", Parsed.of("five { jid = 5; }").settings("five"));
    }

    @Test
    void aJailWithinAnotherHasBothNames() {
        var parsed = Parsed.of("a { p = 1; b { p = 2; c { } } q = 3; b.d { } } e { }");
        assertEquals(List.of("a", "a.b", "a.b.c", "a.b.d", "e"), parsed.names());
        assertEquals("p=1 q=3", parsed.settings("a"));
        assertEquals("p=2", parsed.settings("a.b"));
    }

    @Test
    void whereASettingIsWritten() {
        var settings = Parsed.of("p = 1;\nj {\n\tq = 2;\n\tp += 3; }").jail("j").settings();
        assertEquals(new Setting("p", List.of("1", "3"), new Position(Parsed.FILE, 4, 2)), settings.get(1));
        assertEquals(new Setting("q", List.of("2"), new Position(Parsed.FILE, 3, 2)), settings.get(2));
    }
}
