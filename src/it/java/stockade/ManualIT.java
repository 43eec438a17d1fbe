package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The manual pages are true: their examples are run, what their tables say is found out, their form is checked. */
class ManualIT {
    private static final Path MANUAL = Path.of("docs/man").toAbsolutePath();
    private static final String HOST_ADDRESS = "10.7.0.1";
    private static final Path JAILS = Path.of("/usr/jails");
    private static final int JID = 4242;

    /** Reads a file in an example that the reader is to write, and the test does before. */
    private static final String SHOWS_FILE = "cat ";

    private static final String WITH_PROC = "mount -t proc proc /proc; ";

    private static boolean madeJails;

    @RegisterExtension
    final Host host = new Host(HOST_ADDRESS);

    /** Examples use it; each test mounts its own over it, in the mount namespace of its host. */
    @BeforeAll
    static void haveJailsDirectory() throws IOException {
        if (!Files.exists(JAILS)) {
            Files.createDirectory(JAILS);
            madeJails = true;
        }
    }

    @AfterAll
    static void removeJailsDirectory() {
        if (madeJails) {
            JAILS.toFile().delete(); // unless somebody has come to use it
        }
    }

    @AfterEach
    void end() {
        host.run("sh", "-c", "for jail in $(\"$0\"/jls jid); do \"$0\"/jail -r $jail; done; umount -R "
                + JAILS + "; for directory in /etc /var/log /usr/local/bin; do umount $directory; done",
                Host.BIN.toString());
    }

    /** Those of commands, which are of section 8. */
    static List<String> commands() {
        return pages("8");
    }

    static List<String> pages() {
        return Stream.of("5", "8").flatMap(section -> pages(section).stream()).toList();
    }

    private static List<String> pages(String section) {
        return Host.list(MANUAL.resolve("man" + section)).stream()
                .map(file -> file.substring(0, file.length() - ("." + section).length())).toList();
    }

    /** The section of the manual that a page is in. */
    private static String sectionOf(String page) {
        return commands().contains(page) ? "8" : "5";
    }

    private static Path file(String page) {
        return MANUAL.resolve("man" + sectionOf(page) + "/" + page + "." + sectionOf(page));
    }

    /** The lines of a section of a page's source. */
    private static List<String> section(String page, String name) {
        return Host.read(file(page)).lines().dropWhile(line -> !line.equals(".Sh " + name)).skip(1)
                .takeWhile(line -> !line.startsWith(".Sh ")).toList();
    }

    /** A line of text as it is printed. */
    private static String printed(String source) {
        return source.replace("\\-", "-").replace("\\(aq", "'").replace("\\&", "").replace("\\e", "\\");
    }

    /** The rows below the head of the table in a section, a list of cells each. */
    private static List<List<String>> table(String page, String section) {
        return section(page, section).stream().dropWhile(line -> !line.startsWith(".Bl -column ")).skip(2)
                .takeWhile(line -> line.startsWith(".It "))
                .map(line -> List.of(line.substring(".It ".length()).split(" Ta "))).toList();
    }

    @Test
    void thereIsAPageForEachCommand() {
        assertEquals(Host.list(Host.BIN), commands());
    }

    // examples

    /** A command and what it is to print; "..." stands for anything, as a line for any number of lines. */
    private record Step(String command, List<String> output) {
        Pattern pattern() {
            return Pattern.compile(output.stream().map(line -> line.equals("...") ? "(?:.*\n)*"
                    : Arrays.stream(line.split("\\.\\.\\.", -1)).map(Pattern::quote).collect(Collectors.joining(".*"))
                            + "\n").collect(Collectors.joining()));
        }
    }

    /** Commands that are run one after the other. */
    private record Example(String page, int number, List<Step> steps) {
        @Override
        public String toString() {
            return page + " " + number + ": " + steps.get(0).command;
        }
    }

    static List<Example> examples() {
        var examples = new ArrayList<Example>();
        for (var page : pages()) {
            int number = 0;
            for (var block : blocks(page)) {
                examples.add(new Example(page, ++number, steps(block)));
            }
        }
        return examples;
    }

