package stockade.confine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class IpcLimitsTest {
    @Test
    void oneNumberOfSeveral() {
        assertEquals("32000\t7\t500\t32000\t", IpcLimits.with("32000\t1024000000\t500\t32000\n", 1, 7));
        assertEquals("9\t", IpcLimits.with("4096\n", 0, 9));
    }
}
