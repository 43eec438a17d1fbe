package stockade.tree;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import stockade.linux.Descriptor;

/** Finds the texts that a program has in it. */
final class Words {
    private static final int CHUNK = 1 << 16;
    private static final int LONGEST = 64;

    private Words() {
    }

    /**
     * Those of some words that a file has as a C string, or, if they are likely, at the end of one: a compiler stores
     * "ftp" as the end of "sftp". At the end of a sentence it is a word of people's.
     */
    static Set<String> among(List<String> words, Predicate<String> likely, Descriptor file) {
        var found = new HashSet<String>();
        var chunk = new byte[CHUNK];
        for (long at = 0;; at += CHUNK - LONGEST) {
            int length = file.readAt(at, chunk, 0, CHUNK);
            for (int i = 1; i < length; i++) {
                if (chunk[i] == 0 && chunk[i - 1] > ' ') {
                    for (var word : words) {
                        if (endsWith(chunk, i, word, likely)) {
                            found.add(word);
                        }
                    }
                }
            }
            if (length < CHUNK) {
                return found;
            }
        }
    }

    private static boolean endsWith(byte[] b, int end, String word, Predicate<String> likely) {
        if (end < word.length()) {
            return false;
        }
        for (int i = 1; i <= word.length(); i++) {
            if (b[end - i] != word.charAt(word.length() - i)) {
                return false;
            }
        }
        int before = end == word.length() ? 0 : b[end - word.length() - 1];
        return before == 0 || before != ' ' && likely.test(word);
    }
}
