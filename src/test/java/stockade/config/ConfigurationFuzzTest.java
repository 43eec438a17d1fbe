package stockade.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stockade.linux.Bytes;

/** The inputs of scripts/fuzz-config that are kept, those that once failed among them, and long files. */
class ConfigurationFuzzTest {
    private static final Path INPUTS = Path.of("src/test/resources/fuzz-config");

    @Test
    void keptInputs() throws IOException {
        try (var inputs = Files.list(INPUTS)) {
            var paths = inputs.sorted().toList();
            assertFalse(paths.isEmpty());
            for (var path : paths) {
                var text = Bytes.toString(Files.readAllBytes(path));
                assertDoesNotThrow(() -> ConfigurationFuzz.check(text), path::toString);
                assertDoesNotThrow(() -> ConfigurationFuzz.checkTime(text), path::toString);
            }
        }
    }

    /** Pieces that would take quadratic time or worse if anything were done once more for each of them. */
    @Test
    void longFilesTakeLinearTime() {
        for (var piece : List.of("a ", "a", "/", "$a", "${a}", "\\a", "'a'", "\"$a\"", "'", "\"", "\"\\\"", "${", "\"${\"", "#", "/*", "{", "}", ";",
                "a{", "a{}", "a{}a=b;", "$a=$b;", "a+=b;", "a+=$a;", "$a+=b;a{c=$a;}", ".", "a.", "no", "no.", "a no", "\n", "\r", "\0",
                "\u00e4", "*{a;}", "'*.*'{a;}", "'a.*'{a;}'a.b'{}", ".include 1;", ".include '*';", ".include '?';\u00ff", "a=a,")) {
            assertDoesNotThrow(() -> ConfigurationFuzz.check(piece.repeat(2000)), piece);
            assertDoesNotThrow(() -> ConfigurationFuzz.checkTime(piece), piece);
        }
    }

    @Test
    void soDoManyJails() {
        var text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append("exec.start = 'x").append(i).append("'; a").append(i).append("{}\n");
        }
        ConfigurationFuzz.checkTime(text.toString());
        assertEquals(List.of("x19999"), Parsed.of(text.toString()).values("a0"));
        var wildcards = new ArrayList<String>();
        for (int i = 0; i < 20_000; i++) {
            wildcards.add("'p" + i + ".*' { q = " + i + "; } p" + i + ".c { }\n");
        }
        ConfigurationFuzz.checkTime(String.join("", wildcards));
        assertEquals(List.of("7"), Parsed.of(String.join("", wildcards)).values("p7.c"));
    }

    /** What an administrator of many jails has, in the time that the rest of starting one takes. */
    @Test
    void tenThousandJailsAreReadAtOnce() {
        var text = new StringBuilder("exec.start = '/bin/sh /etc/rc'; exec.stop = '/bin/sh /etc/rc.shutdown jail'; exec.clean;\n"
                + "mount.devfs; path = \"/usr/jails/$name\"; $domain = example.org; host.hostname = \"$name.$domain\";\n");
        for (int i = 0; i < 10_000; i++) {
            text.append("jail").append(i).append(" {\n\tip4.addr = 10.").append(i >> 8).append('.').append(i & 255)
                    .append(".1;\n\t$id = ").append(i).append(";\n\tpersist;\n\tallow.raw_sockets;\n\tinterface = lo;\n")
                    .append("\texec.prestart = \"logger start $name\", 'true';\n\tmount += \"/data/$id $path/data nullfs rw 0 0\";\n")
                    .append("\texec.poststop = \"logger stop ${host.hostname}\";\n}\n");
        }
        long start = System.nanoTime();
        var parsed = Parsed.of(text.toString());
        System.out.println("10,000 jails: " + (System.nanoTime() - start) / 1_000_000 + " ms, " + text.length() + " bytes");
        assertEquals(10_000, parsed.configuration().jails().size());
        assertEquals("exec.start=/bin/sh /etc/rc exec.stop=/bin/sh /etc/rc.shutdown jail exec.clean mount.devfs path=/usr/jails/jail9 "
                + "host.hostname=jail9.example.org ip4.addr=10.0.9.1 persist allow.raw_sockets interface=lo "
                + "exec.prestart=logger start jail9,true mount=/data/9 /usr/jails/jail9/data nullfs rw 0 0 "
                + "exec.poststop=logger stop jail9.example.org", parsed.settings("jail9"));
        ConfigurationFuzz.checkTime(text.toString());
    }
}
