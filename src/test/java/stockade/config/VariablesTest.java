package stockade.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Variables, and the problems that a jail alone has. */
class VariablesTest {
    private static String settings(String body) {
        var parsed = Parsed.of("j { " + body + " }");
        assertEquals(List.of(), parsed.problems("j"));
        return parsed.settings("j");
    }

    @Test
    void variablesAreReplacedAndAreNoSettings() {
        assertEquals("path=/jails/j", settings("$root = /jails; path = $root/$name;"));
        assertEquals("path=/jails/j", settings("path = \"${root}/${name}\"; $root = /jails;"), "wherever they are set");
        assertEquals("host.hostname=j.org path=/j.org", settings("host.hostname = $name.org; path = /${host.hostname};"));
        assertEquals("a=1 b=1-2", settings("a = 1; b = $a-$c; $c = 2;"));
        assertEquals("allow.nomount=x y=x", settings("allow.nomount = x; y = ${allow.nomount};"));
        assertEquals("p=2", settings("$v = 1; p = $v; $v = 2;"));
        assertEquals("p=1,2", settings("p = 1; $v = 2; p += $v;"));
    }

    @Test
    void theyStandForWhatTheyAreInEachJail() {
        var parsed = Parsed.of("path = /jails/$name; $dom = org; host.hostname = $name.$dom; a { } b { $dom = com; } 7 { }");
        assertEquals("path=/jails/a host.hostname=a.org", parsed.settings("a"));
        assertEquals("path=/jails/b host.hostname=b.com", parsed.settings("b"));
        assertEquals("path=/jails/7 host.hostname=7.org", parsed.settings("7"));
        assertEquals("path=/7", Parsed.of("7 { path = /$jid; }").settings("7"));
    }

    @Test
    void chainsAreFollowed() {
        assertEquals("p=4321", settings("p = $d; $d = 4$c; $c = 3$b; $b = 2$a; $a = 1;"));
        var chain = new StringBuilder("p = $v0; ");
        for (int i = 0; i < 20_000; i++) {
            chain.append("$v").append(i).append(" = $v").append(i + 1).append("; ");
        }
        assertEquals("p=end", settings(chain + "$v20000 = end;"));
    }

    @Test
    void aVariableCanHaveSeveralValues() {
        assertEquals("p=1,2,3", settings("$v = 1, 2, 3; p = $v;"));
        assertEquals("p=0,1,2,3", settings("$v = 1, 2; p = 0, $v, 3;"));
        assertEquals("p=1,2,1,2", settings("$v = 1, 2; p = $v; p += \"$v\";"));
        assertEquals("p=1,2", settings("$v = 1, 2; $w = ''; p = $w$v;"));
        assertEquals("p=1,2,3", settings("$v = 1; $v += 2, 3; p = $v;"));
    }

    /** What a jail says, and what is wrong with it: line and column, and what. */
    private record Case(String body, String... problems) {
    }

