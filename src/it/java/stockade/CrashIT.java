package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each process of Stockade is killed before each of its system calls, and each call fails in turn. Whatever happens, a jail
 * is confined as ever or not there at all, a command that fails says why in one line, and the next command finds a host
 * without traces.
 */
class CrashIT {
    private static final String ADDRESS = "10.7.0.2";
    private static final Path WORK = Tree.empty().root();
    private static final Tree TREE = Tree.busybox().directory("data").file("fingerprint", """
            grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)' /proc/self/status
            grep -E '^(Name|Cap|NoNewPrivs|Seccomp)' /proc/1/status
            cut -d ' ' -f 5-7 /proc/1/stat
            stat -c %u /proc/1
            cat /proc/self/uid_map /proc/self/gid_map
            cut -d ' ' -f 4- /proc/self/mountinfo | sort
            sed 's/[0-9]*:[a-z_,=]*://' /proc/self/cgroup
            show descriptors
            hostname
            cat /proc/sys/kernel/domainname /proc/sys/kernel/sem /proc/irq/empty
            echo x >/proc/sys/kernel/domainname
            head -c 1 /proc/kcore | wc -c
            mknod /tmp/node c 1 3
            mount -t tmpfs none /mnt
            ls /proc/acpi /proc/bus /dev
            cp /bin/busybox /tmp/unlisted; /tmp/unlisted echo ran; rm -f /tmp/unlisted
            net socket 2 3 1
            net bind tcp 10.7.0.1 80
            net bind tcp 0.0.0.0 80
            net bind udp 127.0.0.1 80
            """);
    private static final String IN_JAIL = "/bin/sh -c 'exec 2>&1; . /fingerprint'";
    /** What the kernel can say instead of doing a call. */
    private static final Map<String, Integer> ERRNOS = Map.of("ENOMEM", 12, "EMFILE", 24, "EINTR", 4, "ENOSPC", 28, "EIO", 5);

    private static final int KILLED = 128 + 9;
    private static final String MEMORY = "(9|10|12) .*\n"; // mmap(2), mprotect(2), brk(2), as fault.c tells them

    /** What is done, each step with what it is known by. */
    private enum Scenario {
        /** The first command's end is the jail's. */
        FOUR_ARGUMENTS("step create jail -n www TREE jail.example.org ADDRESS IN_JAIL"),
        /** A jail without processes, into which another command comes. */
        PERSISTENT("step create jail -c name=www path=TREE host.hostname=jail.example.org ip4.addr=ADDRESS persist",
                "step execute jexec www IN_JAIL", "step remove jail -r www"),
        OWN_NETWORK("step create jail -c name=www path=TREE host.hostname=jail.example.org vnet ip4.addr=ADDRESS"
                + " exec.start=\"IN_JAIL\" exec.clean=0 persist", "step remove jail -r www"),
        SEVERAL_ADDRESSES("step create jail -c name=www path=TREE host.hostname=jail.example.org ip4.addr=ADDRESS,10.7.0.3"
                + " command=IN_JAIL"),
        PROGRAMS("step create jail -c name=www path=TREE host.hostname=jail.example.org ip4.addr=ADDRESS"
                + " exec.allow=/bin/busybox,/bin/net,/bin/show command=IN_JAIL"),
        CHANGED("step create jail -c jid=77 name=www path=TREE ip4.addr=ADDRESS persist",
                "step readdress jail -m jid=77 ip4.addr=10.7.0.3 host.hostname=changed",
                "step rename jail -m jid=77 name=other persist", "step remove jail -r 77"),
        MOUNTS_AND_LIMITS("step create jail -c name=www path=TREE host.hostname=jail.example.org ip4.addr=ADDRESS"
                + " mount=\"SOURCE TREE/data nullfs ro 0 0\" rctl.maxproc=50 rctl.nsemop=3 command=IN_JAIL");

        private final List<String> steps;

        Scenario(String... steps) {
            this.steps = List.of(steps);
        }

        String script(Path results) {
            var script = new StringBuilder("PATH=" + Host.BIN + ":$PATH; cd " + results + "\nstep() { name=$1; shift; "
                    + "\"$@\" >$name.out 2>$name.errors </dev/null; echo $? >$name.status; }\n");
            for (var step : steps) {
                script.append(step.replace("IN_JAIL", IN_JAIL).replace("TREE", TREE.toString()).replace("ADDRESS", ADDRESS)
                        .replace("SOURCE", WORK.toString())).append('\n');
            }
            return script.append("exit 0\n").toString();
        }
    }

