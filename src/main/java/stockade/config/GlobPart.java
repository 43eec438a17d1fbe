package stockade.config;

/** What stands between two slashes in a pattern of glob(7). */
final class GlobPart {
    private final String pattern;

    GlobPart(String pattern) {
        this.pattern = pattern;
    }

    boolean isEmpty() {
        return pattern.isEmpty();
    }

    boolean isLiteral() {
        return !Glob.isPattern(pattern);
    }

    /** The name that it is, if {@link #isLiteral()}. */
    String literal() {
        var name = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            if (pattern.charAt(i) == '\\' && i + 1 < pattern.length()) {
                i++;
            }
            name.append(pattern.charAt(i));
        }
        return name.toString();
    }

    /** Whether a name is one that it stands for; a dot at the name's start it must have itself. */
    boolean matches(String name) {
        if (name.startsWith(".") && !pattern.startsWith(".") && !pattern.startsWith("\\.")) {
            return false;
        }
        int at = 0;
        int p = 0;
        int star = -1; // the last asterisk, which can always take one byte more of the name than it did so far
        int starAt = 0;
        while (at < name.length()) {
            int next = p < pattern.length() ? step(p, name.charAt(at)) : -1;
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                starAt = at;
            } else if (next >= 0) {
                p = next;
                at++;
            } else if (star >= 0) {
                p = star + 1;
                at = ++starAt;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Where the pattern goes on if a byte is what it has at a place, else -1. */
    private int step(int p, char c) {
        char wanted = pattern.charAt(p);
        if (wanted == '?') {
            return p + 1;
        }
        int end = wanted == '[' ? setEnd(pattern, p) : -1;
        if (end >= 0) {
            return isInSet(p + 1, end, c) ? end + 1 : -1;
        }
        if (wanted == '\\' && p + 1 < pattern.length()) {
            return pattern.charAt(p + 1) == c ? p + 2 : -1;
        }
        return wanted == c ? p + 1 : -1;
    }

    private boolean isInSet(int from, int end, char c) {
        boolean negated = pattern.charAt(from) == '!';
        boolean found = false;
        for (int i = negated ? from + 1 : from; i < end; i++) {
            char first = pattern.charAt(i);
            char last = first;
            if (i + 2 < end && pattern.charAt(i + 1) == '-') {
                last = pattern.charAt(i + 2);
                i += 2;
            }
            found |= first <= c && c <= last;
        }
        return found != negated;
    }

    /** The bracket that ends the set that starts at another, or -1; a first one in it is a member. */
    static int setEnd(String pattern, int start) {
        int first = pattern.startsWith("!", start + 1) ? start + 2 : start + 1;
        int end = pattern.indexOf(']', first + 1);
        int slash = pattern.indexOf('/', start);
        return slash >= 0 && slash < end ? -1 : end;
    }
}
