package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import stockade.linux.Bytes;

/**
 * The host's users and groups (passwd(5), group(5)), of which a tree gets those of the system that matter in it, without
 * passwords.
 */
final class Accounts {
    /** Those below are every Debian system's alike (base-passwd); those up to {@link #LAST_SYSTEM} come with packages. */
    private static final int FIRST_OF_PACKAGES = 100;
    private static final int LAST_SYSTEM = 999;
    private static final int NOBODY = 65534;

    private final List<List<String>> users;
    private final List<List<String>> groups;

    /**
     * @param passwd the content of /etc/passwd
     * @param group  the content of /etc/group
     */
    Accounts(String passwd, String group) {
        users = rows(passwd, 7);
        groups = rows(group, 4);
    }

    private static List<List<String>> rows(String text, int fields) {
        return Bytes.split(text, '\n').stream().map(line -> Bytes.split(line, ':'))
                .filter(row -> row.size() == fields && number(row.get(2)).isPresent()).toList();
    }

    private static OptionalInt number(String text) {
        try {
            return OptionalInt.of((int) Bytes.unsigned(text));
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    OptionalInt uid(String name) {
        return number(users, name);
    }

    OptionalInt gid(String name) {
        return number(groups, name);
    }

    private static OptionalInt number(List<List<String>> rows, String name) {
        return rows.stream().filter(row -> row.get(0).equals(name)).findFirst()
                .map(row -> number(row.get(2))).orElse(OptionalInt.empty());
    }

    /** Where a user is at home; empty if there is no such user. */
    Optional<String> home(String name) {
        return users.stream().filter(row -> row.get(0).equals(name)).findFirst().map(row -> row.get(5));
    }

    /** The names of those that came with packages. */
    List<String> namesOfPackages() {
        return users.stream().filter(row -> isOfPackage(number(row.get(2)).getAsInt())).map(row -> row.get(0)).toList();
    }

    private static boolean isOfPackage(int id) {
        return id >= FIRST_OF_PACKAGES && id <= LAST_SYSTEM;
    }

    /**
     * The lines of a tree's /etc/passwd.
     *
     * @param named  the names of packages' users that are to be among them
     * @param owners the users that own something there
     * @param shells whether the tree has a shell
     */
    String passwd(Set<String> named, Set<Integer> owners, Predicate<String> shells) {
        var lines = new ArrayList<String>();
        for (var row : users) {
            int uid = number(row.get(2)).getAsInt();
            if (isWanted(uid, row.get(0), named, owners)) {
                lines.add(String.join(":", List.of(row.get(0), "*", row.get(2), row.get(3), row.get(4), row.get(5),
                        uid != 0 || shells.test(row.get(6)) ? row.get(6) : "/bin/sh")));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    /**
     * The lines of its /etc/group: those of its users, and those that own something.
     *
     * @param named the names of packages' users that are in its passwd
     */
    String group(Set<String> named, Set<Integer> uids, Set<Integer> gids) {
        var wanted = new ArrayList<Integer>(gids);
        for (var row : users) {
            if (isWanted(number(row.get(2)).getAsInt(), row.get(0), named, uids)) {
                number(row.get(3)).ifPresent(wanted::add);
            }
        }
        var lines = new ArrayList<String>();
        for (var row : groups) {
            int gid = number(row.get(2)).getAsInt();
            if (isWanted(gid, row.get(0), named, Set.of()) || wanted.contains(gid)) {
                var members = Bytes.parts(row.get(3), ',').stream()
                        .filter(name -> isWanted(uid(name).orElse(-1), name, named, uids)).toList();
                lines.add(String.join(":", List.of(row.get(0), "*", row.get(2), String.join(",", members))));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static boolean isWanted(int id, String name, Set<String> named, Set<Integer> owners) {
        return id >= 0 && id < FIRST_OF_PACKAGES || id == NOBODY || owners.contains(id)
                || isOfPackage(id) && named.contains(name);
    }
}
