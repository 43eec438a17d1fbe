package stockade.prison;

/**
 * A jail's number, and with it the users that the jail's are to the host: the pair (uid, jid) is the host's
 * uid {@code 2^31 + (jid << 16) + uid}. That half of the range belongs to nobody: systemd's containers and
 * subuid(5) stay below it.
 *
 * @param number 1 to {@value #MAX}; one more would reach the invalid uid 2^32 - 1
 */
public record Jid(int number) {
    public static final int MAX = 32766;

    /** How many users and groups a jail has: 0 to 65535. */
    public static final int IDS = 1 << 16;

    private static final int BASE = 1 << 31;

    public Jid {
        if (number < 1 || number > MAX) {
            throw new JailException("jid " + number + ": not between 1 and " + MAX);
        }
    }

    /** The host's uid of the jail's root, to be read as unsigned. */
    public int rootUid() {
        return BASE + (number << 16);
    }

    /**
     * The host's gid, to be read as unsigned, by which the kernel's programs know the jail's usher: of the range of jid 0,
     * which no jail has.
     */
    public int usherGid() {
        return BASE + number;
    }

    /** A line for /proc/PID/uid_map and gid_map. */
    public String idMap() {
        return "0 " + Integer.toUnsignedString(rootUid()) + " " + IDS + "\n";
    }

    /** Whether a text is a number without sign or leading zeros, and so names a jail by its jid. */
    public static boolean isNumeric(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 9;
        for (int i = 0; digits && i < text.length(); i++) {
            digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return digits;
    }

    @Override
    public String toString() {
        return Integer.toString(number);
    }
}
