package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever bytes a string has, it goes through as it is or is refused: nothing is lost, cut or understood as something else. */
class StringsIT {
    private static final String ADDRESS = "10.7.0.2";
    /** Of bash, in quotes: every byte but those that no name can have. */
    private static final String ALL = quoted(1, 256);

    private static String quoted(int from, int to) {
        return "$'" + IntStream.range(from, to).filter(b -> b != '/').mapToObj("\\%03o"::formatted).collect(Collectors.joining()) + "'";
    }

    private static String hex(int from, int to) {
        return IntStream.range(from, to).filter(b -> b != '/').mapToObj("%02x"::formatted).collect(Collectors.joining());
    }

    @RegisterExtension
    final Host host = new Host();

    private final Tree tree = Tree.busybox();

    /** A script of the host: $all has the bytes, $tree the tree, jail and jexec are the commands. */
    private Result script(String script) {
        return host.start(List.of("bash", "-c", "tree=$1 place=${1%/*} bin=$2 all=" + ALL + "\njail() { \"$bin/jail\" \"$@\"; }\n"
                + "jexec() { \"$bin/jexec\" \"$@\"; }\n" + script, "bash", tree.toString(), Host.BIN.toString()), Map.of("LC_ALL", "C")).end();
    }

    @Test
    void thePathOfATree() {
        assertEquals("ran", script("mv \"$tree\" \"$place/$all\" && jail \"$place/$all\" jail " + ADDRESS + " echo ran;"
                + " mv \"$place/$all\" \"$tree\"").said());
    }

    /** A jail's record has it, too. */
    @Test
    void thePathOfATreeByParameters() {
        assertEquals("ran\nagain", script("mv \"$tree\" \"$place/$all\" && jail -q -c persist name=www path=\"$place/$all\" ip4.addr="
                + ADDRESS + " && jexec www echo ran && jail -q -m name=www host.hostname=new && jexec www echo again; jail -q -r www;"
                + " mv \"$place/$all\" \"$tree\"").said());
    }

    @Test
    void hostnames() {
        for (int from = 1; from < 256; from += 60) {
            int to = Math.min(from + 60, 256);
            assertEquals(hex(from, to) + "78", script("jail \"$tree\" " + quoted(from, to) + "x " + ADDRESS
                    + " sh -c 'hostname | head -c -1 | od -An -v -tx1 | tr -d \" \\n\"'").said());
        }
    }

    /** A name is one that a record, a list and a command line take, or none; with = jail -r takes it for a parameter. */
    @Test
    void namesOfJails() {
        for (int b : IntStream.range(1, 256).filter(b -> b != '=' && (b < 160 || b == 255) && !Character.isLetterOrDigit(b)).toArray()) {
            var name = "$'a\\%03oz'".formatted(b);
            var result = script("name=" + name + "; jail -q -c persist name=\"$name\" path=\"$tree\""
                    + " && jexec \"$name\" echo had && jail -q -r \"$name\"");
            if (result.status() == 0) {
                assertEquals("had\n", result.out(), name);
            } else {
                assertEquals(1, result.errors().lines().count(), name + result);
            }
        }
        assertEquals("", host.jls("jid").said());
    }

    @Test
    void argumentsAndEnvironmentOfJexec() {
        int jid = host.background(tree, ADDRESS);
        var give = Tree.probe("give").toString();
        var all = IntStream.range(1, 256).mapToObj("%02x"::formatted).collect(Collectors.joining());
        assertEquals(all + "\n\n\n", host.run(give, "bytes", Host.BIN + "/jexec", "" + jid, "show", "arguments").out());
        assertTrue(host.run(give, "bytes", Host.BIN + "/jexec", "" + jid, "show", "environment").said().lines().toList()
                .contains("414c4c3d" + all));
    }

    @Test
    void programsAndWorkingDirectories() {
        int jid = host.background(tree, ADDRESS);
        assertEquals("2f" + hex(1, 256), script("mkdir \"$tree/$all\"; jexec -d \"/$all\" " + jid
                + " sh -c 'pwd | head -c -1 | od -An -v -tx1 | tr -d \" \\n\"'").said());
        assertEquals("6f6b", script("cp \"$tree/bin/show\" \"$tree/bin/$all\"; jexec " + jid + " \"/bin/$all\" arguments ok").said());
    }

    /** Of an error the bytes are no commands to a terminal. */
    @Test
    void errors() {
        int jid = host.background(tree, ADDRESS);
        for (var command : List.of("jexec " + jid + " \"$all\"", "jexec -d \"$all\" " + jid + " true", "jexec -U \"$all\" " + jid
                + " true", "jail -q -r \"${all/=/}\"", "jail -c path=\"$tree/$all\" command=true")) {
            var result = script(command);
            assertEquals(1, result.status(), command + result);
            assertEquals(1, result.errors().lines().count(), command);
            assertTrue(result.errors().chars().noneMatch(c -> c < 32 && c != '\n' || c == 127), command);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {255, 256, 4095, 4096, 4097, 65536})
    void longOnesAreWholeOrRefused(int length) {
        int jid = host.background(tree, ADDRESS);
        var text = "x".repeat(length);
        assertEquals("" + length, host.jexec(jid, "sh", "-c", "echo ${#1}", "sh", text).said());
        assertEquals(1, host.jexec("-d", "/" + text, jid, "true").status());
        assertEquals(1, host.jail("-c", "path=" + tree + "/" + text, "command=true").status());
        assertEquals(1, host.jail(tree, text, "10.7.0.3", "true").status());
        assertEquals(1, host.jexec("-U", text, jid, "true").status());
    }
}
