package stockade.command;

import java.util.List;

/**
 * The options of a command line, as getopt(3) takes them: letters in one word, a value in the same word or
 * the next, "--" or the first other word ends them.
 */
final class Options {
    private final String command;
    private final List<String> words;
    private final String letters;
    private int word;
    private int letter;
    private String value;

    /**
     * @param command the name to complain under
     * @param words   what follows it on the command line
     * @param letters the letters accepted, each with ":" behind it if it takes a value
     */
    Options(String command, List<String> words, String letters) {
        this.command = command;
        this.words = words;
        this.letters = letters;
    }

    /**
     * The next option's letter; 0 when there are no more.
     *
     * @throws UsageException if the letter is unknown or its value missing
     */
    char next() {
        if (letter == 0) {
            if (word >= words.size() || !words.get(word).startsWith("-") || words.get(word).equals("-")) {
                return 0;
            }
            if (words.get(word).equals("--")) {
                word++;
                return 0;
            }
            letter = 1;
        }
        var current = words.get(word);
        char option = current.charAt(letter++);
        int known = option == ':' ? -1 : letters.indexOf(option);
        if (known < 0) {
            throw new UsageException(command + ": illegal option -- " + option);
        }
        boolean takesValue = known + 1 < letters.length() && letters.charAt(known + 1) == ':';
        if (takesValue) {
            value = current.substring(letter);
            letter = current.length();
        }
        if (letter == current.length()) {
            letter = 0;
            word++;
            if (takesValue && value.isEmpty()) {
                if (word == words.size()) {
                    throw new UsageException(command + ": option requires an argument -- " + option);
                }
                value = words.get(word++);
            }
        }
        return option;
    }

    /** The value of the option that {@link #next} returned last. */
    String value() {
        return value;
    }

    /** What stands behind the options. */
    List<String> rest() {
        return words.subList(word, words.size());
    }
}
