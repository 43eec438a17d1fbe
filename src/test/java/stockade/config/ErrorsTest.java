package stockade.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is no configuration, and what is said of it. */
class ErrorsTest {
    static String[][] errors() {
        return new String[][] {
            {"j { path = /x }", "1:15 syntax error near \"}\""},
            {"j {\n path = /x\n host.hostname = y;\n}", "3:2 syntax error near \"host.hostname\""},
            {"j { path = ; }", "1:12 syntax error near \";\""},
            {"j { path += ; }", "1:13 syntax error near \";\""},
            {"j { path = /x,; }", "1:15 syntax error near \";\""},
            {"j { path = ,/x; }", "1:12 syntax error near \",\""},
            {"j { path /x /y; }", "1:13 syntax error near \"/y\""},
            {"j { path = = /x; }", "1:12 syntax error near \"=\""},
            {"j { = /x; }", "1:5 syntax error near \"=\""},
            {"j { exec/start = x; }", "1:9 syntax error near \"/start\""},
            {"j { 'exec'.start = x; }", "1:11 syntax error near \".start\""},
            {"j { \"a$b\" = x; }", "1:7 syntax error near \"$b\"\""},
            {"foo.* { path = /; }", "1:5 syntax error near \"*\""},
            {"$x { path = /; }", "1:4 syntax error near \"{\""},
            {"{ path = /; }", "1:1 syntax error near \"{\""},
            {"}", "1:1 syntax error near \"}\""},
            {"j { } }", "1:7 syntax error near \"}\""},
            {"a = }", "1:5 syntax error near \"}\""},
            {"j { path = /x;", "1:15 unexpected EOF"},
            {"j { path = /x", "1:14 unexpected EOF"},
            {"path = /x", "1:10 unexpected EOF"},
            {"path =\n", "2:1 unexpected EOF"},
            {"j", "1:2 unexpected EOF"},
            {"j {\n}\npath", "3:5 unexpected EOF"},
            {"a = \u00c3\u00a4b;", "1:5 syntax error near \"\u00c3\u00a4\""},
            {"a = b\u0001c;", "1:6 syntax error near \"\\x01\""},
            {"a = 1 " + "\u0080".repeat(50) + ";", "1:7 syntax error near \"" + "\\x80".repeat(37) + "\"..."},
            {"a = 1 'x" + "\u00c3\u00a4".repeat(30) + "';", "1:7 syntax error near \"'x" + "\u00c3\u00a4".repeat(19) + "\"..."},
            {"a = 1 '" + "\u00c3\u00a4".repeat(30) + "';", "1:7 syntax error near \"'" + "\u00c3\u00a4".repeat(19) + "\"..."},
            {"a = 'x\ny' z;", "2:4 syntax error near \"z\""},
            {"a = 1 '123456789012345678901234567890123456789012';", "1:7 syntax error near \"'123456789012345678901234567890123456789\"..."},
            {"a = 1\n '\n'/b;", "2:2 syntax error near \"'\\x0a'/b\""},
            {"a = 'b;", "1:5 unterminated string"},
            {"a = \"b;\nc = d;", "1:5 unterminated string"},
            {"a = b'c;", "1:6 unterminated string"},
            {"'a = b;\nc;", "1:1 unterminated string"},
            {"j {\n a = 'b;\n}\n", "2:6 unterminated string"},
            {"a = 'b\\';", "1:5 unterminated string"},
            {"a = b; /* c\n;", "1:8 unterminated comment"},
            {"j { a = b; /*/", "1:12 unterminated comment"},
            {"a = ${b;\nc;", "1:5 unterminated variable"},
            {"a = \"x${b\";", "1:7 unterminated variable"},
            {"a = \"${b\n}\";", "1:6 unterminated variable"},
            {"a = ${b{c};", "1:5 unterminated variable"},
            {"${a = b;", "1:1 unterminated variable"},
            {"a = b;\nc\0d;", "2:2 NUL character"},
            {"\na { " + "b {".repeat(128) + "}".repeat(129), "2:386 name too long"},
        };
    }

    @ParameterizedTest
    @MethodSource("errors")
    void haveTheirPlace(String text, String error) {
        assertEquals(List.of(Parsed.FILE + " line " + error.replaceFirst(":", " column ").replaceFirst("(\\d) (\\D)(?!olumn)", "$1: $2")),
                Parsed.errors(text));
    }

    @Test
    void allOfThemAreReported() {
        assertEquals(List.of("/etc/jail.conf line 1 column 5: syntax error near \"b\"",
                        "/etc/jail.conf line 3 column 8: syntax error near \"}\"",
                        "/etc/jail.conf line 4 column 2: syntax error near \"/d\"",
                        "/etc/jail.conf line 5 column 4: syntax error near \"}\"",
                        "/etc/jail.conf line 6 column 7: unterminated string",
                        "/etc/jail.conf line 8 column 1: syntax error near \"}\""),
                Parsed.errors("a a b;\nok { }\nj { a= }\nc/d {\n e }\nf { g='x\n h\n}"));
    }

    @Test
    void aFileWithTooManyIsNotReadOn() {
        var errors = Parsed.errors("= ;".repeat(2 * Errors.MAX));
        assertEquals(Errors.MAX + 1, errors.size());
        assertEquals("too many errors", errors.get(Errors.MAX));
    }

    @Test
    void aFileThatCanNotBeRead() {
        var e = assertThrows(ConfigurationException.class, () -> Configuration.parse("/none", new FakeSource()));
        assertEquals(List.of("/none: No such file or directory"), e.errors());
        assertEquals("/none: No such file or directory", e.getMessage());
    }

    @Test
    void aFileThatIsTooLong() {
        assertEquals(List.of("/etc/jail.conf: File too large"), Parsed.errors(" ".repeat((8 << 20) + 1)));
    }

    @Test
    void standardInputHasAName() {
        var source = new FakeSource().file("-", "a b c;");
        var e = assertThrows(ConfigurationException.class, () -> Configuration.parse("-", source));
        assertEquals(List.of("STDIN line 1 column 5: syntax error near \"c\""), e.errors());
        assertTrue(Configuration.parse("-", new FakeSource().file("-", "")).jails().isEmpty());
    }
}
