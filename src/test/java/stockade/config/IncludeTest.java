package stockade.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class IncludeTest {
    private static FakeSource source(String text) {
        return new FakeSource().file(Parsed.FILE, text);
    }

    @Test
    void whatAFileSaysStandsWhereItIsIncluded() {
        var parsed = Parsed.of(source("p = 1; a { } .include \"more.conf\"; c { } p += 4;")
                .file("/etc/more.conf", "p += 2; b { q = x; } p += 3;"));
        assertEquals(List.of("a", "b", "c"), parsed.names());
        assertEquals("p=1,2,3,4", parsed.settings("a"));
        assertEquals("p=1,2,3,4 q=x", parsed.settings("b"));
        assertEquals("/etc/more.conf line 1 column 13",
                parsed.jail("b").settings().get(2).position().toString());
    }

    @Test
    void pathsAreBasedOnTheFilesDirectory() {
        var parsed = Parsed.of(source(".include d/one, '/two';").file("/etc/d/one", ".include '../e/three'; a { }")
                .file("/two", "b { }").file("/etc/d/../e/three", "c { }"));
        assertEquals(List.of("c", "a", "b"), parsed.names());
    }

    @Test
    void thoseOfStandardInputAreOnTheWorkingDirectory() {
        var source = new FakeSource().file("-", ".include one; .include 'd/*';").file("one", "a { }").file("d/x", "b { }");
        assertEquals(List.of("a", "b"), new Parsed(Configuration.parse("-", source)).names());
        var relative = new FakeSource().file("jail.conf", ".include one;").file("one", "a { }");
        assertEquals(List.of("a"), new Parsed(Configuration.parse("jail.conf", relative)).names());
    }

    @Test
    void aPatternStandsForAnyNumberOfFiles() {
        var source = source(".include 'jail.conf.d/*.conf'; .include '/etc/none[.]conf'; .include '/x/*/y?';")
                .file("/etc/jail.conf.d/b.conf", "b { }").file("/etc/jail.conf.d/a.conf", "a { }").file("/etc/jail.conf.d/B.conf", "c { }")
                .file("/etc/jail.conf.d/.h.conf", "h { }").file("/etc/jail.conf.d/a.conf.old", "o { }")
                .file("/x/2/y1", "x21 { }").file("/x/1/y2", "x12 { }").file("/x/1/z", "z { }").file("/x/1/y", "y { }");
        assertEquals(List.of("c", "a", "b", "x12", "x21"), Parsed.of(source).names());
    }

    @Test
    void aFileThatIsNamedMustBeThere() {
        assertEquals(List.of("/etc/jail.conf line 2 column 10: /etc/none.conf: No such file or directory"),
                Parsed.errors("a { }\n.include \"none.conf\";"));
    }

    @Test
    void onlyAStringCanBeIncluded() {
        assertEquals(List.of("/etc/jail.conf line 1 column 10: variables not permitted in '.include' filename"),
                Parsed.errors(".include \"$d/x\";"));
        assertEquals(".include=x", Parsed.of("a { .include = x; }").settings("a"), "an assignment to a parameter of the name");
        assertEquals(".include", Parsed.of("a { .include; }").settings("a"));
    }

    @Test
    void errorsOfAllFilesAreReported() {
        var source = source("a = ;\n.include x;\nb = ;").file("/etc/x", "\n;c d e; f {").file("/etc/y", "");
        assertEquals(List.of("/etc/jail.conf line 1 column 5: syntax error near \";\"", "/etc/x line 2 column 6: syntax error near \"e\"",
                "/etc/x line 2 column 12: unexpected EOF", "/etc/jail.conf line 3 column 5: syntax error near \";\""), Parsed.errors(source));
    }

    @Test
    void aJailCanIncludeWhatItHasInCommon() {
        var parsed = Parsed.of(source("a { .include common; q; } b { }").file("/etc/common", "p = 1; c { p = 2; }"));
        assertEquals(List.of("a", "a.c", "b"), parsed.names());
        assertEquals("p=1 q", parsed.settings("a"));
        assertEquals("", parsed.settings("b"));
        assertEquals(List.of("/etc/common line 1 column 1: syntax error near \"}\""),
                Parsed.errors(source("a { .include common; }").file("/etc/common", "}")));
    }

    @Test
    void loopsAreRefused() {
        assertEquals(List.of("/etc/jail.conf line 1 column 10: /etc/jail.conf: include loop"), Parsed.errors(".include jail.conf;"));
        assertEquals(List.of("/etc/b line 1 column 10: /etc/jail.conf: include loop"),
                Parsed.errors(source(".include 'b*';").file("/etc/b", ".include 'jail.con?';")));
        var disguised = new FakeSource();
        for (int i = 0; i < 100; i++) {
            disguised.file("/etc/" + "./".repeat(i) + "jail.conf", ".include './jail.conf';");
        }
        assertEquals(List.of("/etc/" + "./".repeat(32) + "jail.conf line 1 column 10: maximum include depth exceeded"),
                Parsed.errors(disguised));
    }

    @Test
    void filesThatIncludeTheNextTwiceEnd() {
        var source = source(".include x0, x0;");
        for (int i = 0; i < 30; i++) {
            source.file("/etc/x" + i, ".include x" + (i + 1) + ", x" + (i + 1) + ";" + " ".repeat(10_000));
        }
        var errors = Parsed.errors(source.file("/etc/x30", ""));
        assertTrue(errors.get(0).endsWith(": File too large"), errors.get(0));
    }
}
