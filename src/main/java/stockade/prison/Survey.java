package stockade.prison;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import stockade.linux.Files;
import stockade.linux.NoteReader;

/**
 * A look at every jail. Needs no lock of the registry. Which jails there are is told of all at once; one system call for each remains,
 * and no memory but its jid.
 */
public final class Survey implements Listing {
    private final List<Jid> dead = new ArrayList<>(0);
    private Optional<Lives> lives = Optional.empty();
    private int[] jids = {};
    private int count;
    private boolean anyUntold;

    private Survey() {
    }

    public static Survey take() {
        var survey = new Survey();
        if (Files.exists(Lives.FILE)) {
            survey.look();
        }
        return survey;
    }

    /** Not all that live may have been told, or more, if jails come and go meanwhile: these are all if there were as many before and after. */
    private void look() {
        int before = Registry.linked();
        lives = Optional.of(Lives.now());
        jids = lives.get().jids();
        count = jids.length;
        if (count != before || count != Registry.linked()) {
            lookAtOthers();
        }
    }

    /** Asks each that has not been told. Where one lives, it may be that nothing has been told at all. */
    private void lookAtOthers() {
        var told = jids;
        var all = Registry.jids();
        jids = Arrays.copyOf(told, told.length + all.size());
        for (var jid : all) {
            if (Arrays.binarySearch(told, jid.number()) < 0) {
                if (Lives.has(jid)) {
                    jids[count++] = jid.number();
                    anyUntold = true;
                } else {
                    dead.add(jid);
                }
            }
        }
        Arrays.sort(jids, 0, count);
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
                    jail.turnTo(jids[i], records.bytes(), length, anyUntold || lives.get().mayBeRenamed(jids[i]));
                    look.accept(jail);
                }
            }
        }
    }
}
