package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** mkjail -t and mkjail -b: trees from archives, and whole systems. */
class MkjailArchiveIT {
    private static final String ADDRESS = "10.7.0.1";
    private static final char FILE = '0';
    private static final char HARD_LINK = '1';
    private static final char SYMBOLIC_LINK = '2';
    private static final char DIRECTORY = '5';

    @RegisterExtension
    final Host host = new Host(ADDRESS);

    private final Path place = Tree.empty().root();
    private final Path outside = place.resolve("outside");
    private final Path tree = place.resolve("tree");

    /** One member of an archive: a header of POSIX's ustar, and what follows it. */
    private record Member(String name, char type, String target, String content) {
        byte[] bytes() {
            var header = new byte[512];
            put(header, 0, name);
            put(header, 100, type == DIRECTORY ? "0000777" : "0000644");
            put(header, 108, "0000000");
            put(header, 116, "0000000");
            put(header, 124, "%011o".formatted(content.length()));
            put(header, 136, "00000000000");
            put(header, 148, "        ");
            header[156] = (byte) type;
            put(header, 157, target);
            put(header, 257, "ustar");
            put(header, 263, "00");
            int sum = 0;
            for (byte b : header) {
                sum += b & 0xff;
            }
            put(header, 148, "%06o\0 ".formatted(sum));
            var bytes = new ByteArrayOutputStream();
            bytes.writeBytes(header);
            bytes.writeBytes(content.getBytes(StandardCharsets.ISO_8859_1));
            bytes.writeBytes(new byte[(512 - content.length() % 512) % 512]);
            return bytes.toByteArray();
        }

        private static void put(byte[] header, int at, String text) {
            System.arraycopy(text.getBytes(StandardCharsets.ISO_8859_1), 0, header, at, text.length());
        }
    }

    private static Member file(String name) {
        return new Member(name, FILE, "", "evil");
    }

