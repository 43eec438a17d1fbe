package stockade.command.jls;

/** Text as sh(1) takes it for one word with nothing in it to be expanded: a jail's superuser may have chosen it. */
final class ShellWord {
    private static final String PLAIN = "%+,-./:=@_";
    private static final String SPECIAL_IN_DOUBLE_QUOTES = "$`\\\"!";

    private ShellWord() {
    }

    /** In double quotes where those do, as FreeBSD's jls has them. */
    static String of(String text) {
        boolean plain = !text.isEmpty();
        boolean special = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            plain = plain && (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || PLAIN.indexOf(c) >= 0);
            special = special || SPECIAL_IN_DOUBLE_QUOTES.indexOf(c) >= 0;
        }
        return plain ? text : special ? "'" + text.replace("'", "'\\''") + "'" : '"' + text + '"';
    }
}
