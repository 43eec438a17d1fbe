package stockade.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import stockade.linux.Bytes;

/**
 * What dpkg(1) notes of the host's packages, where it is the package manager: which files a program came with. The packages
 * of one source belong together, as a language's interpreter and its library do.
 */
final class Packages {
    private static final String STATUS = "/var/lib/dpkg/status";
    private static final String LISTS = "/var/lib/dpkg/info";
    private static final String LIST = ".list";
    private static final String SCRIPT = ".postinst";
    /** Files of settings that a package makes when it is installed (ucf(1)): a line has a package and a path. */
    private static final String SETTINGS = "/var/lib/ucf/registry";
    private static final List<String> NOT_TO_RUN = List.of("-dev", "-doc", "-dbg", "-dbgsym", "-src", "-source", "-examples");

    /** Packages of tables that come along if a package depends on them. */
    private static final List<String> TABLES = List.of("tzdata", "media-types", "netbase", "ca-certificates");

    private final ObjectFiles files;
    private final Set<String> asked = new LinkedHashSet<>();
    private List<Package> installed;

    Packages(ObjectFiles files) {
        this.files = files;
    }

    /**
     * @param name   as its list is called: with ":" and an architecture where there may be several
     * @param tables those of {@link #TABLES} that it depends on
     */
    private record Package(String name, String source, List<String> tables) {
        private String plainName() {
            int colon = name.indexOf(':');
            return colon < 0 ? name : name.substring(0, colon);
        }

        private boolean isToRun() {
            return NOT_TO_RUN.stream().noneMatch(plainName()::endsWith);
        }
    }

    /** Which package has which of some files. */
    Map<String, String> owners(Set<String> paths) {
        var byLength = new ArrayList<List<String>>();
        for (var path : paths) {
            while (byLength.size() <= path.length()) {
                byLength.add(new ArrayList<>());
            }
            byLength.get(path.length()).add(path);
        }
        var owners = new HashMap<String, String>();
        for (var list : files.list(LISTS)) {
            if (list.endsWith(LIST)) {
                lines(files.content(LISTS + "/" + list), byLength)
                        .forEach(path -> owners.put(path, list.substring(0, list.length() - LIST.length())));
            }
        }
        return owners;
    }

    /** The paths of all that came with some packages. */
    List<String> filesWith(Set<String> names) {
        asked.addAll(names);
        if (names.isEmpty()) {
            return List.of();
        }
        var sources = installed().stream().filter(p -> names.contains(p.name)).map(Package::source).toList();
        var found = new ArrayList<String>();
        for (var p : installed()) {
            if (sources.contains(p.source) && (p.isToRun() || names.contains(p.name))) {
                found.addAll(filesOf(p.name));
                settings(p.plainName(), found);
                p.tables.forEach(table -> found.addAll(filesOf(table)));
            }
        }
        return found;
    }

    private List<String> filesOf(String name) {
        return Bytes.split(Bytes.toString(files.content(LISTS + "/" + name + LIST)), '\n').stream()
                .filter(path -> !path.isEmpty()).toList();
    }

    /** Whether a package of files that were asked for has a word in what it does to be installed, as a user that it makes. */
    boolean mention(String word) {
        return asked.stream().anyMatch(name -> hasWord(Bytes.toString(files.content(LISTS + "/" + name + SCRIPT)), word));
    }

    private static boolean hasWord(String text, String word) {
        for (int at = -1; (at = text.indexOf(word, at + 1)) >= 0;) {
            int end = at + word.length();
            if ((at == 0 || !isOfWord(text.charAt(at - 1))) && (end == text.length() || !isOfWord(text.charAt(end)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOfWord(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '/' || c == '-';
    }

    private void settings(String name, List<String> found) {
        for (var line : Bytes.split(Bytes.toString(files.content(SETTINGS)), '\n')) {
            if (line.startsWith(name + " ")) {
                found.add(line.substring(line.lastIndexOf(' ') + 1));
            }
        }
    }

    /** Those of some paths that are lines of a list. @param byLength the paths of each length */
    private static List<String> lines(byte[] list, List<List<String>> byLength) {
        var found = new ArrayList<String>();
        int from = 0;
        for (int i = 0; i < list.length; i++) {
            if (list[i] == '\n') {
                if (i - from < byLength.size()) {
                    for (var path : byLength.get(i - from)) {
                        if (isAt(list, from, path)) {
                            found.add(path);
                        }
                    }
                }
                from = i + 1;
            }
        }
        return found;
    }

    private static boolean isAt(byte[] b, int at, String s) {
        for (int i = s.length() - 1; i >= 0; i--) {
            if ((b[at + i] & 0xff) != s.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private List<Package> installed() {
        if (installed == null) {
            installed = parse(Bytes.toString(files.content(STATUS)), new HashSet<>(files.list(LISTS)));
        }
        return installed;
    }

    /** @param lists the names of the lists that there are */
    private static List<Package> parse(String status, Set<String> lists) {
        var packages = new ArrayList<Package>();
        var name = "";
        var source = "";
        var architecture = "";
        var dependencies = "";
        boolean installed = false;
        for (var line : Bytes.split(status + "\n", '\n')) {
            if (line.startsWith("Package: ")) {
                name = line.substring("Package: ".length());
                source = name;
                dependencies = "";
            } else if (line.startsWith("Source: ")) {
                source = Bytes.split(line.substring("Source: ".length()), ' ').get(0);
            } else if (line.startsWith("Architecture: ")) {
                architecture = line.substring("Architecture: ".length());
            } else if (line.startsWith("Depends: ")) {
                dependencies = line;
            } else if (line.startsWith("Status: ")) {
                installed = line.endsWith(" installed");
            } else if (line.isEmpty() && installed) {
                var withArchitecture = name + ":" + architecture;
                var depends = dependencies;
                packages.add(new Package(lists.contains(withArchitecture + LIST) ? withArchitecture : name, source,
                        TABLES.stream().filter(table -> hasWord(depends, table)).toList()));
                installed = false;
            }
        }
        return packages;
    }
}
