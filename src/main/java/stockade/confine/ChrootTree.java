package stockade.confine;

import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.Mounts;
import stockade.linux.Processes;
import stockade.linux.Seccomp;
import stockade.linux.SystemCall;

/**
 * The root of a chroot(8): the directory is made the root of a mount namespace of its own, into which the
 * host's mounts and unmounts go on to reach. Nothing lies above such a root, so that whoever gets out of a
 * chroot(2) made inside arrives there and no further.
 */
public final class ChrootTree {
    // of the i386 ABI (arch/x86/entry/syscalls/syscall_32.tbl)
    private static final int I386_CHROOT = 61;
    private static final int I386_CLONE = 120;
    private static final int I386_UNSHARE = 310;
    private static final int I386_CLONE3 = 435;

    private ChrootTree() {
    }

    /** Makes the directory this process's root, and its working directory. */
    public static void enter(String path) {
        Processes.unshare(Processes.CLONE_NEWNS);
        Mounts.makeAllSlaves();
        try (var directory = Files.open(path, Files.O_PATH | Files.O_DIRECTORY)) {
            Tree.enter(Mounts.clone(directory, true));
        }
    }

    /**
     * The filter that hands chroot(2), in each ABI, and the question for the MIB to the usher. As after a chroot(2),
     * and unlike after a pivot_root(2), nobody can make a user namespace; clone3 is as on a kernel without it, so that
     * libc falls back to clone, whose flags a filter can see.
     */
    public static byte[] filter() {
        var native64 = new FilterProgram();
        var i386 = new FilterProgram();
        for (int abi : new int[] {0, FilterProgram.X32_BIT}) {
            addCalls(native64, abi | SystemCall.CHROOT, abi | SystemCall.CLONE, abi | SystemCall.UNSHARE,
                    abi | SystemCall.CLONE3);
        }
        addCalls(i386, I386_CHROOT, I386_CLONE, I386_UNSHARE, I386_CLONE3);
        native64.equal(0, Seccomp.IS_SUPERVISED, FilterProgram.refuse(Seccomp.SUPERVISED))
                .otherwise(FilterProgram.ASK_USHER, SystemCall.SYSCTL);
        return native64.assembleWith(i386);
    }

    private static void addCalls(FilterProgram filter, int chroot, int clone, int unshare, int clone3) {
        filter.onCall(chroot, FilterProgram.ASK_USHER).onCall(clone3, FilterProgram.refuse(Errno.ENOSYS));
        for (int call : new int[] {clone, unshare}) {
            filter.anyBit(0, Processes.CLONE_NEWUSER, FilterProgram.refuse(Errno.EPERM)).endCall(call);
        }
    }
}
