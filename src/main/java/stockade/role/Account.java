package stockade.role;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/** A user as passwd(5) and group(5) describe it; {@code groups} are all, the first one included. */
public record Account(String name, int uid, int gid, List<Integer> groups, String home, String shell) {
    private static final long MAX_DATABASE = 16 << 20;

    /** Looks a user up in /etc/passwd by name or, if there is no such name, by uid. */
    public static Optional<Account> find(String user) {
        var users = rows("/etc/passwd");
        return users.stream().filter(row -> row.length >= 7 && row[0].equals(user)).findFirst()
                .or(() -> users.stream().filter(row -> row.length >= 7 && row[2].equals(user)).findFirst())
                .flatMap(Account::of);
    }

    private static Optional<Account> of(String[] row) {
        try {
            int gid = Integer.parseInt(row[3]);
            var groups = new ArrayList<Integer>();
            groups.add(gid);
            for (var group : rows("/etc/group")) {
                if (group.length >= 4 && List.of(group[3].split(",")).contains(row[0])) {
                    groups.add(Integer.parseInt(group[2]));
                }
            }
            return Optional.of(new Account(row[0], Integer.parseInt(row[2]), gid,
                    groups.stream().distinct().toList(), row[5], row[6].isEmpty() ? "/bin/sh" : row[6]));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The database may be a hostile jail's: it is read only if it is a plain file of a sane size. */
    private static List<String[]> rows(String database) {
        try (var file = Files.open(database, Files.O_RDONLY | Files.O_NONBLOCK)) {
            return rows(file);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT) {
                return List.of();
            }
            throw e;
        }
    }

    private static List<String[]> rows(Descriptor file) {
        var stat = Files.stat(file);
        var rows = new ArrayList<String[]>();
        if (stat.isRegular() && stat.size() <= MAX_DATABASE) {
            for (var line : Bytes.toString(file.readAll()).split("\n")) {
                rows.add(line.split(":", -1));
            }
        }
        return rows;
    }
}