    static List<Case> problems() {
        return List.of(
            new Case("path = /$x;", "1:5 path: variable \"x\" not found"),
            new Case("\n\tpath = \"/${host.hostname}\";", "2:2 path: variable \"host.hostname\" not found"),
            new Case("$x; path = $x;", "1:9 path: variable \"x\" not found"),
            new Case("a = ${};", "1:5 a: variable \"\" not found"),
            new Case("allow.nomount = 1; a = ${allow.mount};", "1:24 a: variable \"allow.mount\" not found"),
            new Case("$x = $x;", "1:5 x: variable loop"),
            new Case("a = $a;", "1:5 a: variable loop"),
            new Case("$x = $y; $y = $x; a = $x; b = $y;", "1:14 x: variable loop"),
            new Case("$v = 1, 2; a = x$v;", "1:16 a: array cannot be substituted inline"),
            new Case("$v = 1, 2; a = ${v}x;", "1:16 a: array cannot be substituted inline"),
            new Case("$v = 1, 2; $w = ''; a = $v$w;", "1:25 a: array cannot be substituted inline"),
            new Case("name = k;", "1:5 cannot redefine parameter \"name\"."),
            new Case("noname;", "1:5 cannot redefine parameter \"name\"."),
            new Case("jid = 1; jid = 2;", "1:14 cannot redefine parameter \"jid\"."),
            new Case("$path = /;", "1:5 variable \"$path\" cannot have the same name as a parameter."),
            new Case("$nopath = /;", "1:5 variable \"$nopath\" cannot have the same name as a parameter."),
            new Case("${exec.start} = x;", "1:5 variable \"$exec.start\" cannot have the same name as a parameter."),
            new Case("x = 1; $x = 2;", "1:12 variable \"$x\" cannot have the same name as a parameter."),
            new Case("$x = 1; x = 2;", "1:13 variable \"$x\" cannot have the same name as a parameter."),
            new Case("a = 'x\ny'$z; 'b\nc' = $z;", "1:5 a: variable \"z\" not found", "2:7 b\\x0ac: variable \"z\" not found"),
            new Case("a = $x$y, $z; b = $x;", "1:5 a: variable \"x\" not found", "1:5 a: variable \"y\" not found",
                "1:5 a: variable \"z\" not found", "1:19 b: variable \"x\" not found"),
            new Case("$x = $y; a = $x; b = $x;", "1:5 x: variable \"y\" not found"));
    }

    @ParameterizedTest
    @MethodSource("problems")
    void aProblemHasItsPlace(Case test) {
        var parsed = Parsed.of("j { " + test.body + " } k { ok; }");
        assertEquals(List.of(test.problems), parsed.problems("j").stream()
                .map(problem -> problem.replaceFirst("^/etc/jail.conf line (\\d+) column (\\d+): ", "$1:$2 ")).toList());
        assertEquals(List.of(), parsed.problems("k"), "others are as they are");
        assertEquals("ok", parsed.settings("k"));
    }

    @Test
    void aSettingWithAProblemIsNotThere() {
        assertEquals("a=1 c=2", Parsed.of("j { a = 1; b = $x; c = 2; }").settings("j"));
    }

    @Test
    void aJailDeclaredTwiceIsNotToBeStarted() {
        var parsed = Parsed.of("a { p = 1; } b { }\na { p = 2; }");
        assertEquals(List.of("a", "b"), parsed.names());
        assertEquals(List.of("/etc/jail.conf line 2 column 1: jail \"a\" is already declared at /etc/jail.conf line 1 column 1"),
                parsed.problems("a"));
        assertEquals(List.of(), parsed.problems("b"));
        assertEquals(List.of("/etc/jail.conf line 1 column 13: jail \"a.b\" is already declared at /etc/jail.conf line 1 column 5"),
                Parsed.of("a { b { } } 'a.b' { }").problems("a.b"));
    }

    @Test
    void whatDoublesWithEachVariableEnds() {
        var doubling = new StringBuilder("$v0 = 'xx'; ");
        for (int i = 0; i < 60; i++) {
            doubling.append("$v").append(i + 1).append(" = $v").append(i).append("$v").append(i).append("; ");
        }
        var problems = Parsed.of("j { " + doubling + "p = $v60; }").problems("j");
        assertEquals(1, problems.size());
        assertTrue(problems.get(0).endsWith(": v15: more than 65536 bytes"), problems.get(0));
        var problemsOfArrays = Parsed.of("j { " + doubling.toString().replace("'xx'", "x,x").replaceAll("(\\$v\\d+)(\\$v)", "$1,$2") + "}")
                .problems("j");
        assertEquals(1, problemsOfArrays.size());
        assertTrue(problemsOfArrays.get(0).endsWith(": v15: more than 65536 bytes"), problemsOfArrays.get(0));
    }

    @Test
    void soDoesWhatIsForTooManyJails() {
        var text = new StringBuilder("$v = " + "x".repeat(30_000) + "; p = $v$v;");
        for (int i = 0; i < 2000; i++) {
            text.append("j").append(i).append(" { }\n");
        }
        assertEquals(List.of("/etc/jail.conf: too large: more than 100663296 bytes of memory"),
                Parsed.errors(text.toString()));
    }
}
