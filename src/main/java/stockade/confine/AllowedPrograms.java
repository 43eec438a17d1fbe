package stockade.confine;

import java.util.ArrayList;
import java.util.function.Supplier;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Landlock;
import stockade.linux.Mounts;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.tree.ExecutableFiles;

/**
 * The only programs that can be executed in a jail (exec.allow), by three means, none of which would do alone:
 *
 * Landlock says what execve(2) takes, and knows a file under all of its names. But the dynamic loader is among that, and
 * maps any file as code that it is told to. So mounts say what can be mapped: the tree is noexec, and read-only where
 * programs and libraries are, which are mounted over themselves without noexec. And {@link SystemCallFilter.Code} says that
 * code is in files only, for a loader can also be told to compute it.
 */
final class AllowedPrograms {
    private static final int LANDLOCK_WITH_REFER = 2;
    private static final int MAX_DIRECTORIES = 10_000;

    private AllowedPrograms() {
    }

    private static void requireKernel() {
        try {
            requireVersion(Landlock.version());
        } catch (KernelException e) { // ENOSYS: not built in; EOPNOTSUPP: not among those that lsm= names
            throw new JailException("needs Landlock (Linux 5.19): " + e.errno().text());
        }
    }

    static void requireVersion(int version) {
        if (version < LANDLOCK_WITH_REFER) {
            throw new JailException("needs Landlock (Linux 5.19): this kernel has version " + version + " of it");
        }
    }

    /**
     * Has the mounts of the tree, which is the root and has nothing of a jail's own yet, be for these programs only.
     *
     * @throws JailException if a program can't be allowed, or this kernel can't forbid the others: a jail without the limit
     *                       is not what was asked for
     */
    static ExecutableFiles mount(Jail jail) {
        return in(jail, () -> {
            requireKernel();
            var files = ExecutableFiles.of(jail.programs(), jail.path());
            mount(files);
            return files;
        });
    }

    /**
     * A copy of a mount has its attributes, and none is ever taken away again, for what the host has read-only or noexec
     * stays so. Thus the copies to be written are made first, and those to be executed before all is noexec.
     */
    private static void mount(ExecutableFiles files) {
        var writable = new ArrayList<Copy>();
        var executable = new ArrayList<Copy>();
        for (var name : Files.list("/", MAX_DIRECTORIES)) {
            var path = "/" + name;
            boolean ofTheJailsOwn = name.equals("dev") || name.equals("proc");
            if (!ofTheJailsOwn && !files.unchanging().contains(path) && Files.statLink(path).isDirectory()) {
                writable.add(Copy.of(path));
            }
        }
        try (var root = Files.open("/", Files.O_PATH | Files.O_DIRECTORY)) {
            Mounts.setAttributesOfAll(root, Mounts.ATTR_RDONLY);
            files.places().forEach(path -> executable.add(Copy.of(path)));
            Mounts.setAttributesOfAll(root, Mounts.ATTR_NOEXEC);
        }
        writable.forEach(copy -> Mounts.setAttributesOfAll(copy.mount, Mounts.ATTR_NOEXEC));
        writable.forEach(Copy::attach);
        executable.forEach(Copy::attach);
        for (var path : files.others()) {
            var covered = Copy.of(path);
            Mounts.setAttributes(covered.mount, Mounts.ATTR_NOEXEC);
            covered.attach();
        }
    }

    /** A copy of what is at a path, to be mounted there. */
    private record Copy(String path, Descriptor mount) {
        static Copy of(String path) {
            return new Copy(path, Mounts.clone(path, true));
        }

        void attach() {
            Mounts.attach(mount, path);
            mount.close();
        }
    }

    /** Holds this process, and all to come, to these programs. It can mount nothing any more. */
    static void enforce(Jail jail, ExecutableFiles files) {
        in(jail, () -> {
            try (var rules = Landlock.handle(Landlock.EXECUTE | Landlock.REFER)) {
                Landlock.give(rules, Landlock.REFER, "/");
                files.programs().forEach(path -> Landlock.give(rules, Landlock.EXECUTE, path));
                Landlock.obey(rules);
            }
            return files;
        });
    }

    private static ExecutableFiles in(Jail jail, Supplier<ExecutableFiles> step) {
        try {
            return step.get();
        } catch (KernelException | JailException e) {
            throw new JailException(jail.name() + ": exec.allow: " + e.getMessage());
        }
    }
}
