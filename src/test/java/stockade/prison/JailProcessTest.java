package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JailProcessTest {
    private static String stat(String name, String state, int group, int session, int foreground, int nice) {
        return "4711 (" + name + ") " + state + " 1 " + group + " " + session + " 34816 " + foreground
                + " 4194560 1 2 3 4 6000000000 42 5 6 20 " + nice + " 1 0 77 1000 2\n";
    }

    @ParameterizedTest
    @CsvSource({"S, 4711, 4711, -1, 0, Ss", "R, 4711, 4710, 4711, 0, R+", "D, 1, 1, 2, 5, DN", "Z, 4711, 4711, 4711, -1, Z<s+"})
    void states(String letter, int group, int session, int foreground, int nice, String state) {
        var process = JailProcess.of(4711, 3, 0, stat("sh", letter, group, session, foreground, nice), "");
        assertEquals(state, process.state());
        assertEquals(6000000042L, process.ticks());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"sh", ") R 1 1 1 (", "a) b", "(", "``"})
    void aNameMayLookLikeWhatFollowsIt(String name) {
        var process = JailProcess.of(4711, 3, 1000, stat(name, "S", 1, 1, -1, 0), "x");
        assertEquals(new JailProcess(4711, 3, 1000, "S", 6000000042L, name, "x"), process);
    }
}
