package stockade.confine;

import java.util.List;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.Mounts;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailMounts;

/** A jail's /proc: its own processes; the kernel's settings to be read only; what tells of the host masked. */
final class ProcessFileSystem {
    /**
     * What tells of the host or, by a mistake in the kernel, might reach it. All else that only the host's root
     * may read is out of reach as it is: nobody in a jail is that user.
     */
    private static final List<String> MASKED_FILES = List.of("kcore", "keys", "key-users", "kallsyms",
            "sysrq-trigger", "sched_debug", "latency_stats");
    private static final List<String> MASKED_DIRECTORIES = List.of("acpi", "scsi", "bus", "fs", "asound");

    /** One of the masked directories that every Linux has; the others get copies of it. */
    private static final String EMPTY_DIRECTORY = "irq";

    private ProcessFileSystem() {
    }

    /**
     * The procfs of this process's pid namespace, as a detached mount. To be made while the host's /proc is
     * still there: in a user namespace the kernel mounts only what was visible before (mount_too_revealing,
     * fs/namespace.c).
     */
    static Descriptor create() {
        return Mounts.create("proc", Mounts.ATTR_NOSUID | Mounts.ATTR_NODEV | Mounts.ATTR_NOEXEC);
    }

    /**
     * Mounts it on /proc, if the jail is to have it. What is below is found from its own root, and not by that path: a tree may
     * be another jail's, too, which puts another directory there meanwhile.
     *
     * @throws JailException if it must have it and the tree has no such directory
     * @param readOnly whether nothing there can be written to; else a shell and dd(1) are all it takes to put code into a
     *                 process, by /proc/PID/mem
     */
    static void mount(Descriptor proc, Jail jail, JailMounts mounts, boolean readOnly) {
        if (!MountPoint.isWanted(mounts.procfs(), "mount.procfs", "/proc", jail)) {
            proc.close();
            return;
        }
        Mounts.attach(proc, "/proc");
        Files.changeDirectory(proc);
        cover("sys", "sys");
        mask();
        Files.changeDirectory("/");
        if (readOnly) {
            Mounts.setAttributes(proc, Mounts.ATTR_RDONLY);
        }
        proc.close();
    }

    /** Puts an empty, read-only directory or file over each masked one. */
    private static void mask() {
        Mounts.mount("tmpfs", EMPTY_DIRECTORY, Mounts.MS_NOSUID | Mounts.MS_NODEV | Mounts.MS_NOEXEC, "mode=555,size=4k");
        var emptyFile = EMPTY_DIRECTORY + "/empty";
        Files.create(emptyFile, 0444, "");
        MASKED_FILES.forEach(path -> cover(emptyFile, path));
        Files.unlink(emptyFile);
        MASKED_DIRECTORIES.forEach(path -> cover(EMPTY_DIRECTORY, path));
    }

    /**
     * Mounts a read-only copy of one path on another, if this kernel has that one. It is looked for first: to
     * give up a copy that was made in vain, the kernel waits for an RCU grace period.
     */
    private static void cover(String source, String path) {
        if (!Files.exists(path)) {
            return;
        }
        try (var copy = Mounts.clone(source, false)) {
            Mounts.setAttributes(copy, Mounts.ATTR_RDONLY);
            Mounts.attach(copy, path);
        }
    }
}
