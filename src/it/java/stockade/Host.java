package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A host of a test's own: network, mount and uts namespaces, a cgroup in the place of the root of all, an empty
 * /run. After each test nothing may be left of its jails.
 */
final class Host implements AfterEachCallback, AutoCloseable {
    static final Path BIN = Path.of("target/bin").toAbsolutePath();

    /** The parents of jails' cgroups. */
    private static final List<String> PARENTS = List.of("stockade", "stockade-vnet");
    /** What there may be in /run/stockade without any jail. */
    private static final List<String> STAYING = List.of("address", "alias", "alias.new", "jail", "last", "life", "lock", "mib", "name", "record");
    /** The probe that is a host, and enters it. */
    private static final String HOST = Tree.probe("host").toString();
    private static final Path MACHINES_CGROUPS = cgroupMount();
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final long END_TIME = TimeUnit.SECONDS.toNanos(2);

    private final Path cgroup;
    private final List<Path> inV1;
    private final Process holder;
    private final List<Running> started = new ArrayList<>();
    private final List<String> mountsBefore;
    private final String addressesBefore;

    /** Starts it, with these addresses. */
    Host(String... addresses) {
        this(List.of(), addresses);
    }

    /** As it, with cgroups in the places of the roots of all hierarchies of version 1 that limit anything. */
    static Host withLimits(String... addresses) {
        try {
            var inV2 = Files.readString(MACHINES_CGROUPS.resolve("cgroup.controllers")).split("\\s+");
            for (var controller : List.of("memory", "pids", "cpu", "io")) {
                if (List.of(inV2).contains(controller)) {
                    Files.writeString(MACHINES_CGROUPS.resolve("cgroup.subtree_control"), "+" + controller);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Host(read(Path.of("/proc/self/mountinfo")).lines().filter(line -> line.contains(" - cgroup "))
                .filter(line -> line.matches(".*[ ,](memory|pids|cpu|blkio)(,.*)?$"))
                .map(line -> Path.of(line.split(" ")[4])).toList(), addresses);
    }

    private Host(List<Path> hierarchies, String... addresses) {
        var name = "stockade-it-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        cgroup = MACHINES_CGROUPS.resolve(name);
        inV1 = hierarchies.stream().map(hierarchy -> hierarchy.resolve(name)).toList();
        try {
            Files.createDirectory(cgroup);
            Files.createDirectory(cgroup.resolve("host")); // for cgroups with processes limit no others
            for (var path : inV1) {
                Files.createDirectory(path);
            }
            var words = new ArrayList<>(List.of(HOST, "hold", cgroup.toString(), MACHINES_CGROUPS.toString()));
            inV1.forEach(path -> words.addAll(List.of(path.toString(), path.getParent().toString())));
            words.add("--");
            words.addAll(List.of(addresses));
            holder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            addressesBefore = told();
        } catch (IllegalStateException e) {
            removeAll();
            throw e;
        }
        mountsBefore = mounts();
    }

    private static Path cgroupMount() {
        return read(Path.of("/proc/self/mountinfo")).lines().filter(line -> line.contains(" - cgroup2 "))
                .map(line -> Path.of(line.split(" ")[4])).findFirst().orElseThrow();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this kernel runs programs of 32 bits, as not each one does. */
    static boolean has32Bits() {
        try {
            return new ProcessBuilder("/lib/ld-linux.so.2", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** No condition of JUnit's: that would leave the host of a test that is not made. */
    static void assume32Bits() {
        Assumptions.assumeTrue(has32Bits(), "this kernel runs no programs of 32 bits");
    }

    /** A path of this host as one of the machine. */
    Path path(String path) {
        return Path.of("/proc/" + holder.pid() + "/root" + path);
    }

    /** In the place of the root of all. */
    Path cgroup() {
        return cgroup;
    }

    /** The pid of a process that has all of the host's namespaces. */
    long pid() {
        return holder.pid();
    }

    /** Starts a command on the host. */
    Running start(List<String> command, Map<String, String> environment) {
        var entering = new ArrayList<>(List.of(HOST, "run", cgroup.toString(), Long.toString(holder.pid())));
        entering.addAll(command);
        var builder = new ProcessBuilder(entering);
        builder.environment().keySet().removeIf(name -> name.startsWith("MAVEN") || name.startsWith("JAVA"));
        builder.environment().putAll(environment);
        try {
            var running = new Running(builder.start(), command);
            synchronized (started) {
                started.add(running);
            }
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Running start(String... command) {
        return start(List.of(command), Map.of());
    }

    /** Runs a command on the host to its end, with nothing on stdin. */
    Result run(String... command) {
        return start(command).end();
    }

    Running startJail(Object... words) {
        return start(command("jail", words));
    }

    Result jail(Object... words) {
        return startJail(words).end();
    }

    Result jexec(Object... words) {
        return run(command("jexec", words));
    }

    Result jls(Object... words) {
        return run(command("jls", words));
    }

    Result jps(Object... words) {
        return run(command("jps", words));
    }

    Result mkjail(Object... words) {
        return run(command("mkjail", words));
    }

    private static String[] command(String name, Object... words) {
        return Stream.concat(Stream.of(BIN.resolve(name)), Arrays.stream(words)).map(Object::toString)
                .toArray(String[]::new);
    }

    /** Starts a jail whose command runs until it is ended, and returns its jid when it is up. */
    int background(Tree tree, String address, String... command) {
        var words = new ArrayList<Object>(List.of("-i", tree, "jail.example.org", address));
        words.addAll(command.length == 0 ? List.of("sleep", "600") : List.of(command));
        return Integer.parseInt(startJail(words.toArray()).line());
    }

    /** Removes a jail, which has so many seconds from SIGTERM on. */
    Result remove(String jid, int seconds) {
        return run("sh", "-c", "echo \"$1 { stop.timeout = $2; }\" | $0 -q -f - -r $1", BIN + "/jail", jid, Integer.toString(seconds));
    }

    /** The host's pids of the processes of a jail, its warden and init included. */
    List<Long> processes(int jid) {
        return PARENTS.stream().flatMap(parent -> Stream.of(parent + "/" + jid, parent + "/" + jid + ".limits"))
                .flatMap(path -> pids(cgroup.resolve(path)).stream()).toList();
    }

    /** The one process of a jail that goes by a name. */
    long process(int jid, String name) {
        long deadline = System.nanoTime() + END_TIME;
        while (true) {
            for (long pid : processes(jid)) {
                if (comm(pid).equals(name)) {
                    return pid;
                }
            }
            if (System.nanoTime() > deadline) {
                return fail("no " + name + " in jail " + jid);
            }
            pause();
        }
    }

    private static String comm(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static List<Long> pids(Path cgroup) {
        try {
            return Files.readAllLines(cgroup.resolve("cgroup.procs")).stream().map(Long::valueOf).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits up to two seconds for all jails to be gone. */
    void assertNothingLeftOfJails() {
        long deadline = System.nanoTime() + END_TIME;
        var left = left();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            pause();
            left = left();
        }
        assertEquals(List.of(), left);
    }

    /** As it, and the host is as it was before its first jail. */
    void assertNothingLeft() {
        assertNothingLeftOfJails();
        assertEquals(mountsBefore, mounts(), "mounts");
        assertEquals(addressesBefore, addresses(), "addresses");
    }

    private List<String> left() {
        var left = new ArrayList<String>();
        for (var directory : List.of("jail", "record", "name", "address", "alias")) {
            list(path("/run/stockade/" + directory)).forEach(file -> left.add("record " + directory + "/" + file));
        }
        for (var parent : PARENTS) {
            list(cgroup.resolve(parent)).stream().filter(name -> name.matches("[0-9]+(\\.limits)?"))
                    .forEach(name -> left.add("cgroup " + parent + "/" + name));
        }
        list(path("/run/stockade")).stream().filter(name -> !STAYING.contains(name)).forEach(name -> left.add("file " + name));
        mapEntries().filter(map -> !map.endsWith(" 0")).forEach(map -> left.add("BPF map " + map));
        for (var path : inV1) {
            directories(path).forEach(made -> left.add("cgroup " + made));
        }
        for (var path : cgroups(cgroup)) {
            pids(path).stream().filter(pid -> pid != holder.pid())
                    .forEach(pid -> left.add("process " + pid + " " + comm(pid)));
        }
        return left;
    }

    /** How many entries each BPF map has that the jails' programs look into: NAME ENTRIES. */
    Stream<String> mapEntries() {
        return ask("maps").lines();
    }

    /** A cgroup and all below it. */
    private static List<Path> cgroups(Path cgroup) {
        var found = new ArrayList<>(List.of(cgroup));
        for (int i = 0; i < found.size(); i++) {
            found.addAll(directories(found.get(i)));
        }
        return found;
    }

    private static List<Path> directories(Path parent) {
        return list(parent).stream().map(parent::resolve).filter(Files::isDirectory).toList();
    }

    /** The cgroups in which a jail has limits. */
    List<Path> limits(int jid) {
        return Stream.concat(Stream.of(cgroup.resolve("stockade/" + jid + ".limits")),
                inV1.stream().map(path -> path.resolve("stockade/" + jid))).filter(Files::exists).toList();
    }

    static List<String> list(Path directory) {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> mounts() {
        return read(Path.of("/proc/" + holder.pid() + "/mountinfo")).lines().toList();
    }

    /** All of them: INTERFACE ADDRESS/BITS. */
    String addresses() {
        return ask("addresses");
    }

    private synchronized String ask(String question) {
        try {
            holder.outputWriter().append(question).append('\n').flush();
            return told();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String told() {
        var lines = new ArrayList<String>();
        try {
            for (String line; (line = holder.inputReader().readLine()) != null;) {
                if (line.isEmpty()) {
                    return String.join("\n", lines);
                }
                lines.add(line);
            }
            throw new IllegalStateException("the test's host has ended");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try {
            if (context.getExecutionException().isEmpty()) {
                endStarted();
                if (!left().isEmpty()) {
                    run(BIN.resolve("jls").toString()); // one killed while it removed a jail's traces left them to the next command
                }
                assertNothingLeft();
            }
        } finally {
            close();
        }
    }

    private void endStarted() {
        synchronized (started) {
            started.forEach(Running::kill);
        }
    }

    /** Ends it, with whatever runs there: the cgroup has nothing but what this host started. */
    @Override
    public void close() {
        endStarted();
        try {
            Files.writeString(cgroup.resolve("cgroup.kill"), "1");
            holder.waitFor();
            removeAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void removeAll() {
        for (var hierarchy : Stream.concat(Stream.of(cgroup), inV1.stream()).toList()) {
            for (var path : new TreeSet<>(cgroups(hierarchy)).descendingSet()) {
                remove(path);
            }
        }
    }

    private static void remove(Path cgroup) {
        long deadline = System.nanoTime() + END_TIME;
        while (cgroup.toFile().exists() && !cgroup.toFile().delete()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(cgroup + " is still in use");
            }
            pause();
        }
    }
}
