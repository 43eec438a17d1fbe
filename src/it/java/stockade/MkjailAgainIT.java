package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** mkjail gives a tree what it lacks, as it is on the host, and touches nothing else. */
class MkjailAgainIT {
    private static final String ADDRESS = "10.7.0.1";
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    @RegisterExtension
    final Host host = new Host(ADDRESS);

    private final Path place = Tree.empty().root();
    private final Tree tree = new Tree(place.resolve("tree"));

    private String mkjail(String... words) {
        return host.mkjail((Object[]) words).said();
    }

    private void make(String... programs) {
        assertEquals("", mkjail(words(programs)));
    }

    /** The steps that a run would take. */
    private List<String> preview(String... programs) {
        return mkjail(Stream.concat(Stream.of("-n"), Stream.of(words(programs))).toArray(String[]::new)).lines().toList();
    }

    private String[] words(String... programs) {
        return Stream.concat(Stream.of(tree.toString()), Stream.of(programs)).toArray(String[]::new);
    }

    private String inJail(String... command) {
        return host.jail(Stream.concat(Stream.of(tree, "jail", ADDRESS), Stream.of(command)).toArray()).said();
    }

    /** All there is to know of files, a line each. */
    private static List<String> state(Path directory, String format) {
        return Tree.output("find", directory.toString(), "-printf", format + "\\n").lines().sorted().toList();
    }

    private List<String> state() {
        return state(tree.root(), "%p %y %i %m %U %G %s %T@ %C@ %l");
    }

