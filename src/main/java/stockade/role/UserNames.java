package stockade.role;

import java.util.HashMap;
import java.util.Map;
import stockade.linux.Beneath;
import stockade.linux.Bytes;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.Jail;
import stockade.prison.Jid;
import stockade.prison.Registry;

/**
 * The names that a jail's /etc/passwd gives its users. It may be a hostile jail's: it is looked for within the jail's root,
 * read only if it is a plain file of a sane size, and no name is taken that would not look like one in a table.
 */
public final class UserNames {
    private static final int MAX_FILE = 2 << 20;
    private static final int MAX_NAME = 32; // as useradd(8) has it

    private final Map<Integer, String> names;

    private UserNames(Map<Integer, String> names) {
        this.names = names;
    }

    /** Those of a running jail; none if there is no such file. */
    public static UserNames of(Jail jail) {
        try (var root = new Beneath(Registry.root(jail.jid())); var file = root.read("/etc/passwd")) {
            var stat = Files.stat(file);
            return parse(stat.isRegular() && stat.size() <= MAX_FILE ? file.readUpTo((int) stat.size()) : new byte[0]);
        } catch (KernelException e) {
            return new UserNames(Map.of());
        }
    }

    /** Of several names of a user the first counts. */
    static UserNames parse(byte[] passwd) {
        var names = new HashMap<Integer, String>();
        int start = 0;
        for (int end = 0; end <= passwd.length; end++) {
            if (end == passwd.length || passwd[end] == '\n') {
                take(passwd, start, end, names);
                start = end + 1;
            }
        }
        return new UserNames(names);
    }

    private static void take(byte[] passwd, int start, int end, Map<Integer, String> names) {
        int name = field(passwd, start, end);
        int password = field(passwd, name + 1, end);
        int uid = field(passwd, password + 1, end);
        if (password + 1 >= end || uid - password > 6 || !isName(passwd, start, name)) {
            return;
        }
        try {
            int number = Bytes.decimal(Bytes.toString(passwd, password + 1, uid));
            if (number >= 0 && number < Jid.IDS) {
                names.putIfAbsent(number, Bytes.toString(passwd, start, name));
            }
        } catch (NumberFormatException e) {
            return; // nobody's
        }
    }

    /** Where the field ends that starts somewhere. */
    private static int field(byte[] passwd, int start, int end) {
        int at = start;
        while (at < end && passwd[at] != ':') {
            at++;
        }
        return at;
    }

    private static boolean isName(byte[] passwd, int start, int end) {
        boolean valid = end > start && end - start <= MAX_NAME;
        for (int i = start; valid && i < end; i++) {
            valid = passwd[i] > ' ' && passwd[i] < 0x7f;
        }
        return valid;
    }

    /** The name of a user, or else the number. */
    public String name(int uid) {
        var name = names.get(uid);
        return name == null ? Integer.toString(uid) : name;
    }
}
