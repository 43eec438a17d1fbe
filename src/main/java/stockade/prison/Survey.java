package stockade.prison;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.NoteReader;

/**
 * A look at every jail that lives. Needs no lock of the registry. Of each one its life is asked for and its record read, two system calls,
 * and no memory is taken but for its jid.
 */
public final class Survey implements Listing {
    private int[] jids = new int[64];
    private boolean[] renamed = new boolean[64];
    private int count;
    private List<Jid> dead = List.of();

    private Survey() {
    }

    public static Survey take() {
        var survey = new Survey();
        if (Files.exists(Lives.DIRECTORY)) {
            Lives.forEach(survey::add);
            survey.dead = survey.count == Registry.linked() ? List.of() : survey.others();
        }
        return survey;
    }

    private void add(int jid, boolean mayBeRenamed) {
        if (count == jids.length) {
            jids = Arrays.copyOf(jids, 2 * count);
            renamed = Arrays.copyOf(renamed, 2 * count);
        }
        jids[count] = jid;
        renamed[count++] = mayBeRenamed;
    }

    private List<Jid> others() {
        return Registry.jids().stream().filter(jid -> Arrays.binarySearch(jids, 0, count, jid.number()) < 0 && !Lives.has(jid)).toList();
    }

    /** What else there is of a jail goes with its end, before its record. */
    private static void show(Listed jail, Consumer<Listed> look) {
        try {
            look.accept(jail);
        } catch (KernelException e) {
            if (Lives.has(new Jid(jail.jid()))) {
                throw e;
            }
        }
    }

    /** The jails to be buried; one of them may just have been. */
    public List<Jid> dead() {
        return dead;
    }

    @Override
    public void forEach(Consumer<Listed> look) {
        if (count == 0) {
            return;
        }
        var jail = new Listed();
        try (var directory = Files.open(Registry.RECORDS, Files.O_RDONLY | Files.O_DIRECTORY); var records = new NoteReader(directory)) {
            for (int i = 0; i < count; i++) {
                int length = records.read(jids[i]);
                if (length != NoteReader.NONE) { // it is up, and still there
                    jail.turnTo(jids[i], records.bytes(), length, renamed[i]);
                    show(jail, look);
                }
            }
        }
    }
}
