package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.prison.JailException;

/**
 * What a directory's POSIX ACL grants (acl(5)), as getxattr(2) gives it: a version, then eight bytes for each entry, its tag,
 * its rights and an id (include/uapi/linux/posix_acl_xattr.h), all little-endian. Other kinds of ACL are not read.
 */
record Acl(List<Entry> entries) {
    static final String ATTRIBUTE = "system.posix_acl_access";

    /** A directory that has none, or none that says more than its mode. */
    static final Acl NONE = new Acl(List.of());

    private static final int VERSION = 2;
    private static final int USER = 2;
    private static final int GROUP_OF_FILE = 4;
    private static final int GROUP = 8;
    private static final int MASK = 16;

    private record Entry(int tag, int rights, int id) {
        /** Whom it is about, if it is somebody other than the owner, all others, and root. */
        Optional<String> whom(int gid) {
            return switch (tag) {
                case USER -> id == 0 ? Optional.empty() : Optional.of("user " + Integer.toUnsignedString(id));
                case GROUP -> Optional.of("group " + Integer.toUnsignedString(id));
                case GROUP_OF_FILE -> Optional.of("group " + Integer.toUnsignedString(gid));
                default -> Optional.empty();
            };
        }
    }

    /** @throws JailException if it is none of the version that is known */
    static Acl parse(byte[] attribute) {
        if (attribute.length % 8 != 4 || number(attribute, 0, 4) != VERSION) {
            throw new JailException(ATTRIBUTE + ": not an ACL of version " + VERSION);
        }
        var entries = new ArrayList<Entry>();
        for (int at = 4; at < attribute.length; at += 8) {
            entries.add(new Entry(number(attribute, at, 2), number(attribute, at + 2, 2), number(attribute, at + 4, 4)));
        }
        return new Acl(entries);
    }

    private static int number(byte[] b, int at, int length) {
        int n = 0;
        for (int i = length - 1; i >= 0; i--) {
            n = n << 8 | b[at + i] & 0xff;
        }
        return n;
    }

    /**
     * Somebody other than root who is granted a right, the owner and all others apart.
     *
     * @param gid the directory's group
     */
    Optional<String> grantee(int right, int gid) {
        int mask = entries.stream().filter(entry -> entry.tag == MASK).mapToInt(Entry::rights).findFirst().orElse(-1);
        return entries.stream().filter(entry -> (entry.rights & mask & right) != 0)
                .flatMap(entry -> entry.whom(gid).stream()).findFirst();
    }
}
