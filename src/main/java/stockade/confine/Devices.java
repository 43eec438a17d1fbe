package stockade.confine;

import java.util.List;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.Mounts;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailMounts;
import stockade.prison.Resource;

/** A jail's /dev: the devices that give nothing away, pseudo-terminals of its own, shared memory. */
final class Devices {
    private static final List<String> NAMES = List.of("null", "zero", "full", "random", "urandom", "tty");

    /** The host has 4096 for all together (kernel.pty.max, less its reserve). */
    private static final long MAX_TERMINALS = 256;

    private Devices() {
    }

    /** The host's device nodes, if a jail is to have them, as detached mounts, in the order of the names; no node is ever made. */
    static List<Descriptor> ofHost(JailMounts mounts) {
        return mounts.devfs() == JailMounts.Presence.NEVER ? List.of() : NAMES.stream().map(name -> Mounts.clone("/dev/" + name, false)).toList();
    }

    /**
     * Mounts /dev, if the jail is to have it.
     *
     * @param noExec whether not even /dev/zero can be mapped as code
     * @throws JailException if it must have it and the tree has no such directory
     */
    static void mount(List<Descriptor> devices, Jail jail, JailMounts mounts, boolean noExec) {
        if (MountPoint.isWanted(mounts.devfs(), "mount.devfs", "/dev", jail)) {
            var terminals = jail.limits().amount(Resource.PSEUDOTERMINALS);
            Mounts.mount("tmpfs", "/dev", Mounts.MS_NOSUID | Mounts.MS_NOEXEC, "mode=755");
            for (int i = 0; i < NAMES.size(); i++) {
                var path = "/dev/" + NAMES.get(i);
                Files.create(path, 0666, "");
                // the node is the host's own: nothing of it is to be changed, as its times are by utimes(2)
                Mounts.setAttributes(devices.get(i), Mounts.ATTR_RDONLY | (noExec ? Mounts.ATTR_NOEXEC : 0));
                Mounts.attach(devices.get(i), path);
            }
            Files.makeDirectory("/dev/shm", 0);
            Files.setMode("/dev/shm", 01777);
            Files.makeDirectory("/dev/pts", 0755);
            Mounts.mount("devpts", "/dev/pts", Mounts.MS_NOSUID | Mounts.MS_NOEXEC,
                    "newinstance,ptmxmode=0666,mode=0620,gid=5,max=" + terminals.orElse(MAX_TERMINALS));
            Files.symlink("pts/ptmx", "/dev/ptmx");
            if (mounts.fdescfs()) {
                Files.symlink("/proc/self/fd", "/dev/fd");
                Files.symlink("fd/0", "/dev/stdin");
                Files.symlink("fd/1", "/dev/stdout");
                Files.symlink("fd/2", "/dev/stderr");
            }
        }
        devices.forEach(Descriptor::close);
    }
}
