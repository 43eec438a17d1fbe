package stockade.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Inet6Test {
    @ParameterizedTest
    @CsvSource({"2001:db8::1, 2001:db8::1", "2001:DB8:0:0:0:0:0:1, 2001:db8::1", "fd00:0:0:1::, fd00:0:0:1::",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3", "1:0:2:0:3:0:4:0, 1:0:2:0:3:0:4:0", "::2, ::2", "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "fe80::1:2:3:4, fe80::1:2:3:4", "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8", "0:0:1::, 0:0:1::"})
    void readsAndWrites(String text, String canonical) throws UnknownHostException {
        var address = Inet6.parse(text);
        assertEquals(canonical, address.toString());
        assertArrayEquals(InetAddress.getByName(text).getAddress(), address.bytes());
        assertEquals(address, Inet6.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4::5:6:7:8", "12345::",
        "g::1", "::1", "::", "ff02::1", "::ffff:10.0.0.1", "1.2.3.4", "1::1.2.3", "1::1.2.3.4:5", "fe80::1%lo", "1:", ":1"})
    void refusesWhatIsNotOneHost(String text) {
        assertThrows(IllegalArgumentException.class, () -> Inet6.parse(text));
    }

    @Test
    void anIpv4AddressIsMapped() throws UnknownHostException {
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1}, Inet.parse("10.0.0.1").mapped());
    }
}