    private static List<List<String>> blocks(String page) {
        var blocks = new ArrayList<List<String>>();
        boolean within = false;
        for (var line : section(page, "EXAMPLES")) {
            if (line.equals(".Bd -literal -offset indent")) {
                blocks.add(new ArrayList<>());
                within = true;
            } else if (line.equals(".Ed")) {
                within = false;
            } else if (within) {
                blocks.get(blocks.size() - 1).add(printed(line));
            }
        }
        return blocks;
    }

    private static List<Step> steps(List<String> block) {
        var steps = new ArrayList<Step>();
        for (var line : block) {
            if (line.startsWith("# ")) {
                steps.add(new Step(line.substring(2), new ArrayList<>()));
            } else {
                steps.get(steps.size() - 1).output.add(line);
            }
        }
        return steps;
    }

    @ParameterizedTest
    @MethodSource("examples")
    void exampleDoesWhatThePageShows(Example example) throws IOException {
        var jails = Tree.empty().mode("", 0700).directory("www"); // as the first example makes it
        host.run("mount", "--bind", jails.toString(), JAILS.toString()).said();
        host.run("mount", "--bind", Tree.busybox().toString(), JAILS + "/www").said();
        haveOwnSettings();
        for (var step : example.steps) {
            if (step.command.startsWith(SHOWS_FILE)) {
                var file = host.path(step.command.substring(SHOWS_FILE.length()));
                Files.createDirectories(file.getParent());
                Files.writeString(file, String.join("\n", step.output) + "\n");
            }
            var result = host.start(List.of("sh", "-c", "exec 2>&1; " + step.command),
                    Map.of("PATH", Host.BIN + ":" + System.getenv("PATH"))).end();
            assertTrue(step.pattern().matcher(result.out()).matches(), "# " + step.command + "\n" + result.out());
            assertEquals(0, result.status(), step.command);
        }
    }

