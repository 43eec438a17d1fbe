package stockade.confine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.prison.JailException;

class AllowedProgramsTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void landlockThatForbidsToRenameIntoOtherDirectories(int version) {
        assertEquals("needs Landlock (Linux 5.19): this kernel has version " + version + " of it",
                assertThrows(JailException.class, () -> AllowedPrograms.requireVersion(version)).getMessage());
    }

    @Test
    void landlockSinceThen() {
        assertDoesNotThrow(() -> AllowedPrograms.requireVersion(2));
        assertDoesNotThrow(() -> AllowedPrograms.requireVersion(7));
    }
}
