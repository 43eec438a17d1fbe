package stockade.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Strings as values, as usr.sbin/jail/jaillex.l of FreeBSD 14 reads them. */
class WordTest {
    private static List<String> values(String written) {
        return Parsed.of("$x = X; $y = Y; $empty = ''; j { p = " + written + "; }").values("j");
    }

    static String[][] words() {
        return new String[][] {
            // unquoted
            {"plain", "plain"}, {"10.0.0.1/24", "10.0.0.1/24"}, {"/usr/jails/a", "/usr/jails/a"}, {"*", "*"}, {"a+b", "a+b"},
            {"a_!%&()-.:<>?@[]^`|~*+/z", "a_!%&()-.:<>?@[]^`|~*+/z"}, {"$", "$"}, {"$1", "$1"}, {"a$", "a$"}, {"$$x", "$X"},
            // quoted
            {"'a b'", "a b"}, {"\"a b\"", "a b"}, {"''", ""}, {"\"\"", ""}, {"'a\"b'", "a\"b"}, {"\"a'b\"", "a'b"},
            {"'#,;={}'", "#,;={}"}, {"'/*'", "/*"}, {"'//'", "//"}, {"'a\nb'", "a\nb"}, {"\"a\nb\"", "a\nb"},
            {"'\u00e4'", "\u00e4"}, {"\"\u00ff\u0001\"", "\u00ff\u0001"}, {"'\r'", "\r"},
            // in pieces
            {"a'b c'\"d\"e", "ab cde"}, {"'a''b'", "ab"}, {"'a'/b", "a/b"}, {"/'a'", "/a"}, {"''a", "a"},
            // with variables
            {"$x", "X"}, {"${x}", "X"}, {"\"$x\"", "X"}, {"\"${x}\"", "X"}, {"'$x'", "$x"}, {"'${x}'", "${x}"}, {"a$x", "aX"},
            {"\"a$x-b\"", "aX-b"}, {"\"a${x}b\"", "aXb"}, {"$x$x", "XX"}, {"\"$x$x\"", "XX"}, {"$x'y'", "Xy"}, {"\"$x\"y", "Xy"},
            {"\"$x y\"", "X y"}, {"$x/y", "X/y"}, {"$x.y", "X.y"}, {"\"$\"", "$"}, {"\"a$ b\"", "a$ b"}, {"\"$1\"", "$1"},
            {"\"$x\"'$x'", "X$x"}, {"\\$x", "$x"}, {"\"\\$x\"", "$x"}, {"\"\\${x}\"", "${x}"}, {"\"$empty\"", ""}, {"$empty", ""},
            {"$name", "j"}, {"${name}", "j"}, {"\"$x\\\"q\"", "X\"q"}, {"${y}", "Y"}, {"${\\171}", "Y"},
            // escaped
            {"\\ ", " "}, {"a\\ b", "a b"}, {"\\;", ";"}, {"\\{", "{"}, {"\\#", "#"}, {"\\\\", "\\"}, {"'\\''", "'"},
            {"\"\\\"\"", "\""}, {"'\\\\'", "\\"}, {"\\q", "q"}, {"\\a\\b\\f\\v", "\u0007\b\f\u000b"},
            {"'\\n\\r\\t'", "\n\r\t"}, {"\"\\n\"", "\n"}, {"\\101", "A"}, {"\\1012", "A2"}, {"'\\101'", "A"}, {"\\60", "0"},
            {"\\7x", "\u0007x"}, {"\\8", "8"}, {"\\x41", "A"}, {"\\x4a", "J"}, {"\\x4Ax", "Jx"}, {"\\x414", "A4"}, {"\\x9g", "\tg"},
            {"'\\xe4'", "\u00e4"}, {"\\501", "A"}, {"a\\\nb", "ab"}, {"'a\\\nb'", "ab"}, {"\"a\\\nb\"", "ab"},
            {"\"a\\\n  b\"", "a  b"}, {"\"$x\\\n\"", "X"},
        };
    }

    @ParameterizedTest
    @MethodSource("words")
    void isRead(String written, String value) {
        assertEquals(List.of(value), values(written));
    }

    @Test
    void severalAreSeparatedByCommas() {
        assertEquals(List.of("a", "b c", "", "d"), values("a,'b c' , \"\",\n\td"));
    }

    @Test
    void commentsAreBlanks() {
        assertEquals(List.of("a", "b", "c", "d"), values("a # one\n, /* two\n * three **/ b, // four */\n c,/**/d/***/"));
        assertEquals(List.of("http:"), values("http://example.org/;\n"), "what looks like a comment is one");
        assertEquals(List.of("a"), values("a#b\n"));
        assertEquals(List.of("a#b"), values("'a#b'"));
    }

    @Test
    void carriageReturnsAreBlanks() {
        assertEquals("a=b c=d,e", Parsed.of("j {\r\n\ta = b;\r\n\tc\r=\rd,\r\ne;\r\n}\r\n").settings("j"));
    }

    @Test
    void aBackslashAtTheEndOfTheFileIsOne() {
        assertEquals(List.of("/etc/jail.conf line 1 column 6: unexpected EOF"), Parsed.errors("p = \\"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\0", "\\000", "\\400", "\\x", "\\x0", "\\x00", "'\\0'", "\"a\\0b\"", "\"$x\\0\""})
    void noStringHasTheByteNul(String written) {
        assertEquals(List.of("/etc/jail.conf line 1 column " + (6 + written.indexOf('\\')) + ": NUL character"),
                Parsed.errors("a  = " + written + ";"));
    }
}
