package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import stockade.linux.Beneath.Attributes;
import stockade.linux.Bytes;

/** The directories that a program expects to find when it starts, as tmpfiles.d(5) declares them. */
final class RuntimeDirectories {
    static final String DECLARATIONS = "/usr/lib/tmpfiles.d";

    private RuntimeDirectories() {
    }

    static boolean isDeclaration(String path) {
        return path.startsWith(DECLARATIONS + "/") && path.endsWith(".conf");
    }

    /** Those that a file declares, by their paths without links. */
    static List<Contents.Directory> of(String path, Accounts accounts, ObjectFiles files) {
        return parse(Bytes.toString(files.content(path)), accounts::uid, accounts::gid).stream()
                .map(directory -> new Contents.Directory(files.realPath(directory.path()), directory.attributes())).toList();
    }

    /**
     * Those of one file. Lines with specifiers, and kinds that are not directories, are passed over.
     *
     * @param uid the number of a user's name
     * @param gid likewise of a group's
     */
    static List<Contents.Directory> parse(String text, Function<String, OptionalInt> uid,
            Function<String, OptionalInt> gid) {
        var directories = new ArrayList<Contents.Directory>();
        for (var line : Bytes.split(text, '\n')) {
            var words = Bytes.split(line.replace('\t', ' '), ' ').stream().filter(word -> !word.isEmpty()).toList();
            if (words.size() < 2 || !(words.get(0).startsWith("d") || words.get(0).startsWith("D"))
                    || !words.get(1).startsWith("/") || words.get(1).indexOf('%') >= 0) {
                continue;
            }
            directories.add(new Contents.Directory(words.get(1), new Attributes(mode(word(words, 2)),
                    uid.apply(word(words, 3)).orElse(0), gid.apply(word(words, 4)).orElse(0))));
        }
        return directories;
    }

    private static String word(List<String> words, int i) {
        return i < words.size() ? words.get(i) : "-";
    }

    private static int mode(String word) {
        try {
            return Bytes.number("0" + (word.startsWith("~") || word.startsWith(":") ? word.substring(1) : word)) & 07777;
        } catch (NumberFormatException e) {
            return 0755; // "-"
        }
    }
}
