package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LibraryCacheTest {
    private static byte[] machines() throws IOException {
        return Files.readAllBytes(Path.of(LibraryCache.PATH));
    }

    @Test
    void theMachinesOwnIsInTheOrderThatIsMade() throws IOException {
        var entries = LibraryCache.entries(machines());
        assertTrue(entries.size() > 100);
        for (int i = 1; i < entries.size(); i++) {
            var before = entries.get(i - 1);
            var after = entries.get(i);
            assertTrue(LibraryCache.compare(before.name(), after.name()) >= 0, before + " " + after);
        }
    }

    @Test
    void whatIsMadeIsRead() throws IOException {
        var entries = LibraryCache.entries(machines());
        var shuffled = new ArrayList<>(entries);
        java.util.Collections.shuffle(shuffled, new Random(1));
        var made = LibraryCache.entries(LibraryCache.format(shuffled));
        assertEquals(new HashSet<>(entries), new HashSet<>(made));
        assertEquals(entries.stream().map(LibraryCache.Entry::name).toList(), made.stream().map(LibraryCache.Entry::name).toList());
        assertEquals(List.of(), LibraryCache.entries(LibraryCache.format(List.of())));
    }

    @Test
    void aNameHasAllItsPaths() throws IOException {
        var cache = LibraryCache.format(List.of(new LibraryCache.Entry("liba.so", "/1/liba.so", 3),
                new LibraryCache.Entry("liba.so", "/2/liba.so", 0x303), new LibraryCache.Entry("liba.so.1", "/3/liba.so.1", 3)));
        assertEquals(List.of("/2/liba.so", "/1/liba.so"), LibraryCache.paths(cache, "liba.so"));
        assertEquals(List.of(), LibraryCache.paths(cache, "liba"));
        assertTrue(LibraryCache.paths(machines(), "libc.so.6").stream().anyMatch(path -> path.endsWith("/libc.so.6")));
    }

    @Test
    void numbersInNamesAreComparedAsSuch() {
        var names = List.of("liba.so", "libm.so", "libm.so.2", "libm.so.10", "libm1.so");
        for (int i = 0; i < names.size(); i++) {
            for (int j = 0; j < names.size(); j++) {
                assertEquals(Integer.signum(i - j), Integer.signum(LibraryCache.compare(names.get(i), names.get(j))),
                        names.get(i) + " " + names.get(j));
            }
        }
    }

    /** Each entry's name is that one long string, or all of it but the first letters. */
    @Test
    void stringsThatAreEverywhereAreNone() {
        var cache = LibraryCache.format(java.util.stream.IntStream.range(0, 1000)
                .mapToObj(i -> new LibraryCache.Entry("", "", i)).toList());
        var hostile = Arrays.copyOf(cache, cache.length + 10_001);
        Arrays.fill(hostile, cache.length, hostile.length - 1, (byte) 'a');
        var entries = java.nio.ByteBuffer.wrap(hostile).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 1000; i++) {
            entries.putInt(48 + 24 * i + 4, cache.length + i).putInt(48 + 24 * i + 8, cache.length);
        }
        assertEquals(1000, LibraryCache.entries(cache).size());
        assertEquals(List.of(), LibraryCache.entries(hostile));
    }

    @Test
    void aSpoiltOneDoesNoMoreThanLackLibraries() throws IOException {
        var random = new Random(1);
        var whole = machines();
        for (int i = 0; i < 2000; i++) {
            var mutant = random.nextInt(4) == 0 ? Arrays.copyOf(whole, random.nextInt(200)) : whole.clone();
            for (int n = random.nextInt(20); n >= 0 && mutant.length > 0; n--) {
                mutant[random.nextInt(Math.min(mutant.length, 500))] = (byte) random.nextInt();
            }
            LibraryCache.paths(mutant, "libc.so.6");
        }
    }
}
