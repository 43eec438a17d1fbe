package stockade.tree;

import java.util.Optional;

/** A directory on the way from / to a tree, and the tree's own. */
record PathComponent(String path, int mode, int uid, int gid, Acl acl) {
    /** Rights, as in a mode and in an ACL. */
    static final int SEARCH = 1;
    static final int WRITE = 2;

    private static final int STICKY = 01000;

    /**
     * Somebody other than root who has a right, or can take it; empty if nobody does.
     *
     * Any group counts, root's too: there are systems whose services have it and are not root, and who is a member
     * can't be told from its number.
     */
    Optional<String> grantee(int right) {
        if (uid != 0) {
            return Optional.of(owner());
        }
        if ((mode & right) != 0) {
            return Optional.of("others");
        }
        if (acl.equals(Acl.NONE)) {
            return (mode >> 3 & right) != 0 ? Optional.of("group " + Integer.toUnsignedString(gid)) : Optional.empty();
        }
        return acl.grantee(right, gid); // beside one, the group's bits of the mode are its mask
    }

    String owner() {
        return "user " + Integer.toUnsignedString(uid);
    }

    /** Whether only the owners of what is in it, and its own, can rename and remove that. */
    boolean isSticky() {
        return (mode & STICKY) != 0;
    }

    boolean isWritableByOthers() {
        return (mode & WRITE) != 0;
    }
}
