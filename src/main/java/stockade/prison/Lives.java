package stockade.prison;

import java.util.Arrays;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.FileLocks;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * Which jails live: the warden of a jail locks a byte that is the jid's (see {@link FileLocks}), until it has ended, however it
 * ends. So many jids as {@value #GROUP} have a file together: whoever asks for all opens few, and no lock has many beside it. The byte
 * itself says whether the jail may have given itself another hostname. Part of the {@link Registry}.
 */
public final class Lives {
    static final String DIRECTORY = Registry.ROOT + "/life/";

    private static final int GROUP = 64;
    private static final byte[] NO = new byte[1];
    private static final byte[] YES = {1};

    private Lives() {
    }

    /** Says of a jail that it lives, as long as what is returned is open. @throws KernelException ENOLCK */
    static Descriptor begin(Jid jid) {
        var path = file(jid);
        if (!Files.exists(path)) {
            Files.create(path, 0600, "\0".repeat(GROUP)); // so that later on a full disk is in no jail's way
        }
        var life = Files.open(path, Files.O_RDWR);
        try {
            if (isMarked(life, place(jid))) {
                life.writeAt(place(jid), NO);
            }
            FileLocks.lock(life, place(jid));
            return life;
        } catch (RuntimeException e) {
            life.close();
            throw e;
        }
    }

    private static boolean isMarked(Descriptor life, int place) {
        var mark = new byte[1];
        life.readAt(place, mark, 0, 1);
        return mark[0] != 0;
    }

    static boolean has(Jid jid) {
        try (var life = Files.open(file(jid), Files.O_RDONLY)) {
            return FileLocks.isLocked(life, place(jid));
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT) {
                return false; // none of the group has been there yet
            }
            throw e;
        }
    }

    /** For a jail's usher. */
    public static Descriptor open(Jid jid) {
        return Files.open(file(jid), Files.O_WRONLY);
    }

    /** Says of a jail that its superuser may have given it another hostname: jls(8) asks for it then. */
    public static void noteRenamed(Descriptor life, Jid jid) {
        life.writeAt(place(jid), YES);
    }

    /** What is told of one that lives. */
    interface Look {
        void at(int jid, boolean mayBeRenamed);
    }

    /** All that live, ascending. The directory has to be there. */
    static void forEach(Look look) {
        var groups = Files.numbers(DIRECTORY);
        Arrays.sort(groups);
        var living = new boolean[GROUP];
        var renamed = new byte[GROUP];
        for (int group : groups) {
            try (var life = Files.open(DIRECTORY + group, Files.O_RDONLY)) {
                Arrays.fill(living, false);
                FileLocks.find(life, living);
                life.readAt(0, renamed, 0, GROUP);
            }
            for (int place = 0; place < GROUP; place++) {
                if (living[place]) {
                    look.at(group * GROUP + place, renamed[place] != 0);
                }
            }
        }
    }

    private static String file(Jid jid) {
        return DIRECTORY + jid.number() / GROUP;
    }

    private static int place(Jid jid) {
        return jid.number() % GROUP;
    }
}
