package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.List;
import java.util.function.Supplier;

/** The identity and privileges of this process. */
public final class Credentials {
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    private Credentials() {
    }

    public static int effectiveUid() {
        return (int) Native.call(SystemCall.GETEUID);
    }

    /** Becomes a user, with exactly these supplementary groups; irrevocable for other users than root. */
    public static void become(int uid, int gid, List<Integer> groups) {
        setGroups(groups);
        setGid(gid);
        setUid(uid);
    }

    /** Has exactly these supplementary groups. */
    public static void setGroups(List<Integer> groups) {
        try (var list = new Memory(groups.size() * 4)) {
            for (int i = 0; i < groups.size(); i++) {
                list.putInt(i * 4, groups.get(i));
            }
            check(Native.call(SystemCall.SETGROUPS, groups.size(), list.address()), "setgroups");
        }
    }

    /** Sets the real, effective and saved group. */
    public static void setGid(int gid) {
        check(Native.call(SystemCall.SETRESGID, gid, gid, gid), "setgid", gid);
    }

    /** Sets the real, effective and saved user; irrevocable for other users than root. */
    public static void setUid(int uid) {
        check(Native.call(SystemCall.SETRESUID, uid, uid, uid), "setuid", uid);
    }

    /** Has no exec of this process or its children to come gain anything by setuid or file capabilities. */
    public static void setNoNewPrivileges() {
        int setNoNewPrivs = 38; // PR_SET_NO_NEW_PRIVS
        check(Native.call(SystemCall.PRCTL, setNoNewPrivs, 1), "PR_SET_NO_NEW_PRIVS");
    }

    /**
     * Becomes a user that keeps these capabilities (a mask) and no others, until it execs.
     *
     * @param realGid its real group, which serves to know it by
     */
    public static void becomeCapable(int uid, int realGid, int gid, long capabilities) {
        int setKeepCapabilities = 8; // PR_SET_KEEPCAPS
        check(Native.call(SystemCall.PRCTL, setKeepCapabilities, 1), "PR_SET_KEEPCAPS");
        setGroups(List.of());
        check(Native.call(SystemCall.SETRESGID, realGid, gid, gid), "setgid", realGid);
        setUid(uid);
        setCapabilities(capabilities);
    }

    /**
     * Does something with another effective user and all capabilities. A user namespace made in it belongs to
     * that user, to whom the kernel then charges what is used in it (inotify, timers, queued signals, mqueues)
     * beside the namespace's own users.
     */
    public static <T> T as(int uid, Supplier<T> action) {
        int setSecurebits = 28; // PR_SET_SECUREBITS
        int noSetuidFixup = 4;
        check(Native.call(SystemCall.PRCTL, setSecurebits, noSetuidFixup), "PR_SET_SECUREBITS");
        check(Native.call(SystemCall.SETRESUID, -1, uid, -1), "seteuid", uid);
        try {
            return action.get();
        } finally {
            check(Native.call(SystemCall.SETRESUID, -1, 0, -1), "seteuid", 0);
            check(Native.call(SystemCall.PRCTL, setSecurebits, 0), "PR_SET_SECUREBITS");
        }
    }

    /** Keeps only the capabilities of a mask, in every set; those dropped can't come back by any exec. */
    public static void keepCapabilities(long kept) {
        for (int capability = 0; capability < 64; capability++) {
            if ((kept >> capability & 1) == 0) {
                long result = Native.call(SystemCall.PRCTL, PR_CAPBSET_DROP, capability);
                if (Errno.EINVAL.is(result)) {
                    break; // past the last capability of this kernel
                }
                check(result, "drop capability", capability);
            }
        }
        setCapabilities(kept);
    }

    /** Keeps only the capabilities of a mask, until the next exec. */
    public static void setCapabilities(long kept) {
        try (var header = new Memory(8).putInt(0, LINUX_CAPABILITY_VERSION_3); var data = new Memory(24)) {
            data.putInt(0, (int) kept).putInt(4, (int) kept); // effective, permitted
            data.putInt(12, (int) (kept >> 32)).putInt(16, (int) (kept >> 32));
            check(Native.call(SystemCall.CAPSET, header.address(), data.address()), "capset");
        }
    }

    /**
     * Makes this process, and its children until they exec, closed to ptrace(2) and to /proc/PID/mem, fd,
     * root and kin for everybody without CAP_SYS_PTRACE in the host's own user namespace.
     */
    public static void makeUndumpable() {
        check(Native.call(SystemCall.PRCTL, PR_SET_DUMPABLE, 0), "PR_SET_DUMPABLE");
    }

    /** Has this process killed when its parent dies. A change of user afterwards would undo it. */
    public static void dieWithParent() {
        check(Native.call(SystemCall.PRCTL, PR_SET_PDEATHSIG, Signals.SIGKILL), "PR_SET_PDEATHSIG");
    }
}
