package stockade.prison;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Note;
import stockade.linux.Processes;
import stockade.network.GivenInterfaces;

/**
 * The jails of this host, below {@value #ROOT}:
 *
 * <pre>
 *   lock              flock(2): held to add or remove a jail
 *   last              the jid given last
 *   life/             which jails live, see {@link Lives}: others that are here are dead
 *   jail/JID/         a jail
 *   jail/JID/making   its parameters, until it is up
 *   jail/JID/former   the same with all addresses of before and after, while it gets others
 *   jail/JID/names    its names of before and after, while it gets another
 *   jail/JID/persist  is there if the jail is, without any process
 *   jail/JID/allow    what it was told that it may do, see {@link Permissions}
 *   jail/JID/init     a symbolic link to /proc/PID, the PID being init's
 *   jail/JID/control  the warden's socket
 *   jail/JID/network, home, interfaces  see {@link GivenInterfaces}
 *   record/JID        a jail's parameters, once it is up
 *   name/NAME         a symbolic link to the JID that has the name
 *   address/ADDRESS/  an address of jails
 *   address/ADDRESS/JID  one that has it
 *   alias/ADDRESS     the alias that was added to an interface of the host for its jails, if it was
 *   mib               see {@link Mib}
 * </pre>
 *
 * A record is there before anything else of its jail is made on the host, and goes after everything else is
 * gone, so whatever is left of a dead jail can be found and removed. It is a {@link Note}, which readlink(1) shows. Those of all
 * jails that are up are in one directory: who lists jails looks at nothing else of them.
 */
public final class Registry implements AutoCloseable {
    public static final String ROOT = "/run/stockade";
    static final String JAILS = ROOT + "/jail/";
    static final String RECORDS = ROOT + "/record/";
    /** Of more jails than this all are looked at with each of so many starts only. */
    private static final int SOME = 64;
    private static final int TURNS = 16;
    private static final int LINKS_OF_A_DIRECTORY = 2;
    private static final String LAST = ROOT + "/last";

    private final Descriptor lock;
    private final Addresses addresses = new Addresses();

    private Registry(Descriptor lock) {
        this.lock = lock;
    }

    /** Waits for the registry, to change it. */
    public static Registry lock() {
        return lock(Files.open(lockFile(), Files.O_RDWR | Files.O_CREAT, 0600));
    }

    private static Registry lock(Descriptor file) {
        Files.lock(file);
        if (!Files.exists(Lives.DIRECTORY)) {
            if (!jids().isEmpty()) {
                throw new JailException(JAILS + ": jails of another version of stockade are still there");
            }
            Files.makeDirectory(Lives.DIRECTORY, 0700);
        }
        Mib.ensure();
        return new Registry(file);
    }

    private static String lockFile() {
        if (!Files.exists(RECORDS)) { // the last to be made, and the latest that a version has added
            for (var directory : List.of(ROOT, JAILS)) {
                Files.makeMissingDirectory(directory, 0700);
                Files.setMode(directory, 0755); // whatever the umask: everybody may read the MIB and count jails
            }
            for (var directory : List.of(Addresses.CLAIMS, Names.LINKS, Addresses.ALIASES, RECORDS)) {
                Files.makeMissingDirectory(directory, 0700);
            }
        }
        return ROOT + "/lock";
    }

    /** The addresses of jails, for as long as the registry is locked. */
    public Addresses addresses() {
        return addresses;
    }

    /** A jail with a record and claims, and the lock that says that it lives. */
    public record Reservation(Jail jail, Descriptor life) {
    }

    /**
     * Gives a jail a free jid and claims its name and address.
     *
     * @param isFree  whether the host has nothing of another jail under a jid
     */
    public Reservation reserve(JailSpec spec, Predicate<Jid> isFree) {
        spec.name().ifPresent(Names::requireFree);
        addresses.requireNoClash(4, spec.ip4(), spec.isSteered(), Optional.empty());
        addresses.requireNoClash(6, spec.ip6(), spec.isSteered(), Optional.empty());
        var jid = spec.jid().map(wanted -> requireFree(wanted, isFree)).orElseGet(() -> nextFree(isFree));
        var jail = Jail.of(spec, jid);
        var directory = directory(jid);
        Files.makeDirectory(directory, 0700);
        try {
            var life = Lives.begin(jid);
            try {
                claim(jail, spec);
                return new Reservation(jail, life);
            } catch (RuntimeException e) {
                life.close();
                throw e;
            }
        } catch (RuntimeException e) {
            addresses.release(jid, jail.addresses());
            remove(jail);
            throw e;
        }
    }

