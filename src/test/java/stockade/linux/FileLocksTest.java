package stockade.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileLocksTest {
    private static FileLocks locks(long device, String lines) {
        var locks = new FileLocks(device, 42);
        assertEquals(lines.length(), locks.take(Bytes.of(lines), lines.length()));
        locks.sort();
        return locks;
    }

    @Test
    void locksOfTheFile() {
        var locks = locks(0x18, "1: OFDLCK ADVISORY  READ  -1 00:18:42 1234 1234\n2: OFDLCK ADVISORY  READ  -1 00:18:42 12 12\n");
        assertTrue(locks.isLocked(1234));
        assertTrue(locks.isLocked(12));
        assertFalse(locks.isLocked(123));
        assertFalse(locks.isLocked(0));
        assertArrayEquals(new int[0], locks.below(12));
        assertArrayEquals(new int[] {12}, locks.below(13));
        assertArrayEquals(new int[] {12}, locks.below(1234));
        assertArrayEquals(new int[] {12, 1234}, locks.below(2000));
    }

    @Test
    void whatIsToldTwiceIsThereOnce() {
        var lines = new StringBuilder();
        for (int place : new int[] {7, 5, 7, 9, 5, 7}) {
            lines.append("1: OFDLCK ADVISORY  READ  -1 00:18:42 ").append(place).append(' ').append(place).append('\n');
        }
        assertArrayEquals(new int[] {5, 7, 9}, locks(0x18, lines.toString()).below(10));
    }

    @Test
    void theDeviceIsWrittenInHexadecimal() {
        assertTrue(locks(0xfd01, "1: OFDLCK ADVISORY  READ  -1 fd:01:42 7 7\n").isLocked(7));
        assertTrue(locks(0x10_fe02L, "1: OFDLCK ADVISORY  READ  -1 fe:102:42 7 7\n").isLocked(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1: OFDLCK ADVISORY  WRITE -1 00:18:42 7 7", "1: -> OFDLCK ADVISORY  READ  -1 00:18:42 7 7",
        "1: POSIX  ADVISORY  READ  1 00:18:42 7 7", "1: LEASE  ACTIVE    READ  1 00:18:42 7 7", "1: FLOCK  ADVISORY  READ  1 00:18:42 7 7",
        "1: OFDLCK ADVISORY  READ  -1 00:19:42 7 7", "1: OFDLCK ADVISORY  READ  -1 01:18:42 7 7", "1: OFDLCK ADVISORY  READ  -1 00:18:4 7 7",
        "1: OFDLCK ADVISORY  READ  -1 00:18:422 7 7", "1: OFDLCK ADVISORY  READ  -1 <none>:0 7 7", "1: OFDLCK", ""})
    void others(String line) {
        var locks = locks(0x18, line + "\n");
        assertFalse(locks.isLocked(7));
        assertFalse(locks.isLocked(0));
        assertArrayEquals(new int[0], locks.below(Integer.MAX_VALUE));
    }

    @Test
    void aPartOfALineIsLeft() {
        var lines = "1: OFDLCK ADVISORY  READ  -1 00:18:42 7 7\n2: OFDLCK ADVISORY  READ  -1 00:18:42 8";
        assertEquals(lines.indexOf('\n') + 1, new FileLocks(0x18, 42).take(Bytes.of(lines), lines.length()));
    }

    @Test
    void many() {
        var lines = new StringBuilder();
        for (int i = 1000; i > 0; i--) {
            lines.append("1: OFDLCK ADVISORY  READ  -1 00:18:42 ").append(2 * i).append(' ').append(2 * i).append('\n');
        }
        var locks = locks(0x18, lines.toString());
        for (int i = 0; i <= 1000; i++) {
            assertEquals(i > 0, locks.isLocked(2 * i));
            assertFalse(locks.isLocked(2 * i + 1));
        }
        assertEquals(499, locks.below(1000).length);
    }
}
