package stockade.role;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;

/**
 * A command to run in a jail.
 *
 * @param argv        empty: the user's shell
 * @param environment as NAME=value
 * @param assignments what it is to have of the environment in any case, as NAME=value
 * @param clean       whether to discard the environment but for TERM (-l), and go to the user's home
 * @param directory   where to run it; empty: the jail's root, or the home if clean
 * @param terminals   for stdin, stdout and stderr, whether the caller's is a terminal and the jail is to
 *                    give the command one of its own instead
 */
public record Command(List<String> argv, List<String> environment, List<String> assignments, User user, boolean clean,
        Optional<String> directory, int umask, boolean background, List<Boolean> terminals) {

    /** Whom a command runs as. */
    public sealed interface User {
        /** The jail's root, with no more said of it. */
        record Root() implements User {
        }

        /** Somebody that the host's user database knows (-u). */
        record OfHost(Account account) implements User {
        }

        /** Somebody to be looked up in the jail (-U). */
        record OfJail(String name) implements User {
        }
    }

    /** The text that {@link #parse} takes. */
    public byte[] format() {
        var text = new ByteArrayOutputStream();
        put(text, argv);
        put(text, environment);
        put(text, assignments);
        switch (user) {
            case User.Root root -> put(text, List.of("root"));
            case User.OfJail(String name) -> put(text, List.of("jail", name));
            case User.OfHost(Account account) -> {
                put(text, List.of("host", account.name(), Integer.toString(account.uid()),
                        Integer.toString(account.gid()), account.home(), account.shell()));
                put(text, account.groups().stream().map(group -> Integer.toString(group)).toList());
            }
        }
        put(text, List.of(Boolean.toString(clean), Integer.toString(umask), Boolean.toString(background)));
        put(text, directory.map(List::of).orElse(List.of()));
        put(text, terminals.stream().map(terminal -> Boolean.toString(terminal)).toList());
        return text.toByteArray();
    }

    private static void put(ByteArrayOutputStream text, List<String> strings) {
        put(text, Integer.toString(strings.size()));
        strings.forEach(s -> put(text, s));
    }

    private static void put(ByteArrayOutputStream text, String s) {
        var bytes = Bytes.of(s);
        text.write(bytes, 0, bytes.length);
        text.write(0);
    }

    public static Command parse(byte[] text) {
        var strings = Bytes.splitAtNul(text).iterator();
        var argv = list(strings);
        var environment = list(strings);
        var assignments = list(strings);
        var user = user(list(strings), strings);
        var settings = list(strings);
        var directory = list(strings);
        var terminals = list(strings).stream().map("true"::equals).toList();
        return new Command(argv, environment, assignments, user, settings.get(0).equals("true"),
                directory.stream().findFirst(), Bytes.decimal(settings.get(1)), settings.get(2).equals("true"), terminals);
    }

    private static User user(List<String> words, Iterator<String> rest) {
        return switch (words.get(0)) {
            case "jail" -> new User.OfJail(words.get(1));
            case "host" -> new User.OfHost(new Account(words.get(1), Bytes.decimal(words.get(2)),
                    Bytes.decimal(words.get(3)), list(rest).stream().map(Bytes::decimal).toList(), words.get(4),
                    words.get(5)));
            default -> new User.Root();
        };
    }

    private static List<String> list(Iterator<String> strings) {
        int size = Bytes.decimal(strings.next());
        var list = new ArrayList<String>(size);
        for (int i = 0; i < size; i++) {
            list.add(strings.next());
        }
        return list;
    }
}
