package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ElfTest {
    private static Optional<Elf> read(byte[] file) {
        return Elf.read((position, length) -> position >= file.length ? new byte[0]
                : Arrays.copyOfRange(file, (int) position, (int) Math.min(file.length, position + length)));
    }

    private static byte[] shell() throws IOException {
        return Files.readAllBytes(Path.of("/bin/bash").toRealPath());
    }

    @Test
    void saysWhatAProgramNeeds() throws IOException {
        var elf = read(shell()).orElseThrow();
        assertTrue(elf.is64Bit());
        assertTrue(elf.interpreter().orElseThrow().contains("/ld-"), elf.toString());
        assertTrue(elf.needed().stream().anyMatch(name -> name.startsWith("libc.")), elf.toString());
    }

    @Test
    void aScriptIsNone() {
        assertEquals(Optional.empty(), read("#!/bin/sh\n".getBytes()));
        assertEquals(Optional.empty(), read(new byte[0]));
    }

    @Test
    void everyTruncationIsReadOrRefused() throws IOException {
        var whole = shell();
        for (int length = 0; length < 2048; length++) {
            assertFalse(read(Arrays.copyOf(whole, length)).filter(elf -> !elf.needed().isEmpty()).isPresent());
        }
    }

    @Test
    void noMutationOfTheHeadersDoesMoreThanBeRefused() throws IOException {
        var whole = Arrays.copyOf(shell(), 200_000);
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            var mutant = whole.clone();
            for (int n = random.nextInt(8); n >= 0; n--) {
                mutant[random.nextInt(1024)] = (byte) random.nextInt();
            }
            read(mutant);
        }
    }

    /** A library in C++ has megabytes of names. */
    @Test
    void theTableOfStringsMayBeOfAnySize() {
        int strings = 1 << 20;
        int end = 64 << 20;
        var file = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).putShort(18, (short) 62);
        file.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2); // two segments
        file.putInt(64, 1).putLong(64 + 32, end); // all of it is loaded to 0
        file.putInt(120, 2).putLong(120 + 8, 1024).putLong(120 + 32, 64); // where DT_NEEDED, DT_STRTAB and DT_STRSZ are
        file.putLong(1024, 1).putLong(1032, end - strings - 8);
        file.putLong(1040, 5).putLong(1048, strings).putLong(1056, 10).putLong(1064, end - strings);
        var elf = Elf.read((position, length) -> {
            var part = new byte[(int) Math.min(length, end - position)];
            for (int i = 0; i < part.length; i++) {
                long at = position + i;
                part[i] = at < 4096 ? file.get((int) at)
                        : (byte) (at >= end - 8 ? "libx.so\0".charAt((int) (at - end + 8)) : 'x');
            }
            return part;
        });
        assertEquals(List.of("libx.so"), elf.orElseThrow().needed());
        // the last string has no end there
        file.putLong(1064, end - strings - 1);
        assertEquals(Optional.empty(), Elf.read((position, length) -> Arrays.copyOfRange(file.array(),
                (int) Math.min(position, 4096), (int) Math.min(position + length, 4096))));
    }
}
