package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClosureTest {
    private static final String PROGRAM = "/usr/bin/program";
    private static final String MUSL = "/lib/ld-musl-x86_64.so.1";

    private final FakeFiles files = new FakeFiles().loader().library("/lib/libc.so.6", List.of("ld-linux-x86-64.so.2"));

    private List<String> needs(String program, String... libraryPath) {
        return Closure.of(program, List.of(libraryPath), Loader.Sight.CONFIGURED, files).needs().stream()
                .map(need -> need.name() + " " + need.path().orElse("-")).toList();
    }

    private static List<String> paths(String... paths) {
        return List.of(paths);
    }

    @Test
    void librariesAreInTheOrderOfLoading() {
        files.program(PROGRAM, List.of("liba.so", "libb.so", "libc.so.6"))
                .library("/lib/liba.so", List.of("libinner.so", "libc.so.6"))
                .library("/usr/lib/libb.so", List.of("liba.so")).library("/lib64/libinner.so", List.of("libb.so"));
        assertEquals(List.of("liba.so /lib/liba.so", "libb.so /usr/lib/libb.so", "libc.so.6 /lib/libc.so.6",
                "libinner.so /lib64/libinner.so", FakeFiles.GLIBC + " " + FakeFiles.GLIBC), needs(PROGRAM));
    }

    @Test
    void staticProgramsAndLibrariesNeedNothing() {
        files.elf(PROGRAM, FakeFiles.X86_64, Optional.empty(), List.of());
        assertEquals(List.of(), needs(PROGRAM));
        assertEquals(List.of(), needs("/lib/libc.so.6"));
        assertEquals(List.of(), needs("/nowhere"));
    }

    @Test
    void whatIsMissingHasNoPath() {
        files.program(PROGRAM, List.of("libgone.so", "libdamaged.so"))
                .object("/lib/libdamaged.so", new ObjectFile.Damaged()).object("/lib64/libgone.so", new ObjectFile.Data());
        assertEquals(List.of("libgone.so -", "libdamaged.so -", FakeFiles.GLIBC + " " + FakeFiles.GLIBC), needs(PROGRAM));
        files.elf(PROGRAM, FakeFiles.X86_64, Optional.of("/lib/ld-linux-gone.so"), List.of("libc.so.6"));
        assertEquals(List.of("/lib/ld-linux-gone.so -"), needs(PROGRAM));
    }

    @Test
    void rpathIsForTheLibrariesOfLibrariesToo() {
        files.program(PROGRAM, List.of("liba.so"), paths("/own")).library("/own/liba.so", List.of("libb.so"))
                .library("/own/libb.so", List.of("libgone.so"));
        assertTrue(needs(PROGRAM).contains("libb.so /own/libb.so"));
    }

    @Test
    void rpathOfALibraryWithRunpathIsNotLookedAt() {
        files.program(PROGRAM, List.of("liba.so"), paths("/own"))
                .library("/own/liba.so", List.of("libb.so"), paths(), paths("/other")).library("/own/libb.so", List.of());
        assertTrue(needs(PROGRAM).contains("libb.so -"));
    }

    @Test
    void runpathIsForOnesOwnNeedsAlone() {
        files.program(PROGRAM, List.of("liba.so"), paths(), paths("/own")).library("/own/liba.so", List.of("libb.so"))
                .library("/own/libb.so", List.of());
        assertEquals("liba.so /own/liba.so", needs(PROGRAM).get(0));
        assertTrue(needs(PROGRAM).contains("libb.so -"));
    }

    @Test
    void environmentsPathIsAfterRpathAndBeforeRunpath() {
        for (var directory : List.of("/own", "/environment", "/lib")) {
            files.library(directory + "/liba.so", List.of());
        }
        files.program(PROGRAM, List.of("liba.so"), paths("/own"));
        assertEquals("liba.so /own/liba.so", needs(PROGRAM, "/environment").get(0));
        files.program(PROGRAM, List.of("liba.so"), paths(), paths("/own"));
        assertEquals("liba.so /environment/liba.so", needs(PROGRAM, "/environment").get(0));
        assertEquals("liba.so /own/liba.so", needs(PROGRAM).get(0));
    }

    @Test
    void namesInPathsAreReplaced() {
        files.link("/bin/link", "/opt/app/bin/program").library("/opt/app/lib/liba.so", List.of())
                .library("/opt/lib64/libb.so", List.of()).library("/opt/app/bin/x86_64/libc.so", List.of())
                .program("/bin/link", List.of("liba.so", "libb.so", "libc.so"),
                        paths("$ORIGIN/../lib", "/opt/app/lib", "/opt/$LIB", "${ORIGIN}/${PLATFORM}"));
        assertEquals(List.of("liba.so /opt/app/lib/liba.so", "libb.so /opt/lib64/libb.so",
                "libc.so /opt/app/bin/x86_64/libc.so"), needs("/bin/link").subList(0, 3));
    }

    @Test
    void aLibraryOfAnotherMachineIsPassedOver() {
        files.program(PROGRAM, List.of("liba.so"), paths("/lib32", "/own"))
                .elf("/lib32/liba.so", FakeFiles.I386, Optional.empty(), List.of()).library("/own/liba.so", List.of());
        assertEquals("liba.so /own/liba.so", needs(PROGRAM).get(0));
    }

    @Test
    void aProgramOf32BitsHasDirectoriesOfItsOwn() {
        files.elf(PROGRAM, FakeFiles.I386, Optional.of("/lib/ld-linux.so.2"), List.of("liba.so"))
                .elf("/lib/ld-linux.so.2", FakeFiles.I386, Optional.empty(), List.of())
                .library("/lib/liba.so", List.of()).elf("/lib/i386-linux-gnu/liba.so", FakeFiles.I386, Optional.empty(), List.of());
        assertEquals(List.of("liba.so /lib/i386-linux-gnu/liba.so", "/lib/ld-linux.so.2 /lib/ld-linux.so.2"), needs(PROGRAM));
    }

    @Test
    void whatIsForBetterProcessorsComesFirst() {
        files.levels("x86-64-v3", "x86-64-v2").program(PROGRAM, List.of("liba.so"), paths("/own"))
                .library("/own/liba.so", List.of()).library("/own/glibc-hwcaps/x86-64-v2/liba.so", List.of())
                .library("/own/glibc-hwcaps/x86-64-v4/liba.so", List.of());
        assertEquals("liba.so /own/glibc-hwcaps/x86-64-v2/liba.so", needs(PROGRAM).get(0));
    }

    @Test
    void theListOfLibrariesIsBeforeTheDirectories() {
        files.program(PROGRAM, List.of("liba.so")).library("/lib/liba.so", List.of()).library("/far/liba.so", List.of())
                .content(LibraryCache.PATH, LibraryCache.format(List.of(new LibraryCache.Entry("liba.so", "/far/liba.so", 0x303))));
        assertEquals("liba.so /far/liba.so", needs(PROGRAM).get(0));
    }

    @Test
    void whatIsConfiguredCountsIfLdconfigIsThoughtToHaveRun() {
        files.program(PROGRAM, List.of("liba.so")).library("/far/liba.so", List.of()).content("/etc/ld.so.conf", "/far\n");
        assertEquals("liba.so /far/liba.so", needs(PROGRAM).get(0));
        assertEquals(Optional.empty(), Closure.of(PROGRAM, List.of(), Loader.Sight.CACHED, files).needs().get(0).path());
    }

    @Test
    void muslsLoaderIsItsLibrary() {
        files.elf(PROGRAM, FakeFiles.X86_64, Optional.of(MUSL), List.of("libc.musl-x86_64.so.1", "liba.so"), paths(), paths("/own"))
                .library(MUSL, List.of()).library("/own/liba.so", List.of("libb.so")).library("/own/libb.so", List.of("libd.so"))
                .library("/listed/libd.so", List.of()).content("/etc/ld-musl-x86_64.path", "/listed\n/more");
        assertEquals(List.of(MUSL + " " + MUSL, "liba.so /own/liba.so", "libb.so /own/libb.so", "libd.so /listed/libd.so"),
                needs(PROGRAM));
    }

    @Test
    void scriptsNeedTheirInterpreters() {
        files.object("/script", new ObjectFile.Script("/other", "")).object("/other", new ObjectFile.Script(PROGRAM, "-x"))
                .program(PROGRAM, List.of("libc.so.6"));
        assertEquals(List.of("/other /other", PROGRAM + " " + PROGRAM, "libc.so.6 /lib/libc.so.6",
                FakeFiles.GLIBC + " " + FakeFiles.GLIBC), needs("/script"));
        files.object("/script", new ObjectFile.Script("/gone", ""));
        assertEquals(List.of("/gone -"), needs("/script"));
    }

    @Test
    void theKernelFollowsFiveScripts() {
        for (int i = 0; i < 6; i++) {
            files.object("/script" + i, new ObjectFile.Script("/script" + (i + 1), ""));
        }
        files.program("/script6", List.of("libc.so.6"));
        assertTrue(Closure.isCircle("/script0", files));
        assertFalse(Closure.isCircle("/script1", files));
        assertTrue(needs("/script1").contains("libc.so.6 /lib/libc.so.6"));
        files.object("/script6", new ObjectFile.Script("/script0", ""));
        assertEquals(6, needs("/script0").size());
    }
}
