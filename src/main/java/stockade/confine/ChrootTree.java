package stockade.confine;

import java.util.List;
import stockade.linux.Files;
import stockade.linux.Mounts;
import stockade.linux.Processes;
import stockade.linux.SystemCall;

/**
 * The root of a chroot(8): the directory is made the root of a mount namespace of its own, into which the
 * host's mounts and unmounts go on to reach. Nothing lies above such a root, so that whoever gets out of a
 * chroot(2) made inside arrives there and no further.
 */
public final class ChrootTree {
    private static final int I386_CHROOT = 61;
    private static final int X32_CHROOT = 0x40000000 | SystemCall.CHROOT;

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

    /** The filter that hands chroot(2), in each ABI, and the question for the MIB to the usher. */
    public static byte[] filter() {
        return FilterProgram.asking(List.of(SystemCall.CHROOT, X32_CHROOT), List.of(I386_CHROOT));
    }
}
