package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
}
