package stockade.life;

import java.util.ArrayList;
import java.util.List;

/**
 * A command of jail.conf(5), as FreeBSD's jail(8) takes it apart: by the shell if there is anything for a shell in it,
 * else at blanks.
 *
 * @param argv       empty: nothing to do
 * @param background whether not to wait for it
 */
record CommandLine(List<String> argv, boolean background) {
    private static final String FOR_A_SHELL = "!\"$&'()*;<>?[\\]`{|}~";
    private static final String BLANKS = " \t\f\u000b\r\n";

    static CommandLine parse(String text) {
        int special = firstForAShell(text);
        boolean background = special >= 0 && special == text.length() - 1 && text.charAt(special) == '&';
        return special < 0 || background ? new CommandLine(words(background ? text.substring(0, special) : text), background)
                : new CommandLine(List.of("/bin/sh", "-c", text), false);
    }

    private static int firstForAShell(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (FOR_A_SHELL.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        int from = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean blank = i == text.length() || BLANKS.indexOf(text.charAt(i)) >= 0;
            if (blank && from >= 0) {
                words.add(text.substring(from, i));
                from = -1;
            } else if (!blank && from < 0) {
                from = i;
            }
        }
        return words;
    }

    @Override
    public String toString() {
        return String.join(" ", argv);
    }
}