    /** A call of a process: who it is by its descent, see fault.c, what it is called in the end, and which of its calls. */
    private record Point(String who, String name, int call) {
    }

    /** What a step came to. */
    private record Step(String name, int status, String out, String errors) {
    }

    private record Outcome(String hit, List<Step> steps) {
    }

    @ParameterizedTest
    @EnumSource
    void aProcessKilledAtSomeOfItsCallsLeavesNothing(Scenario scenario) {
        new Trial(scenario).at(Points.SOME, List.of("kill"));
    }

    @ParameterizedTest
    @EnumSource
    void someCallsThatFailLeaveTheJailWholeOrNothing(Scenario scenario) {
        new Trial(scenario).at(Points.SOME, List.of("any"));
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void aProcessKilledAtAnyOfItsCallsLeavesNothing(Scenario scenario) {
        new Trial(scenario).at(Points.ALL, List.of("kill"));
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void anyCallThatFailsLeavesTheJailWholeOrNothing(Scenario scenario) {
        new Trial(scenario).at(Points.ALL, List.of("ENOMEM", "any"));
    }

    private enum Points {
        SOME, ALL
    }

    /** In a normal run there is time for so many of each scenario. */
    private static final int SOME = Integer.getInteger("crash.some", 5);

    /** Of a run that takes hours, a part: the scenarios that match. */
    private static final String ONLY = System.getProperty("crash.only", ".*");

    /** One scenario with all its interruptions, on a host of its own, and on a new one after each failure. */
    private static final class Trial {
        private final Scenario scenario;
        private final List<String> failures = new ArrayList<>();
        private Host host;
        private String networkBefore;
        private List<Step> expected;
        private List<Point> points;

        Trial(Scenario scenario) {
            this.scenario = scenario;
        }

        private void at(Points which, List<String> faults) {
            assumeTrue(scenario.name().matches(ONLY));
            long seed = Long.getLong("crash.seed", System.nanoTime() & 0xffff);
            var random = new Random(seed);
            begin();
            int step = which == Points.ALL ? 1 : Math.max(1, points.size() / SOME);
            System.out.println(scenario + ": " + points.size() + " calls, each " + step + "th of them, crash.seed=" + seed);
            try {
                for (int i = random.nextInt(step); i < points.size(); i += step) {
                    for (var fault : faults) {
                        tryOut(points.get(i), fault.equals("any") ? any(random) : fault);
                    }
                }
            } finally {
                host.close();
            }
            assertEquals("", String.join("\n", failures));
        }

        private static String any(Random random) {
            return ERRNOS.keySet().stream().sorted().toList().get(random.nextInt(ERRNOS.size()));
        }

        /** Finds what there is to be interrupted, and what comes of it if it is not. */
        private void begin() {
            restart();
            var report = WORK.resolve("report");
            var result = run(report, "count");
            expected = result.steps;
            expected.forEach(step -> assertEquals(new Step(step.name, 0, step.out, ""), step));
            points = Host.read(report).lines().map(line -> line.split(" ")).flatMap(words -> IntStream.rangeClosed(1,
                    Integer.parseInt(words[1])).mapToObj(call -> new Point(words[0], words[2], call))).toList();
            var counts = new TreeMap<String, Integer>();
            points.forEach(point -> counts.merge(point.who + " " + point.name, 1, Integer::sum));
            System.out.println(scenario + ": " + counts);
            assertWholeOrGone("none");
        }

        private void restart() {
            if (host != null) {
                host.close();
            }
            host = Host.withLimits("10.7.0.1");
            host.jail("-c", "vnet", "path=" + TREE, "rctl.maxproc=9", "command=true").said(); // makes what stays
            host.jail(TREE, "jail", ADDRESS, "true").said();
            networkBefore = network();
        }

        private String network() {
            return host.run("sh", "-c", "ip -o link; ip rule; ip route show table all; cat /proc/sys/net/ipv4/ip_forward").out();
        }

        /** The host's numbers of users as those of the jail: the rest is the jid. */
        private static String withoutJid(String text) {
            return Pattern.compile("\\b2\\d{9}\\b").matcher(text)
                    .replaceAll(number -> "" + (Long.parseLong(number.group()) & 0xffff));
        }

        private static Step step(String name, Path results) {
            return new Step(name, Integer.parseInt(Host.read(results.resolve(name + ".status")).strip()),
                    withoutJid(Host.read(results.resolve(name + ".out"))), Host.read(results.resolve(name + ".errors")));
        }

        private Outcome run(Path report, String... fault) {
            var results = WORK.resolve("results");
            Tree.output("rm", "-rf", results.toString());
            try {
                Files.createDirectories(results);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            var words = new ArrayList<>(List.of(Tree.probe("fault").toString(), report.toString()));
            words.addAll(List.of(fault));
            words.addAll(List.of("/bin/sh", "-c", scenario.script(results)));
            var result = host.run(words.toArray(String[]::new));
            assertEquals(0, result.status(), "the status of " + words.subList(0, words.size() - 1));
            return new Outcome(Host.read(report), scenario.steps.stream().map(line -> line.split(" ")[1])
                    .map(name -> step(name, results)).toList());
        }

        /**
         * Of what an unhindered run says, only the end may be missing.
         *
         * @param refused whether calls may have been refused, for whatever reason: the usher's, or for want of an usher
         */
        private static void assertBegins(String whole, String part, boolean refused) {
            var expected = whole.lines().toList();
            var lines = part.lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (!(refused && lines.get(i).matches("(socket|bind|getsockname): E[A-Z]+"))) {
                    assertEquals(i < expected.size() ? expected.get(i) : null, lines.get(i), "line " + (i + 1));
                }
            }
        }

        private void tryOut(Point point, String fault) {
            var report = WORK.resolve("report");
            Outcome outcome = null;
            try {
                outcome = run(report, fault.equals("kill") ? fault : "" + ERRNOS.get(fault), point.who, "" + point.call);
                check(outcome, point, fault);
                assertWholeOrGone(fault);
            } catch (AssertionError | RuntimeException e) {
                var failure = scenario + " " + point + " " + fault + " " + Host.read(report).strip() + "\n    "
                        + (outcome == null ? "" : outcome.steps.stream().map(step -> step.name + " " + step.status + " "
                                + step.errors.strip()).toList()) + "\n    " + e.toString().replace("\n", "\n    ");
                System.out.println(failure);
                failures.add(failure);
                restart();
            }
        }

        private void check(Outcome outcome, Point point, String fault) {
            for (int i = 0; i < expected.size(); i++) {
                var step = outcome.steps.get(i);
                assertBegins(expected.get(i).out, step.out, point.name.matches("jail-(usher|warden)"));
                if (step.status == 0) {
                    assertEquals(expected.get(i).out.lines().count(), step.out.lines().count(), step.name);
                    assertEquals("", step.errors);
                } else if (step.status == 1) {
                    // the second is about exec.start, whose process has told the first
                    assertTrue(step.errors.matches("(jail|jexec): [^\n]*\n(jail: [^\n]*: failed\n)?"), step.toString());
                    assertTrue(!step.errors.contains("internal error"), step.toString());
                } else {
                    // the process itself was killed, or the jail around a command, or Java's runtime had no memory to say more
                    boolean noMemory = outcome.hit.matches(MEMORY);
                    boolean isCommands = point.who.split("\\.").length == 2;
                    assertTrue(noMemory || step.status == KILLED && (fault.equals("kill") || !isCommands), step.toString());
                }
            }
        }

        /** One that has been told to end may be at it still. */
        private static void assertDoneOrEnded(Result result) {
            if (!result.errors().matches("(jail|jexec): (the jail has ended|(jail )?\"[a-z]+\" not found)\n")) {
                result.said();
            }
        }

        /** What is there now is a jail like any other, or nothing; then it can be made anew, and nothing is left. */
        private void assertWholeOrGone(String fault) {
            var found = host.jls("name").said();
            if (!found.isEmpty()) {
                assertTrue(found.matches("www|other"), found);
                if (scenario == Scenario.CHANGED && !fault.equals("kill")) {
                    assertEquals(host.jls("ip4.addr").said() + ":80",
                            host.jexec(found, "net", "bind", "tcp", "0.0.0.0", "80").said());
                }
                assertDoneOrEnded(host.jexec(found, "true"));
                assertDoneOrEnded(host.jail("-r", found));
                host.jls().said();
            }
            host.assertNothingLeft();
            assertEquals(networkBefore, network());
            assertEquals("again", host.jail("-n", "www", TREE, "jail", ADDRESS, "echo", "again").said());
            host.assertNothingLeft();
        }
    }
}