    /** What examples change of the host is changed in a copy; its root finds the commands as if they were installed. */
    private void haveOwnSettings() {
        var copies = Tree.empty().directory("bin");
        host.run("sh", "-ec", """
                cp -a /etc "$0/etc"
                cp -a /var/log "$0/log"
                mount --bind "$0/etc" /etc
                mount --bind "$0/log" /var/log
                ln -s "$1"/* "$0/bin/"
                mount --bind "$0/bin" /usr/local/bin
                """, copies.toString(), Host.BIN.toString()).said();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyPageHasExamples(String page) {
        assertFalse(blocks(page).isEmpty());
    }

    // chroot(8)'s table

    /** A chroot or a jail of its own for each command. */
    private record Place(Host host, List<String> prefix, List<String> uids) {
        private static final String SECRET = "etc/secret";

        String says(Object... command) {
            return host.run(words(prefix, List.of(command))).said();
        }

        private static String[] words(List<?>... parts) {
            return Stream.of(parts).flatMap(List::stream).map(Object::toString).toArray(String[]::new);
        }

        /** Whether a call of the probe is let through; all else than that and a refusal is a mistake. */
        boolean attack(Object... words) {
            var said = says((Object[]) words(List.of("attack"), List.of(words)));
            assertTrue(said.matches("done|E[A-Z]+"), said);
            return said.equals("done");
        }

        /** Whether a script succeeds. */
        boolean does(String script) {
            var said = says("sh", "-c", "if { " + script + "; } >/dev/null 2>&1; then echo yes; else echo no; fi");
            return Map.of("yes", true, "no", false).get(said);
        }

        /** Whether something can be done to a process of the host's root, or of the user that root is here. */
        boolean reaches(Predicate<Running> deed) {
            return uids.stream().anyMatch(uid -> {
                var victim = host.start("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "sleep", "600");
                victim.awaitProgram("sleep");
                return deed.test(victim);
            });
        }

        boolean setsHostname() {
            host.run("hostname", "host.example").said();
            return attack("sethostname") && host.run("hostname").said().equals("attacked");
        }

        boolean usesSharedMemory() {
            host.run(Host.BIN + "/sysctl", "-q", "security.jail.sysvipc_allowed=1").said();
            var made = List.of("unshare", "--ipc", "sh", "-ec", "\"$0\" shm_make 4711; exec \"$@\"", Tree.probe("attack"));
            var said = host.run(words(made, prefix, List.of("attack", "shm_use", "4711"))).said();
            assertTrue(said.matches("done\n(done|ENOENT)"), said);
            return said.endsWith("\ndone");
        }

        /** By each rule for open directories. */
        boolean getsOutBySecondChroot() {
            var outside = Tree.empty().file(SECRET, "");
            return Stream.of(0, 1, 2).anyMatch(rule -> {
                host.run(Host.BIN + "/sysctl", "-q", "kern.chroot_allow_open_directories=" + rule).said();
                return attack("second_chroot", outside.path(SECRET));
            });
        }

        boolean changesThroughProc() {
            var outside = Tree.empty().file(SECRET, "");
            return reaches(process -> does(WITH_PROC + "echo changed >/proc/" + process.pid() + "/root"
                    + outside.path(SECRET)) && Host.read(outside.path(SECRET)).equals("changed\n"));
        }
    }

    private static final Map<String, Predicate<Place>> DEEDS = new LinkedHashMap<>();

    static {
        DEEDS.put("see processes of the host",
                place -> place.reaches(process -> place.does(WITH_PROC + "test -d /proc/" + process.pid())));
        DEEDS.put("signal a process of the host, of the same uid",
                place -> place.reaches(process -> place.attack("signal", process.pid(), 9) && process.hasEnded()));
        DEEDS.put("trace a process of the host, of the same uid",
                place -> place.reaches(process -> place.attack("ptrace", process.pid())));
        DEEDS.put("use addresses and ports of the host",
                place -> place.says("net", "bind", "tcp", HOST_ADDRESS, 80).equals(HOST_ADDRESS + ":80"));
        DEEDS.put("open raw sockets", place -> place.says("net", "socket", 2, 3, 1).equals("done"));
        DEEDS.put("set the hostname of the host", Place::setsHostname);
        DEEDS.put("set the clock", place -> place.attack("settimeofday"));
        DEEDS.put("mount a file system", place -> place.attack("mount"));
        DEEDS.put("make a device node and use it",
                place -> place.does("mknod /tmp/made c 1 5 && head -c 1 /tmp/made"));
        DEEDS.put("use a device node that is in the tree", place -> place.attack("open", "/tmp/zero"));
        DEEDS.put("load kernel modules", // or be told that it is none, or that this kernel has none
                place -> !place.says("attack", "init_module").equals("EPERM"));
        DEEDS.put("write kernel settings, in /proc/sys", place -> place.does(
                WITH_PROC + "n=$(cat /proc/sys/vm/swappiness) && echo $n >/proc/sys/vm/swappiness"));
        DEEDS.put("use System V IPC of the host", Place::usesSharedMemory);
        DEEDS.put("change a file outside by way of a second chroot", Place::getsOutBySecondChroot);
        DEEDS.put("change a file outside by way of /proc/PID/root", Place::changesThroughProc);
    }

    static List<String> deeds() {
        return List.copyOf(DEEDS.keySet());
    }

    private static List<List<String>> chrootTable() {
        return table("chroot", "SECURITY CONSIDERATIONS");
    }

    @Test
    void chrootTableIsAllThatIsTried() {
        assertEquals(deeds(), chrootTable().stream().map(row -> row.get(0)).toList());
    }

    @ParameterizedTest
    @MethodSource("deeds")
    void chrootTableTellsWhatCanBeDone(String deed) {
        var tree = Tree.busybox().device("tmp/zero", 1, 5);
        var chroot = new Place(host, List.of(Host.BIN + "/chroot", tree.toString()), List.of("0"));
        var rootOfJail = Long.toString((1L << 31) + ((long) JID << 16));
        var jail = new Place(host, List.of(Host.BIN + "/jail", "-n", JID + "", tree.toString(), "jail", "10.7.0.2"),
                List.of("0", rootOfJail));
        var found = new ArrayList<>(List.of(deed));
        Stream.of(chroot, jail).map(place -> DEEDS.get(deed).test(place) ? "yes" : "no").forEach(found::add);
        assertEquals(chrootTable().stream().filter(row -> row.get(0).equals(deed)).findFirst().orElseThrow(), found);
    }

    // what sysctl(8) and jail(8) list

    @Test
    void entriesAreThoseOfSysctl() {
        var found = new ArrayList<List<String>>();
        for (var line : host.run(Host.BIN + "/sysctl", "-a").said().split("\n")) {
            var nameAndValue = line.split(": ");
            if (!nameAndValue[0].startsWith("security.jail.param.")) {
                found.add(List.of(nameAndValue[0], type(nameAndValue[0]), nameAndValue[1]));
            }
        }
        assertEquals(table("sysctl", "DESCRIPTION"), found);
    }

    /** Its type is what becomes of a number that few have any use for. */
    private String type(String entry) {
        var result = host.run(Host.BIN + "/sysctl", "-n", entry + "=-7");
        var said = result.out() + result.errors();
        return said.contains(" -> -7") ? "number" : said.contains(" -> 1") ? "switch"
                : said.contains("Invalid argument") ? "count" : said.contains("not available") ? "fixed"
                : said.contains("is read only") ? "read" : said;
    }

    @Test
    void permissionsAreThoseOfAJail() {
        int jid = host.background(Tree.busybox(), "10.7.0.2");
        var found = new ArrayList<String>();
        var item = Pattern.compile("\\.It Va (allow\\.\\w+) Pq (\\w+)(?: ; Va (\\S+))?");
        for (var line : section("jail", "DESCRIPTION")) {
            var permission = item.matcher(line);
            if (permission.matches()) {
                found.add(permission.group(1));
                assertEquals(permission.group(2), value(jid, permission.group(1)));
                if (permission.group(3) != null) {
                    boolean set = host.run(Host.BIN + "/sysctl", "-n", permission.group(3)).said().equals("1");
                    host.run(Host.BIN + "/sysctl", "-q", permission.group(3) + "=" + (set ? 0 : 1)).said();
                    var other = permission.group(2).equals("true") ? "false" : "true";
                    assertEquals(other, value(jid, permission.group(1)));
                }
            }
        }
        var changeable = section("jail", "PARAMETERS").stream()
                .takeWhile(line -> !line.equals(".Ss Resource limits")).filter(line -> line.startsWith(".It Va allow."))
                .map(line -> line.substring(".It Va ".length())).filter(name -> !name.equals("allow.dying")).toList();
        assertFalse(changeable.isEmpty());
        assertEquals(changeable, found);
    }

    private String value(int jid, String parameter) {
        return host.jls("-j", jid, parameter).said();
    }

    /** A page has each option that the command speaks of when it is used wrongly, and says what it is for. */
    @ParameterizedTest
    @MethodSource("commands")
    void everyOptionIsThere(String page) {
        var usage = host.run(Host.BIN + "/" + page, "-?").errors();
        var synopsis = options("Fl (\\w+)", String.join("\n", section(page, "SYNOPSIS")));
        assertTrue(synopsis.containsAll(options("[\\[ |]-(\\w+)", usage)), usage);
        var described = String.join("\n", section(page, "DESCRIPTION"));
        assertEquals(synopsis, options("(?m)^\\.(?:It )?Fl (\\w(?: , \\w)*)", described));
    }

    private static TreeSet<String> options(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results()
                .flatMap(match -> match.group(1).chars().filter(Character::isLetter).mapToObj(Character::toString))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    // form

    /** The page is shown without a warning, and what it shows to be typed can be copied. */
    @ParameterizedTest
    @MethodSource("pages")
    void manShowsIt(String page) {
        var shown = host.start(List.of("man", "--warnings", "-M", MANUAL.toString(), sectionOf(page), page),
                Map.of("LC_ALL", "C.UTF-8", "MANWIDTH", "120", "PATH", System.getenv("PATH"))).end();
        var text = shown.said();
        assertTrue(text.startsWith(page.toUpperCase() + "(" + sectionOf(page) + ")"), text);
        for (var line : blocks(page).stream().flatMap(List::stream).toList()) {
            assertTrue(text.contains(line), line);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void mandocHasNothingToSay(String page) {
        assertEquals("", host.run("mandoc", "-T", "lint", "-W", "warning", file(page).toString()).said());
    }
}
