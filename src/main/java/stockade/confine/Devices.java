package stockade.confine;

import java.util.List;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.Mounts;

/** A jail's /dev: the devices that give nothing away, pseudo-terminals of its own, shared memory. */
final class Devices {
    private static final List<String> NAMES = List.of("null", "zero", "full", "random", "urandom", "tty");

    /** The host has 4096 for all together (kernel.pty.max, less its reserve). */
    private static final long MAX_TERMINALS = 256;

    private Devices() {
    }

    /** The host's device nodes as detached mounts, in the order of the names; no node is ever made. */
    static List<Descriptor> ofHost() {
        return NAMES.stream().map(name -> Mounts.clone("/dev/" + name, false)).toList();
    }

    /**
     * Mounts /dev, if the tree has that directory.
     *
     * @param noExec    whether not even /dev/zero can be mapped as code
     * @param terminals how many pseudo-terminals there can be at a time, if that is limited
     */
    static void mount(List<Descriptor> devices, boolean noExec, Optional<Long> terminals) {
        if (MountPoint.isThere("/dev")) {
            Mounts.mount("tmpfs", "/dev", Mounts.MS_NOSUID | Mounts.MS_NOEXEC, "mode=755");
            for (int i = 0; i < NAMES.size(); i++) {
                var path = "/dev/" + NAMES.get(i);
                Files.create(path, 0666, "");
                if (noExec) {
                    Mounts.setAttributes(devices.get(i), Mounts.ATTR_NOEXEC);
                }
                Mounts.attach(devices.get(i), path);
            }
            Files.makeDirectory("/dev/shm", 0);
            Files.setMode("/dev/shm", 01777);
            Files.makeDirectory("/dev/pts", 0755);
            Mounts.mount("devpts", "/dev/pts", Mounts.MS_NOSUID | Mounts.MS_NOEXEC,
                    "newinstance,ptmxmode=0666,mode=0620,gid=5,max=" + terminals.orElse(MAX_TERMINALS));
            Files.symlink("pts/ptmx", "/dev/ptmx");
            Files.symlink("/proc/self/fd", "/dev/fd");
            Files.symlink("fd/0", "/dev/stdin");
            Files.symlink("fd/1", "/dev/stdout");
            Files.symlink("fd/2", "/dev/stderr");
        }
        devices.forEach(Descriptor::close);
    }
}
