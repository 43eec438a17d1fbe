package stockade.prison;

import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * A process of a jail, as the host's /proc shows it (proc_pid_stat(5), proc_pid_status(5)).
 *
 * @param pid      as the host numbers processes
 * @param innerPid as the jail does
 * @param uid      its effective user, as the jail numbers users
 * @param state    as ps(1) writes it: R, S, D, T or Z, and then &lt; or N for its priority, s for the leader of a session, + for
 *                 one in the foreground
 * @param ticks    the time that it has used, in hundredths of a second
 * @param name     of its program: bytes of the jail's choosing, as are the arguments
 * @param arguments no more than {@value #MAX_ARGUMENTS} bytes of them; empty if it has none
 */
public record JailProcess(int pid, int innerPid, int uid, String state, long ticks, String name, String arguments) {
    /** Who likes to can give a program more than fits into memory. */
    private static final int MAX_ARGUMENTS = 4096;

    /** A process; empty if it has ended, or is none of the jail's: its warden and its usher are the host's. */
    public static Optional<JailProcess> find(Jid jid, int pid) {
        try (var directory = Files.open("/proc/" + pid, Files.O_RDONLY | Files.O_DIRECTORY)) {
            // from here on it is of this process only, even if another one gets the pid
            var status = text(directory, "status");
            int uid = (int) Bytes.unsigned(field(status, "Uid", 1)) - jid.rootUid();
            var innerPid = field(status, "NSpid", 1);
            if (uid < 0 || uid >= Jid.IDS || innerPid.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(of(pid, Bytes.decimal(innerPid), uid, text(directory, "stat"), arguments(directory)));
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** @param stat its name stands in parentheses and may have some in it; all else are numbers, but for the state */
    static JailProcess of(int pid, int innerPid, int uid, String stat, String arguments) {
        int end = stat.lastIndexOf(')');
        var name = stat.substring(stat.indexOf('(') + 1, end);
        var fields = Bytes.split(stat.substring(end + 2), ' '); // from the third on
        int nice = Bytes.decimal(fields.get(19 - 3));
        var state = fields.get(0) + (nice < 0 ? "<" : nice > 0 ? "N" : "")
                + (fields.get(6 - 3).equals(Integer.toString(pid)) ? "s" : "")
                + (fields.get(5 - 3).equals(fields.get(8 - 3)) ? "+" : "");
        return new JailProcess(pid, innerPid, uid, state, number(fields.get(14 - 3)) + number(fields.get(15 - 3)), name, arguments);
    }

    /** One of the values of a line; empty if it has not that many. */
    private static String field(String status, String name, int index) {
        for (var line : Bytes.split(status, '\n')) {
            if (line.startsWith(name + ":\t")) {
                var values = Bytes.split(line.substring(name.length() + 2), '\t');
                return index < values.size() ? values.get(index) : "";
            }
        }
        return "";
    }

    private static long number(String digits) {
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            value = value * 10 + digits.charAt(i) - '0';
        }
        return value;
    }

    private static String arguments(Descriptor directory) {
        try (var file = Files.open(directory, "cmdline", Files.O_RDONLY)) {
            return Bytes.trim(Bytes.toString(file.readUpTo(MAX_ARGUMENTS)).replace('\0', ' '));
        }
    }

    private static String text(Descriptor directory, String name) {
        try (var file = Files.open(directory, name, Files.O_RDONLY)) {
            return Bytes.toString(file.readAll());
        }
    }
}
