package stockade.usher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stockade.linux.Errno;

class SocketsTest {
    @ParameterizedTest
    @CsvSource({"1, 0,", "1, 6,", "2, 0,", "2, 17,", "0x80801, 0,", "0x80802, 17,", "1, 132, EPROTONOSUPPORT",
        "1, 262, EPROTONOSUPPORT", "2, 1, EACCES", "3, 255,", "3, 1,", "10, 3, EPERM",
        "5, 132, ESOCKTNOSUPPORT", "0, 0, ESOCKTNOSUPPORT", "0x10001, 0, EINVAL", "-1, 0, EINVAL"})
    void onlyTcpUdpAndRaw(String type, int protocol, Errno objection) {
        assertEquals(objection, Sockets.objection(Integer.decode(type), protocol).orElse(null));
    }
}