    private void claim(Jail jail, JailSpec spec) {
        var jid = jail.jid();
        Note.create(making(jid), jail.record());
        Files.create(permissions(jid), 0600, Permissions.told(spec.allow()));
        Files.overwrite(LAST, 0600, (jid + "     ").substring(0, 5));
        spec.name().ifPresent(name -> Names.claim(jid, name.text()));
        addresses.claim(jail);
    }

    /**
     * Claims the addresses of a jail that is to have others than it had. Until {@link #endReaddressing} it has the
     * claims on all of them, and {@link #withFormer} tells of all.
     */
    public void beginReaddressing(Jail before, Jail after) {
        addresses.requireNoClash(4, after.ip4(), after.steered(), Optional.of(before.jid()));
        addresses.requireNoClash(6, after.ip6(), after.steered(), Optional.of(before.jid()));
        Note.replace(former(before.jid()), before.with(Ip.union(before.ip4(), after.ip4()),
                Ip.union(before.ip6(), after.ip6())).record());
        addresses.claim(after);
    }

    /** From now on the jail, which is up, is what this record says. */
    public void rewrite(Jail after) {
        Note.replace(record(after.jid()), after.record());
    }

    /** As {@link #rewrite}, which is not tried if it says so already: where it could not be changed it could not be changed back. */
    public void rewriteIfOther(Jail jail) {
        if (!Bytes.toString(Note.read(record(jail.jid()))).equals(jail.record())) {
            rewrite(jail);
        }
    }

    /** To be called when the addresses that it has no more are released. */
    public void endReaddressing(Jail jail) {
        Files.unlinkIfPresent(former(jail.jid()));
    }

    /** The jail with all the addresses that it has a claim on. */
    public Jail withFormer(Jail jail) {
        return read(former(jail.jid())).map(former -> jail.with(former.ip4(), former.ip6())).orElse(jail);
    }

    private static String former(Jid jid) {
        return directory(jid) + "/former";
    }

    private static String making(Jid jid) {
        return directory(jid) + "/making";
    }

    private static String record(Jid jid) {
        return RECORDS + jid;
    }

    /** The jail that a jid has, be it up or not. It may come up between the two looks, but never the other way. */
    public static Optional<Jail> recorded(Jid jid) {
        return read(making(jid)).or(() -> read(record(jid)));
    }

    /** The jail that has something, under the registry's lock. @throws KernelException if its record can't be read */
    static Jail holder(Jid jid) {
        return recorded(jid).orElseThrow(() -> new KernelException(record(jid), Errno.ENOENT));
    }

    private static Optional<Jail> read(String record) {
        return Note.find(record).map(Jail::parse);
    }

    /** @throws JailException if a jail has the name */
    public void requireFree(JailName name) {
        Names.requireFree(name);
    }

    /** Gives a jail the name that its new record has. */
    public void rename(Jail before, Jail after) {
        Names.change(before, after, () -> rewrite(after));
    }

    private static Jid requireFree(Jid wanted, Predicate<Jid> isFree) {
        if (Files.exists(directory(wanted)) || !isFree.test(wanted)) {
            throw new JailException("jail " + wanted + " already exists");
        }
        return wanted;
    }

    /** As FreeBSD: the next after the last, round the range once. */
    private static Jid nextFree(Predicate<Jid> isFree) {
        int last = last();
        for (int i = 0; i < Jid.MAX; i++) {
            var jid = new Jid((last + i) % Jid.MAX + 1);
            if (!Files.exists(directory(jid)) && isFree.test(jid)) {
                return jid;
            }
        }
        throw new JailException("no available jail IDs");
    }

    private static int last() {
        try {
            return Math.max(0, Bytes.decimal(Bytes.split(Files.read(LAST), ' ').get(0)));
        } catch (KernelException | NumberFormatException e) {
            return 0; // the first jail, or a damaged file, which costs no more than the order
        }
    }

    /** Removes a jail's claims and record. */
    public void remove(Jail jail) {
        Names.release(jail);
        erase(jail.jid());
    }

    private static void erase(Jid jid) {
        var directory = directory(jid);
        Names.forget(jid);
        for (var file : List.of("/control", "/init", "/allow", "/persist", "/former", "/former.new", "/names", "/names.new",
                "/making.new")) {
            Files.unlinkIfPresent(directory + file);
        }
        Files.unlinkIfPresent(record(jid) + ".new");
        Files.unlinkIfPresent(making(jid));
        Files.unlinkIfPresent(record(jid));
        Files.removeDirectory(directory);
    }

    /** The jail that has a jid, if its warden is dead. */
    public Optional<Jail> dead(Jid jid) {
        return Lives.has(jid) ? Optional.empty() : recorded(jid);
    }

    /** Waits, a second at most, until nothing holds the lock of a jail whose warden has ended: init may just have begun. */
    public static void awaitDeath(Jid jid) {
        long deadline = Processes.monotonicMillis() + 1000;
        while (Lives.has(jid) && Processes.monotonicMillis() < deadline) {
            Processes.sleep(1);
        }
    }

