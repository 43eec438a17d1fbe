package stockade.role;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;
import stockade.prison.Jid;

/** A user as passwd(5) and group(5) describe it; {@code groups} are all, the first one included. */
public record Account(String name, int uid, int gid, List<Integer> groups, String home, String shell) {
    private static final long MAX_DATABASE = 2 << 20;

    /** @throws JailException if a number is not one that a jail has; -1 is no user but "leave it" to setresuid(2) */
    public Account {
        for (int id : Stream.concat(Stream.of(uid, gid), groups.stream()).toList()) {
            if (id < 0 || id >= Jid.IDS) {
                throw new JailException(name + ": " + id + " is not between 0 and " + (Jid.IDS - 1));
            }
        }
    }

    /** Looks a user up in /etc/passwd by name or, if there is no such name, by uid. */
    public static Optional<Account> find(String user) {
        var users = rows("/etc/passwd");
        return users.stream().filter(row -> row.size() >= 7 && row.get(0).equals(user)).findFirst()
                .or(() -> users.stream().filter(row -> row.size() >= 7 && row.get(2).equals(user)).findFirst())
                .flatMap(Account::of);
    }

    /** A user's number, by name or given as a number. */
    public static OptionalInt uid(String user) {
        return id("/etc/passwd", user);
    }

    /** A group's number, by name or given as a number. */
    public static OptionalInt gid(String group) {
        return id("/etc/group", group);
    }

    private static OptionalInt id(String database, String name) {
        try {
            long number = name.startsWith("-") ? -1 : Bytes.unsigned(name);
            return number < 0 || number == 0xffffffffL ? OptionalInt.empty() : OptionalInt.of((int) number);
        } catch (NumberFormatException e) {
            for (var row : rows(database)) {
                if (row.size() >= 3 && row.get(0).equals(name)) {
                    return OptionalInt.of((int) Bytes.unsigned(row.get(2)));
                }
            }
            return OptionalInt.empty();
        }
    }

    private static Optional<Account> of(List<String> row) {
        try {
            int gid = Bytes.decimal(row.get(3));
            var groups = new ArrayList<Integer>();
            groups.add(gid);
            for (var group : rows("/etc/group")) {
                if (group.size() >= 4 && Bytes.split(group.get(3), ',').contains(row.get(0))) {
                    groups.add(Bytes.decimal(group.get(2)));
                }
            }
            return Optional.of(new Account(row.get(0), Bytes.decimal(row.get(2)), gid,
                    groups.stream().distinct().toList(), row.get(5), row.get(6).isEmpty() ? "/bin/sh" : row.get(6)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The database may be a hostile jail's: it is read only if it is a plain file of a sane size. */
    private static List<List<String>> rows(String database) {
        try (var file = Files.open(database, Files.O_RDONLY | Files.O_NONBLOCK)) {
            return rows(database, file);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT) {
                return List.of();
            }
            throw e;
        }
    }

    private static List<List<String>> rows(String database, Descriptor file) {
        var stat = Files.stat(file);
        var rows = new ArrayList<List<String>>();
        if (stat.size() > MAX_DATABASE) {
            throw new JailException(database + ": File too large");
        }
        if (stat.isRegular()) {
            for (var line : Bytes.split(Bytes.toString(file.readAll()), '\n')) {
                rows.add(Bytes.split(line, ':'));
            }
        }
        return rows;
    }
}
