package stockade.prison;

import java.util.List;
import java.util.OptionalLong;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Processes;
import stockade.network.Inet;
import stockade.network.JailMaps;

/**
 * The jails' cgroups (v2): one below the parent /stockade for each jid. The kernel names a jail by its
 * cgroup: a socket belongs to the cgroup of the task that made it.
 */
public final class Cgroup {
    private static final String PARENT = "/stockade";
    private static final int CGROUP2_SUPER_MAGIC = 0x63677270;

    private Cgroup() {
    }

    /** The jails' parent cgroup, its programs attached, with the map of jails that they look into. */
    public static final class Parent implements AutoCloseable {
        private final String path;
        private final JailMaps maps;

        private Parent(String path, JailMaps maps) {
            this.path = path;
            this.maps = maps;
        }

        /**
         * Finds or makes it. It stays when the last jail has gone, as a kernel module would: loading the
         * programs takes longer than starting a jail. To be called under the registry's lock.
         */
        public static Parent open() {
            var path = hierarchy() + PARENT;
            Files.makeMissingDirectory(path, 0755);
            var found = find(path);
            if (found != null) {
                return new Parent(path, found);
            }
            // Programs of another version, or not all of them: start anew, unless jails depend on them.
            try {
                Files.removeDirectory(path);
                Files.makeDirectory(path, 0755);
            } catch (KernelException e) {
                throw new JailException(path + ": jails of another version of stockade are still there");
            }
            try (var directory = Files.open(path, Files.O_RDONLY | Files.O_DIRECTORY)) {
                return new Parent(path, JailMaps.attachAll(directory));
            }
        }

        private static JailMaps find(String path) {
            try (var directory = Files.open(path, Files.O_RDONLY | Files.O_DIRECTORY)) {
                return JailMaps.find(directory);
            }
        }

        /** Whether no process is in a cgroup of this jid; an empty one left behind is removed. */
        public boolean isFree(Jid jid) {
            return !Files.exists(path(jid)) || tryRemove(path(jid));
        }

        /** Makes a jail's cgroup, whose sockets may do nothing until the jail is admitted. */
        public Descriptor create(Jid jid) {
            Files.makeDirectory(path(jid), 0755);
            return Files.open(path(jid), Files.O_RDONLY | Files.O_DIRECTORY);
        }

        /**
         * Lets a jail's sockets do what the jail may.
         *
         * @param reservedPorts whether its root may bind ports below 1024
         * @param ownNetwork    the cookie of its network namespace, if it has a network stack of its own
         */
        public void admit(Jail jail, boolean reservedPorts, OptionalLong ownNetwork) {
            jail.entry(reservedPorts, ownNetwork)
                    .ifPresent(entry -> maps.admit(Files.stat(path(jail.jid())).inode(), entry));
        }

        /** As {@link #admit(Jail, boolean, OptionalLong)}, of one that shares the host's stack and has been admitted. */
        public void admit(Jail jail, boolean reservedPorts) {
            if (jail.entry(reservedPorts, OptionalLong.empty()).isPresent()) {
                admit(jail, reservedPorts, OptionalLong.empty());
            } else {
                maps.dismiss(Files.stat(path(jail.jid())).inode(), List.of());
            }
        }

        /** Forgets addresses that a jail has no more. */
        public void dismiss(Jail jail, List<Inet> addresses) {
            maps.forget(Files.stat(path(jail.jid())).inode(), addresses);
        }

        /** Kills what is left in a jail's cgroup and removes it with its entry in the maps. */
        public void remove(Jail jail) {
            var jid = jail.jid();
            long id;
            try {
                id = Files.stat(path(jid)).inode();
            } catch (KernelException e) {
                return; // it was never made
            }
            maps.dismiss(id, jail.addresses());
            long deadline = Processes.monotonicMillis() + 5000;
            while (!tryRemove(path(jid))) {
                if (Processes.monotonicMillis() > deadline) {
                    throw new KernelException("remove " + path(jid), Errno.EBUSY);
                }
                kill(jid);
                Processes.sleep(1);
            }
        }

        /** Kills every process in a jail's cgroup. */
        public void kill(Jid jid) {
            Files.write(path(jid) + "/cgroup.kill", "1");
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

        private String path(Jid jid) {
            return path + "/" + jid;
        }

        /** An open directory of the parent, for a process that is to live in none of the jails' cgroups. */
        public Descriptor directory() {
            return Files.open(path, Files.O_RDONLY | Files.O_DIRECTORY);
        }

        @Override
        public void close() {
            maps.close();
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
