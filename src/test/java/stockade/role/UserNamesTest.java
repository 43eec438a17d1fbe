package stockade.role;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.linux.Bytes;

class UserNamesTest {
    private static String name(String passwd, int uid) {
        return UserNames.parse(Bytes.of(passwd)).name(uid);
    }

    @Test
    void theFirstNameCounts() {
        var passwd = "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\nuser::65535:1\nshort:x:7";
        assertEquals("root", name(passwd, 0));
        assertEquals("user", name(passwd, 65535));
        assertEquals("short", name(passwd, 7));
        assertEquals("8", name(passwd, 8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "::", "::7", ":x:7:", "a", "a:", "a:b", "a:b:", "a:b\n7", "a b:x:7:", "a\u001b[m:x:7:",
        "a\tb:x:7:", "\u00e4:x:7:", "a:x:7x:", "a:x:-7:", "a:x: 7:", "a:x:00000007:", "a:x:4294967303:", "a:x:65543:",
        "123456789012345678901234567890123:x:7:", "\n\n:\n::::::\n"})
    void whatIsNoUserOfAJailOrHasNoNameForATable(String passwd) {
        assertEquals("7", name(passwd, 7));
        assertEquals("last", name(passwd + "\nlast:x:7:\n", 7));
    }

    @Test
    void manyUsers() {
        var passwd = new StringBuilder();
        for (int uid = 0; uid < 70000; uid++) {
            passwd.append('u').append(uid).append(":x:").append(uid).append(":\n");
        }
        assertEquals("u65535", name(passwd.toString(), 65535));
    }
}