    /** A program outside that is the test's to change. */
    private Path program(String name) throws IOException {
        return Files.copy(BUSYBOX.toRealPath(), place.resolve(name), StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    private String in(Path outside) {
        return outside.toString().substring(1);
    }

    @Test
    void secondRunDoesNothing() {
        make("bash", "ls", "nginx", "/etc/ssl/certs");
        var before = state();
        assertEquals(List.of(), preview("bash", "ls", "nginx", "/etc/ssl/certs"));
        make("bash", "ls", "nginx", "/etc/ssl/certs");
        assertEquals(before, state());
    }

    @Test
    void previewSaysWhatARunDoesAndDoesNothing() {
        var steps = preview("bash", "nginx");
        assertFalse(Files.exists(tree.root()));
        make("bash", "nginx");
        var made = state(tree.root(), "%y %p %l").stream().map(line -> line.split(" ")).map(words -> switch (words[0]) {
            case "d" -> "mkdir " + words[1];
            case "l" -> "link " + words[1] + " -> " + words[2];
            default -> words[1];
        }).sorted().toList();
        assertEquals(made, steps.stream().map(step -> step.replaceFirst("^(copy|write) ", "")).sorted().toList());
        assertEquals("mkdir " + tree, steps.getFirst());
    }

    @Test
    void anotherProgramIsAddedToWhatIsThere() {
        make("ls");
        var before = state();
        var added = "copy " + tree + "/usr/bin/cat";
        assertEquals(List.of(added), preview("cat", "ls"));
        make("cat");
        assertEquals("127.0.0.1\tlocalhost\n::1\tlocalhost", inJail("cat", "/etc/hosts"));
        var bin = tree.path("usr/bin").toString();
        assertTrue(state().containsAll(before.stream().filter(line -> !line.startsWith(bin + " ")).toList()));
        assertEquals(before.size() + 1, state().size());
    }

    @Test
    void programThatIsAnotherOneMeanwhileTakesTheOldOnesPlace() throws IOException {
        var program = program("echo");
        make(program.toString());
        var before = tree.attribute(in(program), "ino");
        Files.copy(Path.of("/bin/echo").toRealPath(), program, StandardCopyOption.REPLACE_EXISTING);
        assertTrue(preview(program.toString()).contains("copy " + tree + program));
        make(program.toString());
        assertNotEquals(before, tree.attribute(in(program), "ino"));
        assertEquals("again", inJail(program.toString(), "again"));
        // the same bytes with other rights are another one, too
        program.toFile().setWritable(true, false);
        assertEquals(List.of("copy " + tree + program), preview(program.toString()));
    }

    @Test
    void whatTheAdministratorHasAddedOrEditedStays() {
        make("bash");
        tree.file("etc/hosts", "10.7.0.1 jail\n").file("etc/motd", "Dear all\n").file("usr/bin/own", "own\n")
                .file("etc/resolv.conf", "").file("etc/nsswitch.conf", "hosts: files\n");
        var before = state();
        make("bash");
        assertEquals(before, state());
        make("bash", "cat");
        assertEquals("own", inJail("cat", "/usr/bin/own"));
        assertEquals("10.7.0.1 jail", inJail("cat", "/etc/hosts"));
    }

    @Test
    void usersOfTheTreeStayAndThoseThatItLacksAreAdded() {
        make("true");
        var all = Host.read(tree.path("etc/passwd"));
        var own = "root:x:0:0:me:/root:/bin/own\nuser:x:1000:1000::/:/bin/sh"; // without an end of the line
        tree.file("etc/passwd", own).mode("etc/passwd", 0644);
        make("true");
        assertEquals(own + "\n" + all.substring(all.indexOf('\n') + 1), Host.read(tree.path("etc/passwd")));
        assertEquals(List.of(), preview("true"));
        assertTrue(Host.read(tree.path("etc/group")).startsWith("root:*:0:\n"));
        assertFalse(Files.exists(tree.path("etc/shadow")));
    }

    @Test
    void linksOfOptionHAreTheHostsOwnFiles() throws IOException {
        var program = Path.of("/usr/bin/busybox");
        var words = new String[] {"-H", tree.toString(), program.toString()};
        assertEquals("", mkjail(words));
        assertEquals(Files.getAttribute(program, "unix:ino"), tree.attribute(in(program), "ino"));
        assertEquals("linked", inJail(program.toString(), "echo", "linked"));
        var before = state();
        assertEquals("", mkjail(words));
        assertEquals(before, state());
        assertEquals("", mkjail("-Hn", tree.toString(), program.toString()));
        // without it the tree gets a file of its own
        make(program.toString());
        assertNotEquals(Files.getAttribute(program, "unix:ino"), tree.attribute(in(program), "ino"));
    }

    /** Where such a jail can write, nothing is the host's own. */
    @Test
    void aJailOfSomeProgramsChangesNothingOfTheHosts() throws IOException {
        var directory = Files.createDirectory(place.resolve("directory"));
        Files.writeString(directory.resolve("file"), "host\n");
        assertEquals("", mkjail("-H", tree.toString(), "/usr/bin/busybox", directory.toString()));
        assertEquals("", mkjail("-H", "-n", tree.toString(), "/usr/bin/busybox", directory.toString()));
        host.jail("-c", "path=" + tree, "exec.allow=/usr/bin/busybox", "command=/usr/bin/busybox", "sh", "-c",
                "find / -xdev -type f -links +1 -exec sh -c 'echo jail >>$0' {} ';' 2>/dev/null; echo jail >>" + directory + "/file");
        assertEquals("host\n", Host.read(directory.resolve("file")));
        assertEquals("", Tree.output("find", tree.toString(), "-path", tree + "/usr", "-prune", "-o", "-path", tree + "/lib*",
                "-prune", "-o", "-type", "f", "-links", "+1", "-print"));
    }

    @Test
    void linksToAnotherFileSystemAreRefused() throws IOException {
        var program = Path.of("/usr/bin/busybox");
        host.mkjail("-H", "/run/tree", program).assertFailed("mkjail: /run/tree" + program + ": Invalid cross-device link");
        assertFalse(Files.exists(host.path("/run/tree")));
    }

    @Test
    void rightsOwnersTimesAndCapabilitiesAreKept() throws IOException {
        var program = program("setuid").toString();
        var capable = program("capable").toString();
        var directory = Files.createDirectory(place.resolve("directory")).toString();
        Files.writeString(place.resolve("directory/file"), "file\n");
        Tree.output("sh", "-ec", """
                chown 1234:2345 "$0" "$2" "$2/file"
                chmod 6751 "$0"
                chmod 3755 "$2"
                chmod 604 "$2/file"
                setcap cap_net_raw,cap_net_bind_service+ep "$1"
                touch -d '2001-02-03 04:05:06.789' "$0" "$1" "$2/file"
                """, program, capable, directory);
        make(program, capable, directory);
        for (var path : List.of(program, capable, directory + "/file")) {
            assertEquals(state(Path.of(path), "%m %U %G %s %T@"), state(tree.path(path.substring(1)), "%m %U %G %s %T@"));
        }
        assertEquals(state(Path.of(directory), "%m %U %G").getFirst(),
                state(tree.path(directory.substring(1)), "%m %U %G").getFirst());
        assertEquals("cap_net_bind_service,cap_net_raw=ep",
                Tree.output("getcap", tree.path(capable.substring(1)).toString()).strip().split(" ")[1]);
        assertEquals("", Tree.output("getcap", tree.path(program.substring(1)).toString()));
    }

    @Test
    void linksOfADirectoryAreKeptHardOnesToo() throws IOException {
        var directory = Files.createDirectory(place.resolve("directory"));
        Files.createDirectory(directory.resolve("below"));
        Files.writeString(directory.resolve("first"), "first\n");
        Files.createLink(directory.resolve("below/second"), directory.resolve("first"));
        Files.createSymbolicLink(directory.resolve("below/third"), Path.of("../first"));
        Files.createSymbolicLink(directory.resolve("fourth"), place.resolve("elsewhere"));
        Files.createSymbolicLink(directory.resolve("fifth"), place.resolve("nowhere"));
        Files.writeString(place.resolve("elsewhere"), "elsewhere\n");
        make(directory.toString());
        var copy = in(directory);
        assertEquals(tree.attribute(copy + "/first", "ino"), tree.attribute(copy + "/below/second", "ino"));
        assertNotEquals(Files.getAttribute(directory.resolve("first"), "unix:ino"), tree.attribute(copy + "/first", "ino"));
        assertEquals("../first", Files.readSymbolicLink(tree.path(copy + "/below/third")).toString());
        assertEquals("elsewhere\n", Host.read(tree.path(in(place.resolve("elsewhere")))));
        assertFalse(Files.exists(tree.path(copy + "/fifth"), java.nio.file.LinkOption.NOFOLLOW_LINKS));
        // one that is added later joins the others
        Files.createLink(directory.resolve("sixth"), directory.resolve("first"));
        make(directory.toString());
        assertEquals(tree.attribute(copy + "/below/second", "ino"), tree.attribute(copy + "/sixth", "ino"));
        assertEquals(tree.attribute(copy + "/first", "ino"), tree.attribute(copy + "/sixth", "ino"));
    }

    @Test
    void twoAtOnceWaitForEachOther() {
        var words = Stream.concat(Stream.of(Host.BIN.resolve("mkjail").toString()), Stream.of(words("perl", "bash")))
                .toArray(String[]::new);
        var first = host.start(words);
        var second = host.start(words);
        assertEquals(0, first.end().status());
        assertEquals(0, second.end().status());
        assertEquals(List.of(), preview("perl", "bash"));
        assertEquals(List.of(), state(tree.root(), "%p").stream().filter(path -> path.endsWith("~")).toList());
        assertEquals("both", inJail("perl", "-e", "print 'both'"));
    }
}
