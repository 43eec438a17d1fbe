package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.linux.Bytes;

class ResourceLimitsTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "50, 50", "512M, 536870912", "512m, 536870912", "1k, 1024", "3G, 3221225472", "2t, 2199023255552",
        "7P, 7881299347898368", "7e, 8070450532247928832", "9223372036854775807, 9223372036854775807", "deny=1K, 1024",
        "deny=5/jail, 5", "007, 7"})
    void amounts(String text, long amount) {
        assertEquals(Optional.of(amount), ResourceLimits.NONE.with("rctl.memoryuse", text).amount(Resource.MEMORYUSE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "k", "-1", "+1", "1.5G", "1 G", "1KB", "8e", "9223372036854775808", "9007199254740992k", "deny=",
        "5/user", "0x10", "/jail"})
    void noAmounts(String text) {
        assertThrows(JailException.class, () -> ResourceLimits.NONE.with("rctl.memoryuse", text));
    }

    @ParameterizedTest
    @CsvSource({"rctl.maxproc, log=5, rctl.maxproc: no action but deny: \"log\"",
        "rctl.memoryuse, sigkill=5, rctl.memoryuse: no action but deny: \"sigkill\"",
        "rctl.maxproc, throttle=5, rctl.maxproc: no action but deny: \"throttle\"",
        "rctl.readbps, devctl=5, rctl.readbps: no action but deny or throttle: \"devctl\"",
        "rctl.readbps, 0, rctl.readbps: less than 1", "rctl.pcpu, deny=0, rctl.pcpu: less than 1",
        "rctl.pcpu, '', rctl.pcpu: no amount",
        "rctl.wallclock, 5, rctl.wallclock: Linux has no such limit for a jail",
        "rctl.cpus, 5, unknown parameter: rctl.cpus", "rctl.nomaxproc, 5, unknown parameter: rctl.nomaxproc"})
    void refused(String label, String value, String reason) {
        assertEquals(reason, assertThrows(JailException.class, () -> ResourceLimits.NONE.with(label, value)).getMessage());
    }

    @Test
    void throttling() {
        assertEquals(Optional.of(5L), ResourceLimits.NONE.with("rctl.writeiops", "throttle=5").amount(Resource.WRITEIOPS));
    }

    @ParameterizedTest
    @EnumSource
    void everyResourceHasALimitOrAReason(Resource resource) {
        if (resource.means() instanceof Resource.Means.None(String reason)) {
            assertEquals(resource.label() + ": " + reason, assertThrows(JailException.class,
                    () -> ResourceLimits.NONE.with(resource.label(), "5")).getMessage());
        } else {
            assertEquals(Optional.of(5L), ResourceLimits.NONE.with(resource.label(), "5").amount(resource));
        }
    }

    @Test
    void aLimitTakenAwayStaysControlled() {
        var limits = ResourceLimits.NONE.with("rctl.maxproc", "5").with("rctl.pcpu", "10");
        var changed = limits.with("rctl.nomaxproc", "");
        assertEquals(Optional.empty(), changed.amount(Resource.MAXPROC));
        assertTrue(changed.controls(Resource.MAXPROC));
        assertFalse(changed.controls(Resource.NTHR));
        assertEquals(Optional.of(10L), changed.amount(Resource.PCPU));
        assertEquals(limits, limits.over(changed));
        assertEquals(changed, changed.over(limits));
        assertEquals(ResourceLimits.NONE.with("rctl.pcpu", "10"), changed.present());
        assertEquals(ResourceLimits.NONE.with("rctl.nopcpu", "").with("rctl.nomaxproc", ""), limits.lifted());
        assertEquals(List.of("rctl.nomaxproc", "rctl.pcpu=10"), changed.format());
    }

    @Test
    void theRecordTellsAll() {
        var limits = ResourceLimits.NONE.with("rctl.memoryuse", "1k").with("rctl.nopcpu", "");
        assertEquals("rctl.memoryuse=1024\nrctl.nopcpu=\n", limits.lines());
        assertEquals(limits, ResourceLimits.parse(new RecordLines(Bytes.of("name=x\nrctl.memoryuse=1024\nrctl.nopcpu=\n"))));
    }
}
