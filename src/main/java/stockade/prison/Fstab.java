package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * fstab(5): a line for each mount, of words between blanks: source, target, type, options, and two numbers, of which the
 * last three words may be missing. In source and target a byte is written as \ and three octal digits if it is a blank, a
 * # or a \ itself, for which there are \s, \t, \n and \\ too. A # that begins a word begins a comment.
 */
final class Fstab {
    /** What was asked for in one line, in its words. */
    record Line(String source, String target, String type, String options) {
    }

    private static final int MOST_WORDS = 6;
    private static final int SIZE = 1 << 20;

    private Fstab() {
    }

    /** The lines of a file, at most 1 MiB. @throws JailException if it can't be read */
    static List<String> lines(String file) {
        try (var fstab = Files.open(file, Files.O_RDONLY)) {
            var content = fstab.readUpTo(SIZE + 1);
            if (content.length > SIZE) {
                throw new JailException(file + ": File too large");
            }
            return Bytes.split(Bytes.toString(content), '\n');
        } catch (KernelException e) {
            throw new JailException(file + ": " + e.errno().text());
        }
    }

    /**
     * What a line says: nothing, or one thing.
     *
     * @throws JailException if it says too little, or nothing that can be understood
     */
    static List<Line> parse(String line) {
        var words = words(line);
        if (words.isEmpty()) {
            return List.of();
        }
        if (words.size() < 3) {
            throw new JailException(line + ": missing information");
        }
        if (words.size() > MOST_WORDS || !words.subList(Math.min(4, words.size()), words.size()).stream().allMatch(Jid::isNumeric)) {
            throw new JailException(line + ": fstab parse error");
        }
        return List.of(new Line(plain(words.get(0), line), plain(words.get(1), line), words.get(2),
                words.size() > 3 ? words.get(3) : ""));
    }

    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        int at = 0;
        while (at < line.length()) {
            if (isBlank(line.charAt(at))) {
                at++;
                continue;
            }
            if (line.charAt(at) == '#') {
                break;
            }
            int from = at;
            while (at < line.length() && !isBlank(line.charAt(at))) {
                at++;
            }
            words.add(line.substring(from, at));
        }
        return words;
    }

    private static boolean isBlank(char c) {
        return Bytes.isBlank(c) || c == '\n' || c == '\f' || c == 0x0b;
    }

    /** A word with what its escapes stand for. */
    private static String plain(String word, String line) {
        var plain = new StringBuilder();
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            int digits = Math.min(i + 4, word.length());
            int octal = octal(word.substring(i + 1, digits));
            int letter = i + 1 < word.length() ? "\\stn".indexOf(word.charAt(i + 1)) : -1;
            if (octal > 0) {
                plain.append((char) octal);
                i += 3;
            } else if (letter >= 0) {
                plain.append("\\ \t\n".charAt(letter));
                i++;
            } else {
                throw new JailException(line + ": fstab parse error");
            }
        }
        return plain.toString();
    }

    /** The value of three octal digits; -1 if these are none, or of no byte. */
    private static int octal(String digits) {
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '7') {
                return -1;
            }
            value = value * 8 + c - '0';
        }
        return digits.length() == 3 && value < 256 ? value : -1;
    }
}
