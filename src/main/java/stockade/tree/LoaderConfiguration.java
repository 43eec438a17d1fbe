package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;

/** The directories that ldconfig(8) is told of, in /etc/ld.so.conf and what that includes. */
final class LoaderConfiguration {
    private static final int MAX_DEPTH = 8;
    private static final String INCLUDE = "include";

    private LoaderConfiguration() {
    }

    static List<String> directories(String path, ObjectFiles files) {
        var directories = new ArrayList<String>();
        read(path, files, MAX_DEPTH, directories);
        return directories;
    }

    private static void read(String path, ObjectFiles files, int depth, List<String> directories) {
        for (var line : Bytes.split(Bytes.toString(files.content(path)), '\n')) {
            int comment = line.indexOf('#');
            var text = Bytes.trim(comment < 0 ? line : line.substring(0, comment));
            if (text.startsWith(INCLUDE + " ") || text.startsWith(INCLUDE + "\t")) {
                include(Bytes.trim(text.substring(INCLUDE.length())), path, files, depth, directories);
            } else if (text.startsWith("/")) {
                int type = text.indexOf('='); // DIRECTORY=TYPE, of old
                var directory = type < 0 ? text : text.substring(0, type);
                directories.add(directory.length() > 1 && directory.endsWith("/")
                        ? directory.substring(0, directory.length() - 1) : directory);
            }
        }
    }

    /** A pattern has its asterisk in the last part, as all that are in use do. */
    private static void include(String pattern, String from, ObjectFiles files, int depth, List<String> directories) {
        var absolute = pattern.startsWith("/") ? pattern : from.substring(0, from.lastIndexOf('/') + 1) + pattern;
        int slash = absolute.lastIndexOf('/');
        int star = absolute.indexOf('*', slash);
        if (depth == 0) {
            return; // it includes itself
        }
        if (star < 0) {
            read(absolute, files, depth - 1, directories);
            return;
        }
        var directory = absolute.substring(0, slash);
        var before = absolute.substring(slash + 1, star);
        var after = absolute.substring(star + 1);
        files.list(directory).stream().sorted()
                .filter(name -> name.length() >= before.length() + after.length() && name.startsWith(before)
                        && name.endsWith(after) && !(name.startsWith(".") && before.isEmpty()))
                .forEach(name -> read(directory + "/" + name, files, depth - 1, directories));
    }
}
