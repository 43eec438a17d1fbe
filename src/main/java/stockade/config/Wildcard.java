package stockade.config;

/**
 * Names with "*" in place of a part: parts are separated by dots, as in the names of jails within jails. A last "*"
 * stands for one or more parts, any other for exactly one.
 */
public final class Wildcard {
    static final String ANY = "*";
    private static final char ANY_CHAR = '*';

    private Wildcard() {
    }

    /** Whether one of the parts of a name is "*". */
    public static boolean isWildcard(String name) {
        for (int at = name.indexOf(ANY_CHAR); at >= 0; at = name.indexOf(ANY_CHAR, at + 1)) {
            if ((at == 0 || name.charAt(at - 1) == '.') && (at + 1 == name.length() || name.charAt(at + 1) == '.')) {
                return true;
            }
        }
        return false;
    }

    /** Whether a jail's name is one of those that a wildcard stands for, or the same name. */
    public static boolean matches(String name, String wildcard) {
        int part = 0;
        int pattern = 0;
        while (true) {
            int partEnd = name.indexOf('.', part);
            int patternEnd = wildcard.indexOf('.', pattern);
            if (partEnd < 0 || patternEnd < 0) {
                var last = wildcard.substring(pattern);
                return last.equals(ANY) || last.equals(name.substring(part));
            }
            var any = wildcard.substring(pattern, patternEnd).equals(ANY);
            if (!any && !name.substring(part, partEnd).equals(wildcard.substring(pattern, patternEnd))) {
                return false;
            }
            part = partEnd + 1;
            pattern = patternEnd + 1;
        }
    }
}
