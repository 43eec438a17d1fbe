package stockade.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileLocksTest {
    private static FileLocks locks(long device, String lines) {
        var locks = new FileLocks(device);
        assertEquals(lines.length(), locks.take(Bytes.of(lines), lines.length()));
        locks.sort();
        return locks;
    }

    @Test
    void exclusiveLocksOfFilesOfTheDevice() {
        var locks = locks(0x18, "1: FLOCK  ADVISORY  WRITE 4711 00:18:1234 0 EOF\n2: FLOCK  ADVISORY  WRITE 4711 00:18:12 0 EOF\n");
        assertTrue(locks.has(1234));
        assertTrue(locks.has(12));
        assertFalse(locks.has(123));
        assertFalse(locks.has(0));
    }

    @Test
    void theDeviceIsWrittenInHexadecimal() {
        assertTrue(locks(0xfd01, "1: FLOCK  ADVISORY  WRITE 1 fd:01:7 0 EOF\n").has(7));
        assertTrue(locks(0x10_fe02L, "1: FLOCK  ADVISORY  WRITE 1 fe:102:7 0 EOF\n").has(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1: FLOCK  ADVISORY  READ  1 00:18:7 0 EOF", "1: -> FLOCK  ADVISORY  WRITE 1 00:18:7 0 EOF",
        "1: POSIX  ADVISORY  WRITE 1 00:18:7 0 EOF", "1: LEASE  ACTIVE    WRITE 1 00:18:7 0 EOF", "1: FLOCK  ADVISORY  WRITE 1 00:19:7 0 EOF",
        "1: FLOCK  ADVISORY  WRITE 1 01:18:7 0 EOF", "1: FLOCK  ADVISORY  WRITE 1 <none>:0 0 EOF", "1: FLOCK", ""})
    void others(String line) {
        var locks = locks(0x18, line + "\n");
        assertFalse(locks.has(7));
        assertFalse(locks.has(0));
    }

    @Test
    void marks() {
        var locks = new FileLocks(0x18);
        assertTrue(locks.mayBeMarked(7), "nothing has been read");
        var marked = locks(0x18, "1: OFDLCK ADVISORY  READ  -1 00:18:7 1 1\n2: OFDLCK ADVISORY  READ  -1 00:18:8 0 0\n");
        assertTrue(marked.isMarked(7) && !marked.isMarked(8));
        assertTrue(marked.has(8) && !marked.has(7));
        for (var line : List.of("1: OFDLCK ADVISORY  WRITE -1 00:18:7 1 1", "1: POSIX  ADVISORY  READ  1 00:18:7 1 1", "1: -> OFDLCK ADVISORY  READ  -1 00:18:7 1 1",
                "1: FLOCK  ADVISORY  READ  1 00:18:7 0 EOF", "1: OFDLCK ADVISORY  READ  -1 00:19:7 1 1")) {
            assertFalse(locks(0x18, line + "\n").isMarked(7), line);
            assertFalse(locks(0x18, line.replace("1 1", "0 0") + "\n").has(7), line);
        }
    }

    @Test
    void aPartOfALineIsLeft() {
        var lines = "1: FLOCK  ADVISORY  WRITE 1 00:18:7 0 EOF\n2: FLOCK  ADVISORY  WRITE 1 00:18:89";
        assertEquals(lines.indexOf('\n') + 1, new FileLocks(0x18).take(Bytes.of(lines), lines.length()));
    }

    @Test
    void many() {
        var lines = new StringBuilder();
        for (int i = 1000; i > 0; i--) {
            lines.append("1: FLOCK  ADVISORY  WRITE 1 00:18:").append(2 * i).append(" 0 EOF\n");
        }
        var locks = locks(0x18, lines.toString());
        for (int i = 0; i <= 1000; i++) {
            assertEquals(i > 0, locks.has(2 * i));
            assertFalse(locks.has(2 * i + 1));
        }
    }
}
