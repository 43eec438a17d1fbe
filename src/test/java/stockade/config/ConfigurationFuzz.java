package stockade.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stockade.linux.Bytes;
import stockade.linux.Printable;

/** What holds for any bytes that are read as a jail.conf(5), with files that it can include. The target of scripts/fuzz-config. */
public final class ConfigurationFuzz {
    /** Separates the files of an input; the first is the configuration, the others are called 1, 2, ... */
    private static final char SEPARATOR = 0xff;

    private static final Pattern LINE = Pattern.compile("(/etc/[^ ]*) line (\\d+) column (\\d+): .+", Pattern.DOTALL);

    /** What is said of a configuration as a whole. */
    private static final Pattern WHOLE = Pattern.compile("too many errors|/etc/jail.conf: (too large: more than \\d+ bytes of memory|File too large)");

    /** One of so many inputs is also read as a long file without others, which has it so often that there are so many bytes. */
    private static final int SELDOM = 64;
    private static final int LONG = 256 << 10;

    /** What a long file may take, in CPU time, of a coverage counting JVM: some 30 times of what most take. */
    private static final long MAX_NANOSECONDS = 3_000_000_000L;
    private static final int TRIES = 3;

    private ConfigurationFuzz() {
    }

    public static void fuzzerTestOneInput(byte[] input) {
        var text = Bytes.toString(input);
        check(text);
        if ((text.hashCode() & 0x7fffffff) % SELDOM == 0) {
            checkTime(text);
        }
    }

    static void check(String text) {
        var files = Bytes.split(text, SEPARATOR);
        Configuration configuration;
        try {
            configuration = Configuration.parse(Parsed.FILE, source(files));
        } catch (ConfigurationException e) {
            checkErrors(e.errors(), files);
            return;
        }
        for (var jail : configuration.jails()) {
            check(jail, files);
        }
        checkPrinted(configuration);
    }

    private static void checkErrors(List<String> errors, List<String> files) {
        assertFalse(errors.isEmpty());
        for (var error : errors) {
            if (!WHOLE.matcher(error).matches()) {
                checkPosition(error, files);
            }
        }
    }

    static void checkTime(String text) {
        var configuration = Bytes.split(text, SEPARATOR).get(0);
        var source = source(List.of(configuration.repeat(1 + LONG / (1 + configuration.length()))));
        long least = Long.MAX_VALUE;
        for (int i = 0; i < TRIES && least > MAX_NANOSECONDS; i++) {
            long start = cpuTime();
            try {
                Configuration.parse(Parsed.FILE, source);
            } catch (ConfigurationException e) {
                // as good as any
            }
            least = Math.min(least, cpuTime() - start);
        }
        assertTrue(least <= MAX_NANOSECONDS, least + " ns for " + LONG + " bytes");
    }

    private static long cpuTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static FakeSource source(List<String> files) {
        var source = new FakeSource();
        for (int i = 0; i < files.size(); i++) {
            source.file(path(i), files.get(i));
        }
        return source;
    }

    private static String path(int file) {
        return file == 0 ? Parsed.FILE : "/etc/" + file;
    }

    private static void check(Declaration jail, List<String> files) {
        for (var problem : jail.problems()) {
            checkPosition(problem, files);
        }
        var keys = new HashSet<String>();
        for (var setting : jail.settings()) {
            assertTrue(keys.add(ParameterName.key(setting.name())), setting.name());
            assertFalse(setting.name().contains("\0"));
            for (var value : setting.values()) {
                assertFalse(value.contains("\0"));
            }
            checkPosition(setting.position() + ": " + Printable.line(setting.name()) + ".", files);
        }
        var first = jail.settings().get(0);
        assertEquals(ParameterName.isNumber(jail.name()) ? "jid" : "name", first.name());
        assertEquals(List.of(jail.name()), first.values());
        assertFalse(Wildcard.isWildcard(jail.name()));
    }

    /** A line says where something is, which is in one of the files, and is for a terminal. */
    private static void checkPosition(String line, List<String> files) {
        assertTrue(line.chars().allMatch(c -> c >= ' ' && c != 0x7f && c <= 0xff), line);
        Matcher matcher = LINE.matcher(line);
        assertTrue(matcher.matches(), line);
        int file = 0;
        while (file < files.size() && !path(file).equals(matcher.group(1).replace("./", ""))) {
            file++;
        }
        assertTrue(file < files.size() || matcher.group(1).contains("/../") || matcher.group(1).contains("//"), line);
        if (file < files.size()) {
            var lines = Bytes.split(files.get(file), '\n');
            int number = Integer.parseInt(matcher.group(2));
            assertTrue(number >= 1 && number <= lines.size(), line);
            int column = Integer.parseInt(matcher.group(3));
            assertTrue(column >= 1 && column <= lines.get(number - 1).length() + 1, line);
        }
    }

    /** What is declared, written down with all in quotes, declares the same. */
    private static void checkPrinted(Configuration configuration) {
        var printed = new StringBuilder();
        var expected = new ArrayList<String>();
        for (var jail : configuration.jails()) {
            if (jail.problems().isEmpty() && jail.settings().size() < 1000) {
                print(jail, printed);
                expected.add(content(jail));
            }
        }
        if (printed.length() > 1 << 20) {
            return; // variables can say more than a file has room for
        }
        var again = Configuration.parse(Parsed.FILE, new FakeSource().file(Parsed.FILE, printed.toString()));
        assertEquals(expected, again.jails().stream().map(ConfigurationFuzz::content).toList());
    }

    private static String content(Declaration jail) {
        var content = new StringBuilder(jail.name()).append(jail.problems());
        for (var setting : jail.settings()) {
            content.append('\n').append(setting.name()).append(setting.values());
        }
        return content.toString();
    }

    private static void print(Declaration jail, StringBuilder to) {
        to.append(quoted(jail.name())).append(" {\n");
        for (var setting : jail.settings().subList(1, jail.settings().size())) {
            to.append('\t').append(quoted(setting.name()));
            for (int i = 0; i < setting.values().size(); i++) {
                to.append(i == 0 ? " = " : ", ").append(quoted(setting.values().get(i)));
            }
            to.append(";\n");
        }
        to.append("}\n");
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
