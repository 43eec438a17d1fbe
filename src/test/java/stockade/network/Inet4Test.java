package stockade.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Inet4Test {
    @Test
    void keepsItsBytesInOrder() {
        assertEquals(0x7f00010a, Inet4.parse("127.0.1.10").bits());
        assertEquals("192.0.2.255", Inet4.parse("192.0.2.255").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.x", "1.2.3.-4", " 1.2.3.4", "::1",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "1..2.3"})
    void refusesWhatIsNotOneHost(String text) {
        assertThrows(IllegalArgumentException.class, () -> Inet4.parse(text));
    }
}
