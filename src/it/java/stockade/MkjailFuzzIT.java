package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Programs and libraries that are not what they should be: mkjail reads them, and no more comes of it than a line. */
class MkjailFuzzIT {
    private static final int BATCH = 500;
    private static final long SEED = 20261124;
    private static final byte[] LIKELY = {0, 1, 2, 3, 5, 10, 15, 29, 0x7f, (byte) 0x80, (byte) 0xff};

    @RegisterExtension
    final Host host = new Host();

    private final Path place = Tree.empty().root();
    private final Random random = new Random(SEED);
    private final List<byte[]> originals = new ArrayList<>();

    /** One of a dynamic program, of a position-independent one and of libraries. */
    private void readOriginals() throws IOException {
        for (var path : List.of("/bin/true", "/bin/cat", "/lib/x86_64-linux-gnu/libdl.so.2",
                "/lib/x86_64-linux-gnu/libcap.so.2")) {
            originals.add(Files.readAllBytes(Path.of(path).toRealPath()));
        }
        originals.add(Arrays.copyOf(Files.readAllBytes(Tree.probe("net")), 1 << 16)); // a static one
    }

    private byte[] mutant() {
        var mutant = originals.get(random.nextInt(originals.size())).clone();
        for (int n = random.nextInt(8); n >= 0; n--) {
            int at = position(mutant);
            if (at >= 0 && at < mutant.length) {
                mutant[at] = random.nextBoolean() ? LIKELY[random.nextInt(LIKELY.length)] : (byte) random.nextInt();
            }
        }
        return random.nextInt(10) == 0 ? Arrays.copyOf(mutant, random.nextInt(mutant.length)) : mutant;
    }

    /** Mostly where it matters: in the headers, or in what these say is for the loader. */
    private int position(byte[] file) {
        var elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int headers = 64 + 56 * Math.min(elf.getShort(56) & 0xffff, 20);
        int segment = 64 + 56 * random.nextInt(12);
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(64);
            case 1 -> random.nextInt(headers);
            case 2 -> segment + 40 > file.length ? -1
                    : (int) Math.min(file.length - 1L, Math.max(0, elf.getLong(segment + 8) + random.nextInt(512)));
            default -> random.nextInt(file.length);
        };
    }

    private void fuzz(int count) throws IOException {
        readOriginals();
        for (int done = 0; done < count; done += BATCH) {
            var words = new ArrayList<Object>(List.of("-l"));
            for (int i = 0; i < BATCH; i++) {
                var path = place.resolve("mutant-" + i);
                Files.write(path, mutant());
                words.add(path);
            }
            var result = host.mkjail(words.toArray());
            assertTrue(result.status() == 0 || result.status() == 1, "from " + done + ": " + result.status());
            assertTrue(!result.errors().contains("internal error"), "from " + done + ": " + result.errors());
            assertEquals(BATCH, result.out().lines().filter(line -> line.startsWith(place + "/mutant-")).count()
                    + result.errors().lines().count(), "from " + done + ": " + result.errors());
        }
    }

    @Test
    void thousandsOfDamagedFilesAreListedOrRefused() throws IOException {
        fuzz(3_000);
    }

    @Test
    @Tag("long")
    void aHundredThousandAre() throws IOException {
        fuzz(100_000);
    }

    /** A library that a program needs is as hostile as the program. */
    @Test
    void aProgramWithDamagedLibrariesIsRefusedOrMade() throws IOException {
        readOriginals();
        var source = Files.writeString(place.resolve("main.c"), "int f(void); int main(void) { return f(); }\n");
        var library = Files.writeString(place.resolve("f.c"), "int f(void) { return 0; }\n");
        var made = place.resolve("libf.so");
        host.run("gcc", "-shared", "-o", made.toString(), library.toString()).said();
        host.run("gcc", "-o", place.resolve("program").toString(), source.toString(), made.toString(),
                "-Wl,-rpath," + place).said();
        var whole = Files.readAllBytes(made);
        originals.clear();
        originals.add(whole);
        for (int i = 0; i < 100; i++) {
            Files.write(made, mutant());
            var result = host.mkjail("-n", place.resolve("tree"), place.resolve("program"));
            if (result.status() == 0) {
                assertTrue(result.out().contains("copy " + place.resolve("tree") + made), result.toString());
            } else {
                assertTrue(result.errors().startsWith("mkjail: "), result.toString());
                assertTrue(!result.errors().contains("internal error"), result.toString());
                assertEquals(1, result.errors().lines().count(), result.toString());
            }
        }
    }
}