    /** The jails whose warden is dead but whose record is still there. */
    public List<Jail> dead() {
        var dead = new ArrayList<Jail>();
        for (var jid : Survey.take().dead()) {
            try {
                recorded(jid).ifPresentOrElse(dead::add, () -> erase(jid)); // its creator died before anything else was made
            } catch (JailException | KernelException e) {
                continue; // a record of another version, which knew what there is to be removed, or one that can't be read or erased
            }
        }
        return dead;
    }

    /** Of many jails only every now and then: at one of so many milliseconds. */
    public List<Jail> someDead() {
        int jails = linked();
        return jails == 0 || jails > SOME && Processes.monotonicMillis() % TURNS != 0 ? List.of() : dead();
    }

    /** The jail that a jid or name denotes, if it is up. */
    public static Optional<Jail> find(String jail) {
        if (jail.isEmpty()) {
            return Optional.empty();
        }
        return Jid.isNumeric(jail) ? jid(jail).flatMap(Registry::running)
                : Names.holder(jail).flatMap(Registry::running).filter(found -> found.name().equals(jail));
    }

    static Optional<Jid> jid(String text) {
        int number = Bytes.decimal(text);
        return number >= 1 && number <= Jid.MAX ? Optional.of(new Jid(number)) : Optional.empty();
    }

    private static Optional<Jail> running(Jid jid) {
        return Lives.has(jid) ? read(record(jid)) : Optional.empty();
    }

    static List<Jid> jids() {
        return Files.exists(JAILS) ? Arrays.stream(Files.numbers(JAILS)).sorted().mapToObj(Jid::new).toList() : List.of();
    }

    static String directory(Jid jid) {
        return JAILS + jid;
    }

    /** The file of a jail's own permissions. */
    static String permissions(Jid jid) {
        return directory(jid) + "/allow";
    }

    /** Whether a jail is there without any process. */
    public static boolean persists(Jid jid) {
        return Files.exists(directory(jid) + "/persist");
    }

    /** Notes whether a jail is there without any process. */
    public static void notePersistence(Jid jid, boolean persists) {
        if (persists) {
            Files.create(directory(jid) + "/persist", 0600, "");
        } else {
            Files.unlinkIfPresent(directory(jid) + "/persist");
        }
    }

    /** Others find the jail from now on. */
    public static void noteUp(Jid jid) {
        Files.rename(making(jid), record(jid));
    }

    /** Notes which process of the host a jail's init is. */
    public static void noteInit(Jid jid, int pid) {
        Files.symlink("/proc/" + pid, directory(jid) + "/init");
    }

    /** The path of one of a running jail's namespaces, by its name in /proc/PID/ns. */
    public static String namespace(Jid jid, String kind) {
        return JAILS + jid + "/init/ns/" + kind;
    }

    /** The path of the directory that is a running jail's root, as its init sees it. */
    public static String root(Jid jid) {
        return directory(jid) + "/init/root";
    }

    /** The name that a running jail has now: of its uts namespace, which this process joins to ask. */
    static String hostname(int jid, String otherwise) {
        try (var names = Files.open(JAILS + jid + "/init/ns/uts", Files.O_RDONLY)) {
            Processes.join(names);
            return Processes.hostname();
        } catch (KernelException e) {
            return switch (e.errno()) {
                case ENOENT, ESRCH, EACCES -> otherwise; // it has just ended (fs/proc/namespaces.c, proc_ns_get_link, 6.18)
                default -> throw e;
            };
        }
    }

    /** Gives a running jail another hostname: in its uts namespace, which this process joins. */
    public void setHostname(Jail jail, Hostname hostname) {
        try (var names = Files.open(namespace(jail.jid(), "uts"), Files.O_RDONLY)) {
            var recorded = Jail.parse(Note.read(record(jail.jid())));
            if (!recorded.isRenamed()) {
                rewrite(recorded.renamed());
            }
            Processes.join(names);
            Processes.setHostname(hostname.text());
        } catch (KernelException e) {
            throw e.errno() == Errno.ENOENT ? new JailException("the jail has ended") : e;
        }
    }

    /** Interfaces of the host that a jail has. */
    public static GivenInterfaces givenInterfaces(Jid jid) {
        return new GivenInterfaces(directory(jid));
    }

    /** How many jails there are. */
    public static int count() {
        return jids().size();
    }

    /** The same as the links of their directory tell it: negative where a file system does not count those of its directories. */
    static int linked() {
        return (int) Files.stat(JAILS).links() - LINKS_OF_A_DIRECTORY;
    }

    /** The path of a warden's socket. */
    public static String control(Jid jid) {
        return directory(jid) + "/control";
    }

    @Override
    public void close() {
        lock.close();
    }
}
