package stockade.life;

/** How jail(8) writes a parameter's value where blanks separate them (FreeBSD's usr.sbin/jail/state.c). */
public final class Quoting {
    private Quoting() {
    }

    public static String quote(String value) {
        char quote = value.isEmpty() || value.contains("'") ? '"' : value.contains("\"") ? '\''
                : value.contains(" ") || value.contains("\t") ? '"' : 0;
        var s = new StringBuilder();
        if (quote != 0) {
            s.append(quote);
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' || quote != 0 && c == quote) {
                s.append('\\');
            }
            s.append(c);
        }
        return quote != 0 ? s.append(quote).toString() : s.toString();
    }
}
