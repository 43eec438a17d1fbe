package stockade.linux;

import static stockade.linux.KernelException.check;

/**
 * Landlock: what a process takes from itself and its children for good (landlock(7)). A right that a set of rules
 * handles is refused wherever no rule gives it.
 */
public final class Landlock {
    /** To execute a file, as a program, as the interpreter of a script, or as that of an ELF file (PT_INTERP). */
    public static final long EXECUTE = 1;
    /**
     * To link or rename into another directory. Once anything is handled it is refused where no rule gives it, whether it
     * is handled or not (security/landlock/fs.c, 5.19 and later).
     */
    public static final long REFER = 1 << 13;

    private static final int VERSION = 1;
    private static final int RULE_PATH_BENEATH = 1;

    private Landlock() {
    }

    /** The version of Landlock that this kernel has and uses; 2 is that of Linux 5.19, the first with {@link #REFER}. */
    public static int version() {
        return (int) check(Native.call(SystemCall.LANDLOCK_CREATE_RULESET, 0, 0, VERSION), "Landlock");
    }

    /** A set without rules that handles rights to files. */
    public static Descriptor handle(long rights) {
        try (var attributes = new Memory(8).putLong(0, rights)) {
            return new Descriptor(check(Native.call(SystemCall.LANDLOCK_CREATE_RULESET, attributes.address(), 8, 0),
                    "landlock_create_ruleset"));
        }
    }

    /** Gives rights to a file, under all of its names, or to a directory and all that is below it. */
    public static void give(Descriptor rules, long rights, String path) {
        try (var file = Files.open(path, Files.O_PATH | Files.O_NOFOLLOW); var rule = new Memory(12)) {
            rule.putLong(0, rights).putInt(8, file.number());
            check(Native.call(SystemCall.LANDLOCK_ADD_RULE, rules.number(), RULE_PATH_BENEATH, rule.address(), 0),
                    "landlock_add_rule", path);
        }
    }

    /** Holds this process, and those it will fork, to the rules. For one with CAP_SYS_ADMIN in its user namespace. */
    public static void obey(Descriptor rules) {
        check(Native.call(SystemCall.LANDLOCK_RESTRICT_SELF, rules.number(), 0), "landlock_restrict_self");
    }
}
