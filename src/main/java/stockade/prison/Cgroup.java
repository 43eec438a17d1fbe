package stockade.prison;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Processes;
import stockade.network.Inet;
import stockade.network.JailMaps;
import stockade.network.ReservedPorts;

/**
 * The jails' cgroups (v2): one for each jid, below the parent /stockade, or below /stockade-vnet if the jail has a network
 * stack of its own. The kernel names a jail by its cgroup: a socket belongs to the cgroup of the task that made it.
 */
public final class Cgroup {
    private static final String PARENT = "/stockade";
    private static final String PARENT_OF_OWN_STACKS = "/stockade-vnet";
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
        private ReservedPorts reservedPorts() {
            return open(hierarchy + PARENT_OF_OWN_STACKS, ReservedPorts::find, ReservedPorts::attach);
        }

        private static <T> T open(String path, Function<Descriptor, T> find, Function<Descriptor, T> attach) {
            Files.makeMissingDirectory(path, 0755);
            var found = in(path, find);
            if (found != null) {
                return found;
            }
            // Programs of another version, or not all of them: start anew, unless jails depend on them.
            try {
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

        /** Whether no process is in a cgroup of this jid; an empty one left behind is removed. */
        public boolean isFree(Jid jid) {
            return Stream.of(PARENT, PARENT_OF_OWN_STACKS).map(parent -> hierarchy + parent + "/" + jid)
                    .allMatch(path -> !Files.exists(path) || tryRemove(path));
        }

        /** Makes a jail's cgroup. If it shares the host's stack, its sockets may do nothing until the jail is admitted. */
        public Descriptor create(Jail jail) {
            if (jail.vnet()) {
                reservedPorts().close();
            }
            Files.makeDirectory(path(jail), 0755);
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
                jail.entry(reservedPorts).ifPresentOrElse(entry -> maps.admit(id(jail), entry),
                        () -> maps.dismiss(id(jail), List.of()));
            }
        }

        private void setReservedPorts(Jail jail, boolean allowed) {
            try (var ports = reservedPorts()) {
                ports.set(id(jail), allowed);
            }
        }

        /** The kernel's number of a jail's cgroup. */
        private long id(Jail jail) {
            return Files.stat(path(jail)).inode();
        }

        /** Forgets addresses that a jail has no more. */
        public void dismiss(Jail jail, List<Inet> addresses) {
            maps.forget(id(jail), addresses);
        }

        /** Kills what is left in a jail's cgroup and removes it with its entry in the maps. */
        public void remove(Jail jail) {
            if (!Files.exists(path(jail))) {
                return; // it was never made
            }
            if (jail.vnet()) {
                setReservedPorts(jail, true);
            } else {
                maps.dismiss(id(jail), jail.addresses());
            }
            long deadline = Processes.monotonicMillis() + 5000;
            while (!tryRemove(path(jail))) {
                if (Processes.monotonicMillis() > deadline) {
                    throw new KernelException("remove " + path(jail), Errno.EBUSY);
                }
                kill(jail);
                Processes.sleep(1);
            }
        }

        /** Kills every process in a jail's cgroup. */
        public void kill(Jail jail) {
            Files.write(path(jail) + "/cgroup.kill", "1");
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

        /** An open directory of the parent, for a process that is to live in none of the jails' cgroups. */
        public Descriptor directory() {
            return Files.open(hierarchy + PARENT, Files.O_RDONLY | Files.O_DIRECTORY);
        }

        @Override
        public void close() {
            maps.close();
        }
    }

    private static String path(String hierarchy, Jail jail) {
        return hierarchy + (jail.vnet() ? PARENT_OF_OWN_STACKS : PARENT) + "/" + jail.jid();
    }

    /** The pids of the processes in a jail's cgroup, by ascending number: the jail's, its warden's and its usher's. */
    public static List<Integer> processes(Jail jail) {
        try {
            return Bytes.split(Files.read(path(hierarchy(), jail) + "/cgroup.procs"), '\n').stream()
                    .filter(line -> !line.isEmpty()).map(Bytes::decimal).sorted().toList();
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return List.of(); // it has just ended
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
