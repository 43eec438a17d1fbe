package stockade.prison;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.FileLocks;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Note;

/**
 * A look at every jail. Needs no lock of the registry. Most is told of all at once, in directory and locks; one system call for each
 * jail remains.
 */
public final class Survey implements AutoCloseable {
    private final Optional<Descriptor> jails;
    private final Optional<FileLocks> locks;
    private final List<Files.Entry> alive = new ArrayList<>();
    private boolean anyDead;

    private Survey(Optional<Descriptor> jails) {
        this.jails = jails;
        this.locks = jails.map(directory -> FileLocks.besides(Registry.JAILS));
        jails.ifPresent(directory -> {
            for (var jail : Files.entries(directory, Registry.JAILS)) {
                if (Jid.isNumeric(jail.name())) {
                    note(jail);
                }
            }
        });
        sort();
    }

    public static Survey take() {
        return new Survey(Files.exists(Registry.JAILS)
                ? Optional.of(Files.open(Registry.JAILS, Files.O_RDONLY | Files.O_DIRECTORY)) : Optional.empty());
    }

    private void note(Files.Entry jail) {
        if (locks.get().has(jail.inode()) || isHeld(jail)) {
            alive.add(jail);
        } else {
            anyDead = true;
        }
    }

    /** By their numbers, each of which is read but once. */
    private void sort() {
        var found = List.copyOf(alive);
        var order = new long[found.size()];
        for (int i = 0; i < order.length; i++) {
            order[i] = (long) Bytes.decimal(found.get(i).name()) << 32 | i;
        }
        Arrays.sort(order);
        for (int i = 0; i < order.length; i++) {
            alive.set(i, found.get((int) order[i]));
        }
    }

    private boolean isHeld(Files.Entry jail) {
        try (var directory = Files.open(jails.get(), jail.name(), Files.O_RDONLY | Files.O_DIRECTORY)) {
            return FileLocks.isHeld(directory);
        } catch (KernelException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return true; // it was buried meanwhile
        }
    }

    /** Whether there is a jail to be buried. */
    public boolean anyDead() {
        return anyDead;
    }

    /** The jails that are up, by ascending jid. They are read as the stream comes to them. */
    public Stream<Listed> running() {
        return alive.stream().map(this::read).filter(Optional::isPresent).map(Optional::get);
    }

    /** Nothing if it is not up, or no more. */
    private Optional<Listed> read(Files.Entry jail) {
        return Note.find(jails.get(), jail.name(), "record")
                .map(record -> new Listed(jail.name(), record, locks.get().mayBeMarked(jail.inode())));
    }

    @Override
    public void close() {
        jails.ifPresent(Descriptor::close);
    }
}
