package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Processes;
import stockade.network.Inet;
import stockade.network.JailMaps;
import stockade.network.OwnStackPrograms;

/**
 * The jails' cgroups (v2): one for each jid, below the parent /stockade, or below /stockade-vnet if the jail has a network
 * stack of its own. The kernel names a jail by its cgroup: a socket belongs to the cgroup of the task that made it.
 */
public final class Cgroup {
    private static final String PARENT = "/stockade";
    private static final String PARENT_OF_OWN_STACKS = "/stockade-vnet";
    private static final String ELSEWHERE = "/undertaker";
    private static final String KILL = "/cgroup.kill";
    private static final int CGROUP2_SUPER_MAGIC = 0x63677270;

    private Cgroup() {
    }

    /** The jails' parent cgroups, their programs attached, with the map of jails that those of the one look into. */
    public static final class Parent implements AutoCloseable {
        private final String hierarchy;
        private final JailMaps maps;

        private Parent(String hierarchy, JailMaps maps) {
            this.hierarchy = hierarchy;
            this.maps = maps;
        }

        /**
         * Finds or makes it. It stays when the last jail has gone, as a kernel module would: loading the
         * programs takes longer than starting a jail. To be called under the registry's lock.
         */
        public static Parent open() {
            var hierarchy = hierarchy();
            return new Parent(hierarchy, open(hierarchy + PARENT, JailMaps::find, JailMaps::attachAll));
        }

        /** That of the others, which only those need. */
        private OwnStackPrograms ownStackPrograms() {
            return open(hierarchy + PARENT_OF_OWN_STACKS, OwnStackPrograms::find, OwnStackPrograms::attach);
        }

        private static <T> T open(String path, Function<Descriptor, T> find, Function<Descriptor, T> attach) {
            Files.makeMissingDirectory(path, 0755);
            var found = in(path, find);
            if (found != null) {
                return found;
            }
            // Programs of another version, or not all of them: start anew, unless jails depend on them.
            try {
                if (Files.exists(path + ELSEWHERE)) {
                    Files.removeDirectory(path + ELSEWHERE);
                }
                Files.removeDirectory(path);
                Files.makeDirectory(path, 0755);
            } catch (KernelException e) {
                throw new JailException(path + ": jails of another version of stockade are still there");
            }
            return in(path, attach);
        }

        private static <T> T in(String path, Function<Descriptor, T> work) {
            try (var directory = Files.open(path, Files.O_RDONLY | Files.O_DIRECTORY)) {
                return work.apply(directory);
            }
        }

        /** Whether no process is in a cgroup that a jail of this jid would have; an empty one left behind is removed. */
        public boolean isFree(Jid jid, ResourceLimits wanted) {
            return Stream.of(PARENT, PARENT_OF_OWN_STACKS).map(parent -> hierarchy + parent)
                    .allMatch(parent -> (!Files.exists(parent + "/" + jid) || tryRemove(parent + "/" + jid))
                            && limits(parent, jid, wanted).filter(limits -> !limits.isUnused()).isEmpty());
        }

        /** Makes a jail's cgroup. If it shares the host's stack, its sockets may do nothing until the jail is admitted. */
        public Descriptor create(Jail jail) {
            if (jail.vnet()) {
                ownStackPrograms().close();
            }
            Files.makeDirectory(path(jail), 0755);
            limits(jail).ifPresent(Limits::set);
            return Files.open(path(jail), Files.O_RDONLY | Files.O_DIRECTORY);
        }

        /**
         * Lets a jail's sockets do what the jail may, and no more.
         *
         * @param reservedPorts whether ports below 1024 may be bound
         */
        public void admit(Jail jail, boolean reservedPorts) {
            if (jail.vnet()) {
                setReservedPorts(jail, reservedPorts);
            } else {
                ids(jail).forEach(id -> jail.entry(reservedPorts).ifPresentOrElse(entry -> maps.admit(id, entry),
                        () -> maps.dismiss(id, List.of())));
            }
        }

        private void setReservedPorts(Jail jail, boolean allowed) {
            try (var programs = ownStackPrograms()) {
                ids(jail).forEach(id -> programs.setReservedPorts(id, allowed));
            }
        }

        /** The kernel's numbers of a jail's cgroup and of that where its processes are, if they are in another. */
        private List<Long> ids(Jail jail) {
            var ids = new ArrayList<>(List.of(Files.stat(path(jail)).inode()));
            limits(jail).flatMap(Limits::inV2).filter(Files::exists).ifPresent(path -> ids.add(Files.stat(path).inode()));
            return ids;
        }

        private Optional<Limits> limits(Jail jail) {
            return limits(parent(jail), jail.jid(), jail.limits());
        }

        private Optional<Limits> limits(String parent, Jid jid, ResourceLimits limits) {
            return limits.controllers().isEmpty() ? Optional.empty()
                    : Optional.of(new Limits(ControlFiles.KERNEL, hierarchy, parent, jid, limits));
        }

        /** The way for init to where the jail's limits are, if they are not where its warden is. */
        public Optional<Entrance> entrance(Jail jail) {
            return limits(jail).map(limits -> Entrance.open(limits.inV1(), limits.inV2()));
        }