    private Path archive(Member... members) {
        var archive = place.resolve("archive.tar");
        try (var out = Files.newOutputStream(archive)) {
            for (var member : members) {
                out.write(member.bytes());
            }
            out.write(new byte[1024]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return archive;
    }

    private Result mkjail(Object... words) {
        return host.mkjail(words);
    }

    private Result mkjailWithPath(Object path, Object... words) {
        return host.run(Stream.concat(Stream.of("env", "PATH=" + path, Host.BIN.resolve("mkjail")), Stream.of(words))
                .map(Object::toString).toArray(String[]::new));
    }

    /** The outside, which an archive is to leave alone: a directory with a file. */
    private void prepareOutside() throws IOException {
        Files.createDirectory(outside);
        Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxr-x---"));
        Files.writeString(outside.resolve("victim"), "good");
    }

    private void assertOutsideUntouched() throws IOException {
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(outside)));
        assertEquals("good", Files.readString(outside.resolve("victim")));
        assertEquals(List.of("victim"), Host.list(outside));
        assertEquals(1, Files.getAttribute(outside.resolve("victim"), "unix:nlink"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--no-auto-compress", "--gzip", "--xz", "--zstd", "--bzip2"})
    void anArchiveBecomesATreeThatAJailRunsIn(String compression) {
        var busybox = Tree.busybox();
        var archive = place.resolve("archive");
        host.run("tar", "--create", compression, "--file=" + archive, "--directory=" + busybox, "bin/busybox", "bin/id",
                "bin/stat", "etc", "home").said();
        assertEquals("", mkjail("-t", archive, tree).said());
        assertEquals("user", host.jail("-U", "user", tree, "h", ADDRESS, "/bin/id", "-un").said());
        assertEquals("1000 /home/user", host.jail(tree, "h", ADDRESS, "/bin/stat", "-c", "%u %n", "/home/user").said());
    }

    @Test
    void whatAJailMountsOnIsMadeIfTheArchiveLacksIt() {
        assertEquals("", mkjail("-t", archive(new Member("bin", DIRECTORY, "", "")), tree).said());
        assertTrue(Host.list(tree).containsAll(List.of("bin", "dev", "proc", "tmp")));
    }

    @Test
    void membersByAbsoluteNamesAreRefused() throws IOException {
        prepareOutside();
        mkjail("-t", archive(file("bin/ls"), file(outside + "/victim")), tree)
                .assertFailed("mkjail: " + place + "/archive.tar: member " + outside + "/victim leaves the tree");
        assertFalse(Files.exists(tree));
        assertOutsideUntouched();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside/victim", "x/../../outside/victim", "./../outside/new", "x/..", ".."})
    void membersThatGoUpAreRefused(String name) throws IOException {
        prepareOutside();
        mkjail("-t", archive(file("bin/ls"), file(name)), tree)
                .assertFailed("mkjail: " + place + "/archive.tar: member " + name + " leaves the tree");
        assertFalse(Files.exists(tree));
        assertOutsideUntouched();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void membersBehindALinkThatLeadsOutAreRefused(boolean absolute) throws IOException {
        prepareOutside();
        var target = absolute ? outside.toString() : "../outside";
        for (var name : List.of("way/victim", "way/new")) {
            var result = mkjail("-t", archive(new Member("way", SYMBOLIC_LINK, target, ""), file(name)), tree);
            result.assertFailed("mkjail: " + place + "/archive.tar: " + name + ": Cannot open: Not a directory");
            assertFalse(Files.exists(tree));
            assertOutsideUntouched();
        }
    }

    @Test
    void hardLinksToTheOutsideAreRefused() throws IOException {
        prepareOutside();
        for (var target : List.of(outside + "/victim", "../outside/victim")) {
            var result = mkjail("-t", archive(new Member("other", HARD_LINK, target, ""), file("other")), tree);
            assertEquals(1, result.status(), result.toString());
            assertFalse(Files.exists(tree));
            assertOutsideUntouched();
        }
    }

    /** Nor does the mode of a directory go through a link. */
    @Test
    void aDirectoryInThePlaceOfALinkIsNotTheLinks() throws IOException {
        prepareOutside();
        var result = mkjail("-t", archive(new Member("way", SYMBOLIC_LINK, outside.toString(), ""),
                new Member("way", DIRECTORY, "", ""), file("way/new")), tree);
        // tar may take the directory for the file that it had put in the link's place, and fail
        assertEquals(result.status() == 0, Files.isDirectory(tree.resolve("way"), LinkOption.NOFOLLOW_LINKS), result::toString);
        assertOutsideUntouched();
    }

    /** The attacks are some: tar itself, told to, writes where they lead. */
    @Test
    void thatTarWritesOutsideWhereNothingRefuses() throws IOException {
        prepareOutside();
        var archive = archive(new Member("way", SYMBOLIC_LINK, outside.toString(), ""), file("way/victim"));
        Files.createDirectory(tree);
        host.run("tar", "--extract", "--absolute-names", "--file=" + archive, "--directory=" + tree);
        assertEquals("evil", Files.readString(outside.resolve("victim")));
    }

    /** Where tar takes no care, the kernel does: here a tar that is told to write through links. */
    @Test
    void theKernelKeepsTarInTheTree() throws IOException {
        prepareOutside();
        var bin = Files.createDirectory(place.resolve("bin"));
        var careless = Files.writeString(bin.resolve("tar"), """
                #!/bin/sh
                exec /bin/tar --absolute-names "$@"
                """);
        Files.setPosixFilePermissions(careless, PosixFilePermissions.fromString("rwxr-xr-x"));
        Map.of("way/new", "Cannot open: Permission denied", "way/victim", "Cannot open: File exists").forEach((name, refusal) -> {
            var archive = archive(new Member("way", SYMBOLIC_LINK, outside.toString(), ""), file(name));
            mkjailWithPath(bin + ":/usr/bin:/bin", "-t", archive, tree)
                    .assertFailed("mkjail: " + archive + ": /bin/tar: " + name + ": " + refusal);
            assertFalse(Files.exists(tree));
        });
        assertOutsideUntouched();
    }

    @Test
    void whatIsNoArchiveIsSaidToBeNone() throws IOException {
        var garbage = Files.writeString(place.resolve("garbage"), "x".repeat(5000));
        mkjail("-t", garbage, tree).assertFailed("mkjail: " + garbage + ": This does not look like a tar archive");
        var whole = archive(file("a"), file("b"), file("c"));
        var cut = Files.write(place.resolve("cut"), Arrays.copyOf(Files.readAllBytes(whole), 1700));
        mkjail("-t", cut, tree).assertFailed("mkjail: " + cut + ": Unexpected EOF in archive");
        mkjail("-t", place.resolve("nothing"), tree)
                .assertFailed("mkjail: " + place.resolve("nothing") + ": No such file or directory");
        mkjail("-t", place, tree).assertFailed("mkjail: " + place + ": Is a directory");
        assertFalse(Files.exists(tree));
    }

    @Test
    void aTreeThatIsThereStaysAsItIs() throws IOException {
        Files.createDirectory(tree);
        Files.writeString(tree.resolve("mine"), "mine");
        mkjail("-t", archive(file("mine")), tree).assertFailed("mkjail: " + tree + ": Directory not empty");
        assertEquals("mine", Files.readString(tree.resolve("mine")));
        assertEquals(List.of("mine"), Host.list(tree));
    }

    @Test
    void anEmptyDirectoryThatWasThereStays() throws IOException {
        Files.createDirectory(tree);
        assertEquals(1, mkjail("-t", archive(file("../x")), tree).status());
        assertEquals(List.of(), Host.list(tree));
        assertEquals("", mkjail("-t", archive(file("x")), tree).said());
        assertEquals("evil", Files.readString(tree.resolve("x")));
    }

    @Test
    void aFullFileSystemIsSaidAndLeftAsItWas() throws IOException {
        var disk = Files.createDirectory(place.resolve("disk"));
        host.run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk.toString()).said();
        var archive = archive(new Member("big", FILE, "", "x".repeat(200_000)));
        var result = mkjail("-t", archive, disk + "/tree");
        assertEquals(1, result.status(), result.toString());
        assertTrue(result.errors().matches(".*: big: (Cannot write: No space left on device|Wrote only .* bytes)\n"),
                result.toString());
        assertEquals("", host.run("ls", "-A", disk.toString()).said());
        host.run("umount", disk.toString()).said();
    }

    @Test
    void theToolsThatAreMissingAreNamed() {
        mkjailWithPath(place, "-t", archive(file("x")), tree).assertFailed("mkjail: tar is missing (the package tar has it)");
        mkjailWithPath(place, "-b", "bookworm", tree).assertFailed(
                "mkjail: neither mmdebstrap nor debootstrap is there (the packages of these names have them)");
        assertFalse(Files.exists(tree));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmdebstrap", "debootstrap"})
    void aBootstrapThatFailsIsExplainedAndLeavesNothing(String tool) throws IOException {
        var script = Files.writeString(place.resolve(tool), """
                #!/bin/sh
                echo "I: $*"
                /bin/mkdir -p "$2/etc" "$2/proc"
                /bin/mount -t tmpfs none "$2/proc"
                echo kept >"$2/proc/file"
                echo 'E: no such suite'
                exit 7
                """);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        var result = mkjailWithPath(place, "-b", "nosuite", tree, "http://mirror.example/debian");
        assertEquals("I: nosuite " + tree + " http://mirror.example/debian\nmkjail: no such suite\n", result.errors());
        assertEquals(1, result.status());
        assertFalse(Files.exists(tree));
    }

    /** From Debian's own packages: half a minute. */
    @Test
    @Tag("long")
    void aWholeDebianRunsInAJail() {
        var mkjail = new ProcessBuilder(Host.BIN.resolve("mkjail").toString(), "-b", "bookworm", tree.toString());
        assertEquals(0, Tree.status(mkjail.redirectErrorStream(true))); // with the machine's network
        assertEquals("12", host.jail(tree, "h", ADDRESS, "/bin/bash", "-c", "cut -d. -f1 /etc/debian_version").said());
        assertTrue(host.jail(tree, "h", ADDRESS, "/usr/bin/dpkg", "-l", "apt").said().contains("ii  apt "));
    }

    @Test
    void theUsageIsKept() {
        for (var words : List.of("-t", "-b bookworm", "-b", "-t x", "-tx a b", "-l", "-n", "/x", "-ln ls", "-b -t x y z", "-Hl ls",
                "-nb bookworm /x", "-z")) {
            var result = mkjail((Object[]) words.split(" "));
            assertEquals(1, result.status(), words);
            assertTrue(result.errors().contains("usage: mkjail "), words + ": " + result);
        }
    }
}
