package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.prison.JailException;

class AclTest {
    /** As the kernel has it, of tags, rights and ids. */
    static byte[] attribute(int... entries) {
        var attribute = ByteBuffer.allocate(4 + entries.length / 3 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        for (int i = 0; i < entries.length; i += 3) {
            attribute.putShort((short) entries[i]).putShort((short) entries[i + 1]).putInt(entries[i + 2]);
        }
        return attribute.array();
    }

    /** What a kernel gave after setfacl -m u:1000:x,g:5:rw. */
    @Test
    void asTheKernelGivesIt() {
        var acl = Acl.parse(HexFormat.of().parseHex("02000000" + "01000700ffffffff" + "02000100e8030000" + "04000500ffffffff"
                + "0800060005000000" + "10000700ffffffff" + "20000000ffffffff"));
        assertEquals(Optional.of("user 1000"), acl.grantee(PathComponent.SEARCH, 77));
        assertEquals(Optional.of("group 5"), acl.grantee(PathComponent.WRITE, 77));
        assertEquals(acl, Acl.parse(attribute(1, 7, -1, 2, 1, 1000, 4, 5, -1, 8, 6, 5, 16, 7, -1, 32, 0, -1)));
    }

    @Test
    void withoutEntries() {
        assertEquals(Acl.NONE, Acl.parse(attribute()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "02", "01000000", "0200000001", "02000000010007", "0300000001000700ffffffff"})
    void damaged(String hex) {
        assertThrows(JailException.class, () -> Acl.parse(HexFormat.of().parseHex(hex)));
    }
}
