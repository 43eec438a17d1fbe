package stockade.prison;

import java.util.List;

/**
 * What is mounted in a jail's tree. All of it is in the jail's own mount namespace: unlike on FreeBSD nobody on the host sees
 * it, and it ends with the jail.
 *
 * @param entries  in the order in which they are mounted: a later one may lie in an earlier one
 * @param devfs    whether /dev is mounted
 * @param procfs   whether /proc is
 * @param fdescfs  whether /dev has fd, stdin, stdout and stderr, which are links into /proc
 */
public record JailMounts(List<MountEntry> entries, Presence devfs, Presence procfs, boolean fdescfs) {
    /** What a jail has that is not told otherwise. */
    public static final JailMounts DEFAULT = new JailMounts(List.of(), Presence.IF_POSSIBLE, Presence.IF_POSSIBLE, true);

    /** Whether something is mounted. */
    public enum Presence {
        NEVER,
        /** If the tree has the directory: a tree of one static program need not. */
        IF_POSSIBLE,
        ALWAYS
    }
}
