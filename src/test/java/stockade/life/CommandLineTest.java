package stockade.life;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    @Test
    void words() {
        assertEquals(new CommandLine(List.of("/bin/sh", "/etc/rc"), false), CommandLine.parse(" /bin/sh\t/etc/rc\n"));
        assertEquals(new CommandLine(List.of(), false), CommandLine.parse(" \t"));
        assertEquals(new CommandLine(List.of("a", "#b", "c=d"), false), CommandLine.parse("a #b c=d"));
    }

    @Test
    void forAShell() {
        for (var text : List.of("a; b", "a && b", "echo $x", "a | b", "'a'", "a & b", "a &\n", "& a", "ls *")) {
            assertEquals(new CommandLine(List.of("/bin/sh", "-c", text), false), CommandLine.parse(text));
        }
    }

    @Test
    void inTheBackground() {
        assertEquals(new CommandLine(List.of("a", "b"), true), CommandLine.parse("a b &"));
        assertEquals(new CommandLine(List.of("a"), true), CommandLine.parse("a&"));
        assertEquals(new CommandLine(List.of(), true), CommandLine.parse("&"));
    }
}
