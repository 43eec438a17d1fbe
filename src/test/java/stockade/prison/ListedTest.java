package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stockade.linux.Bytes;

class ListedTest {
    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"disable ''", "inherit ''", "10.0.0.1 10.0.0.1", "lo|10.0.0.1/24,10.0.0.2 10.0.0.1",
        "10.0.0.2,lo|10.0.0.3/8 10.0.0.2", "10.0.0.2/8,eth0|10.0.0.3 10.0.0.2", "fd00::1/64,fd00::2 fd00::1", "eth0|fd00::1 fd00::1"})
    void theFirstAddressIsThatOfTheWholeRecord(String recorded, String first) {
        assertEquals(first, Ip.firstAddress(recorded).toString());
        var addresses = Ip.parse(recorded).addresses();
        assertEquals(first, addresses.isEmpty() ? "" : addresses.get(0).toString());
        assertEquals(recorded, Ip.parse(recorded).format());
    }

    @Test
    void whatARecordLacksIsNoValue() {
        var listed = new Listed();
        var record = Bytes.of("jid=7\nname=www\npath=/x\n");
        listed.turnTo(7, record, record.length - 8, false);
        assertEquals("www", listed.name().toString());
        assertThrows(JailException.class, listed::path);
        assertThrows(JailException.class, listed::jail);
    }
}