        /** @throws JailException if the host has not what a jail's limits need */
        public void requireLimits(Jail jail) {
            limits(jail).ifPresent(Limits::require);
        }

        /** Sets the limits of a jail that runs, all its processes included. */
        public void limit(Jail jail, boolean reservedPorts) {
            limits(jail).ifPresent(limits -> {
                limits.set();
                admit(jail, reservedPorts);
                limits.takeIn(path(jail), isOf(jail));
            });
        }

        /** Forgets addresses that a jail has no more. */
        public void dismiss(Jail jail, List<Inet> addresses) {
            ids(jail).forEach(id -> maps.forget(id, addresses));
        }

        /** Kills what is left in a jail's cgroup and removes it with its entry in the maps. */
        public void remove(Jail jail) {
            if (!Files.exists(path(jail))) {
                return; // it was never made
            }
            if (jail.vnet()) {
                setReservedPorts(jail, true);
            } else {
                ids(jail).forEach(id -> maps.dismiss(id, jail.addresses()));
            }
            limits(jail).ifPresent(limits -> limits.remove(() -> kill(jail)));
            long deadline = Processes.monotonicMillis() + 5000;
            while (!tryRemove(path(jail))) {
                if (Processes.monotonicMillis() > deadline) {
                    throw new KernelException("remove " + path(jail), Errno.EBUSY);
                }
                kill(jail);
                Processes.sleep(1);
            }
        }

        /** Kills every process of a jail. Returns whether all have ended within a time, in milliseconds. */
        public boolean end(Jail jail, int patience) {
            if (!Files.exists(path(jail))) {
                return true; // it was never made
            }
            kill(jail);
            long deadline = Processes.monotonicMillis() + patience;
            while (!processes(jail).isEmpty()) {
                if (Processes.monotonicMillis() > deadline) {
                    return false;
                }
                Processes.sleep(1);
            }
            return true;
        }

        /** Kills every process of a jail. */
        public void kill(Jail jail) {
            limits(jail).flatMap(Limits::inV2).filter(Files::exists).ifPresent(path -> Files.write(path + KILL, "1"));
            Files.write(path(jail) + KILL, "1");
        }

        private static boolean tryRemove(String path) {
            try {
                Files.removeDirectory(path);
                return true;
            } catch (KernelException e) {
                if (e.errno() == Errno.EBUSY) {
                    return false; // a process that was killed is still on its way out
                }
                throw e;
            }
        }

        private String path(Jail jail) {
            return Cgroup.path(hierarchy, jail);
        }

        private String parent(Jail jail) {
            return Cgroup.parent(hierarchy, jail);
        }

        /** For a process that is to live in none of the jails' cgroups; nor in their parent, which may limit its children. */
        public Descriptor elsewhere() {
            var path = hierarchy + PARENT + ELSEWHERE;
            Files.makeMissingDirectory(path, 0755);
            return Files.open(path, Files.O_RDONLY | Files.O_DIRECTORY);
        }

        @Override
        public void close() {
            maps.close();
        }
    }

    private static String path(String hierarchy, Jail jail) {
        return parent(hierarchy, jail) + "/" + jail.jid();
    }

    private static String parent(String hierarchy, Jail jail) {
        return hierarchy + (jail.vnet() ? PARENT_OF_OWN_STACKS : PARENT);
    }

    /** What a jail's processes use. */
    public static Usage usage(Jail jail) {
        var hierarchy = hierarchy();
        return new Limits(ControlFiles.KERNEL, hierarchy, parent(hierarchy, jail), jail.jid(), jail.limits())
                .usage(path(hierarchy, jail), isOf(jail));
    }

    /** Whether a process is in the jail's pid namespace. */
    private static Predicate<String> isOf(Jail jail) {
        var namespace = Files.linkTarget(Registry.namespace(jail.jid(), "pid"));
        return pid -> namespace.isPresent() && Files.linkTarget("/proc/" + pid + "/ns/pid").equals(namespace);
    }

    /** The pids of the processes in a jail's cgroups, by ascending number: the jail's, its warden's and its usher's. */
    public static List<Integer> processes(Jail jail) {
        var own = path(hierarchy(), jail);
        return Stream.of(own, own + Limits.SUFFIX).flatMap(Cgroup::processesIn).sorted().toList();
    }

    private static Stream<Integer> processesIn(String path) {
        try {
            return Bytes.split(Files.read(path + "/cgroup.procs"), '\n').stream().filter(line -> !line.isEmpty())
                    .map(Bytes::decimal);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return Stream.of(); // it has just ended, or there are no limits
            }
            throw e;
        }
    }

    /** Where the v2 hierarchy is mounted: at one of the usual places, or where proc_pid_mountinfo(5) says. */
    private static String hierarchy() {
        for (var usual : List.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified")) {
            if (Files.isOn(usual, CGROUP2_SUPER_MAGIC)) {
                return usual;
            }
        }
        for (var line : Bytes.split(Files.read("/proc/self/mountinfo"), '\n')) {
            int separator = line.indexOf(" - ");
            if (separator > 0 && line.startsWith("cgroup2 ", separator + 3)) {
                return Bytes.split(line, ' ').get(4);
            }
        }
        throw new JailException("no cgroup v2 hierarchy is mounted (mount -t cgroup2 none /sys/fs/cgroup)");
    }
}
