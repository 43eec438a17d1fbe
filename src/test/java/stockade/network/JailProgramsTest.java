package stockade.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JailProgramsTest {
    /** The programs find their map by its name, so a changed program under an old name would be mixed with the old. */
    @Test
    void changedProgramsHaveANewMapName() {
        assertEquals("18 9d01ee65", JailMaps.VERSION + " "
                + sum(Stream.of(JailPrograms.values()).map(program -> program.code(0, 0))));
        assertEquals("no_ports_2 27c7fa5b", OwnStackPrograms.MAP_NAME + " "
                + sum(Stream.of(OwnStackPrograms.code(0), OptionProgram.setsockoptOfOwnStack())));
        assertEquals("listeners_3 aa8e3663", Steering.MAP_NAME + " " + sum(Stream.of(Steering.code(0))));
    }

    private static String sum(Stream<byte[]> programs) {
        var crc = new CRC32();
        programs.forEach(crc::update);
        return Long.toHexString(crc.getValue());
    }

    @ParameterizedTest
    @EnumSource(JailPrograms.class)
    void jumpsStayInTheProgramAndItEndsWithExit(JailPrograms program) {
        var code = program.code(3, 4);
        int count = code.length / 8;
        for (int i = 0; i < count; i++) {
            int opcode = code[i * 8] & 0xff;
            boolean jump = (opcode & 7) == 5 && opcode != 0x85 && opcode != 0x95;
            int offset = (short) (code[i * 8 + 2] & 0xff | code[i * 8 + 3] << 8);
            assertTrue(!jump || offset >= 0 && i + 1 + offset < count, "instruction " + i);
        }
        assertEquals(0x95, code[code.length - 8] & 0xff);
    }
}
