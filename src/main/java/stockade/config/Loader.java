package stockade.config;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.KernelException;

/** Reads a file and those that it includes. */
final class Loader {
    /** What standard input is called. */
    static final String STDIN_NAME = "STDIN";

    /** How deep files can be included in others, as in FreeBSD. */
    private static final int MAX_DEPTH = 32;

    /** How many bytes a configuration can have, a file that is included twice counted twice. */
    private static final int MAX_SIZE = 8 << 20;

    private final String first;
    private final Source source;
    private final Errors errors = new Errors();
    private final Budget budget;
    private final Script script;
    private final List<String> including = new ArrayList<>();
    private int left = MAX_SIZE;

    Loader(String file, Source source) {
        first = file;
        this.source = source;
        budget = new Budget(file, errors);
        script = new Script(budget);
    }

    Script script() {
        return script;
    }

    Budget budget() {
        return budget;
    }

    Errors errors() {
        return errors;
    }

    /** @throws ConfigurationException with all errors */
    void load() {
        try {
            if (first.equals(Configuration.STDIN)) {
                parse(STDIN_NAME, source.standardInput(readable()), null);
            } else {
                parse(first, source.content(first, readable()), null);
            }
        } catch (KernelException e) {
            errors.add(e.getMessage());
        }
        errors.throwIfAny();
    }

    /**
     * Reads what a file includes.
     *
     * @param pattern a path, or several by glob(7), based on the directory of the file
     * @param from    where it says so
     * @param block   the block that it says so in, or null
     */
    void include(String pattern, Position from, String file, Block block) {
        boolean isRelative = !pattern.startsWith("/") && !file.equals(STDIN_NAME);
        var directory = isRelative ? file.substring(0, file.lastIndexOf('/') + 1) : "";
        if (!Glob.isPattern(pattern)) {
            include(directory + pattern, from, block);
            return;
        }
        for (var path : new Glob(source).matches(directory, pattern)) {
            include(path, from, block);
        }
    }

    private void include(String path, Position from, Block block) {
        if (including.contains(path)) {
            errors.add(from, path + ": include loop");
        } else if (including.size() > MAX_DEPTH) {
            errors.add(from, "maximum include depth exceeded");
        } else {
            try {
                parse(path, source.content(path, readable()), block);
            } catch (KernelException e) {
                errors.add(from, e.getMessage());
            }
        }
    }

    private int readable() {
        return Math.min(left, budget.readable());
    }

    private void parse(String file, String text, Block block) {
        int nul = text.indexOf('\0');
        if (nul >= 0) {
            errors.add(new Lexer(file, text, errors, budget).position(nul), "NUL character");
            return;
        }
        left -= text.length();
        int size = Budget.string(text.length());
        budget.take(size);
        including.add(file);
        new Parser(file, text, block, this).parse();
        including.remove(including.size() - 1);
        budget.give(size);
    }
}
