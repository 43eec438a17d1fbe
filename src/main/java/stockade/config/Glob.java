package stockade.config;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;

/** The paths that a pattern of glob(7) stands for. */
final class Glob {
    private final Source source;

    Glob(Source source) {
        this.source = source;
    }

    /** Whether a path has what makes it a pattern: *, ? or a set in brackets, without a backslash before. */
    static boolean isPattern(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '*' || c == '?' || c == '[' && GlobPart.setEnd(path, i) >= 0) {
                return true;
            }
            if (c == '\\') {
                i++;
            }
        }
        return false;
    }

    /**
     * Those that there are, in order of their bytes.
     *
     * @param directory what a relative pattern is based on: empty, or with a slash at its end
     */
    List<String> matches(String directory, String pattern) {
        List<String> paths = List.of(pattern.startsWith("/") ? "/" : directory);
        var parts = Bytes.split(pattern, '/');
        for (int i = 0; i < parts.size(); i++) {
            var part = new GlobPart(parts.get(i));
            var slash = i + 1 < parts.size() ? "/" : "";
            var longer = new ArrayList<String>();
            for (var path : paths) {
                if (part.isEmpty()) {
                    longer.add(path); // of two slashes, or at an end
                } else if (part.isLiteral()) {
                    longer.add(path + part.literal() + slash);
                } else {
                    addMatches(path, part, slash, longer);
                }
            }
            paths = longer;
        }
        var matches = new ArrayList<String>();
        for (var path : paths) {
            if (source.exists(path)) {
                matches.add(path);
            }
        }
        matches.sort((one, other) -> one.compareTo(other));
        return matches;
    }

    private void addMatches(String path, GlobPart part, String slash, List<String> to) {
        for (var name : source.names(path)) {
            if (part.matches(name)) {
                to.add(path + name + slash);
            }
        }
    }
}
