package stockade.prison;

import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.FileLocks;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * Which jails live: the warden of a jail locks the byte of {@value #FILE} that its jid counts (see {@link FileLocks}), until it has
 * ended, however it ends. Part of the {@link Registry}.
 */
public final class Lives {
    static final String FILE = Registry.ROOT + "/lives";

    /** Bytes from here on say of jails that they have given themselves another hostname, or have tried. */
    private static final int RENAMED = Jid.MAX + 1;

    private final FileLocks locks;

    private Lives(FileLocks locks) {
        this.locks = locks;
    }

    static void create() {
        Files.create(FILE, 0600, "");
    }

    /** The file, to lock something there. */
    public static Descriptor open() {
        return Files.open(FILE, Files.O_RDONLY);
    }

    /** Says of a jail that it lives, as long as what is returned is open. @throws KernelException ENOLCK */
    static Descriptor begin(Jid jid) {
        var life = open();
        try {
            FileLocks.lock(life, jid.number());
            return life;
        } catch (RuntimeException e) {
            life.close();
            throw e;
        }
    }

    static boolean has(Jid jid) {
        try (var lives = open()) {
            return FileLocks.isLocked(lives, jid.number());
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT) {
                return false; // there has been no jail yet
            }
            throw e;
        }
    }

    /** Says of a jail that its superuser may have given it another hostname, as long as the file is open: jls(8) asks for it then. */
    public static void noteRenamed(Descriptor lives, Jid jid) {
        FileLocks.lock(lives, RENAMED + jid.number());
    }

    /** All that can be told at once. */
    static Lives now() {
        return new Lives(FileLocks.of(FILE));
    }

    /** The jids of jails that live, ascending. Some may be missing, of which {@link #has} tells. */
    int[] jids() {
        return locks.below(RENAMED);
    }

    /** Whether a jail may have given itself another hostname, if all has been told. */
    boolean mayBeRenamed(int jid) {
        return locks.isLocked(RENAMED + jid);
    }
}
