package stockade.prison;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.KernelException;
import stockade.linux.Processes;

/**
 * The cgroups that limit a jail, if it has limits: in each hierarchy of version 1 that has a controller for one of them, and
 * in that of version 2 if it has one. init and what descends from it is there; the warden and the usher never are, so that no
 * jail can have them ended or kept waiting. Version 2 lets no cgroup with processes have children with limits, so that
 * group is not below the jail's own but beside it.
 */
final class Limits {
    /** What the name of the version 2 cgroup has after that of the jail's own. */
    static final String SUFFIX = ".limits";
    private static final String PARENT = "/stockade";
    private static final String PROCESSES = "/cgroup.procs";
    /** How often something is tried, at least a millisecond each time when something must end first. */
    private static final int PATIENCE = 5000;

    private final ControlFiles files;
    private final Controllers controllers;
    private final Jid jid;
    private final ResourceLimits limits;
    private final String v2Parent;

    /** @param v2Parent the path of the parent of the jail's own cgroup */
    Limits(ControlFiles files, String hierarchy, String v2Parent, Jid jid, ResourceLimits limits) {
        this.files = files;
        this.controllers = Controllers.find(files, hierarchy);
        this.v2Parent = v2Parent;
        this.jid = jid;
        this.limits = limits;
    }

    /** The cgroups of version 1. */
    List<String> inV1() {
        var paths = new TreeSet<String>(); // several controllers may have one hierarchy
        for (var controller : limits.controllers()) {
            if (!controllers.isInV2(controller)) {
                paths.add(inV1(controller));
            }
        }
        return List.copyOf(paths);
    }

    private String inV1(Controller controller) {
        return controllers.inV1().get(controller) + PARENT + "/" + jid;
    }

    /** The cgroup of version 2, if there must be one. */
    Optional<String> inV2() {
        return limits.controllers().stream().anyMatch(controllers::isInV2) ? Optional.of(pathInV2()) : Optional.empty();
    }

    private String pathInV2() {
        return v2Parent + "/" + jid + SUFFIX;
    }

    private String path(Controller controller) {
        return controllers.isInV2(controller) ? pathInV2() : inV1(controller);
    }

    /** @throws JailException if the host has not what a limit needs */
    void require() {
        for (var resource : limits.limited()) {
            resource.controller().ifPresent(controller -> {
                controllers.require(controller, resource);
                settings(controller);
            });
        }
    }

    private List<Controller.Setting> settings(Controller controller) {
        return controller.settings(controllers.isInV2(controller), limits,
                controller == Controller.IO ? Disks.numbers(files) : List.of());
    }

    /**
     * Makes what is missing and sets the limits.
     *
     * @throws JailException if one of them can't be had
     */
    void set() {
        require();
        for (var resource : limits.limited()) {
            resource.controller().ifPresent(controller -> explained(resource, () -> make(controller)));
        }
        for (var controller : limits.controllers()) {
            for (var setting : settings(controller)) {
                var file = path(controller) + "/" + setting.file();
                boolean isNone = limits.amount(setting.resource()).isEmpty();
                if (!isNone || files.exists(file)) {
                    explained(setting.resource(), () -> files.write(file, setting.value()));
                }
            }
        }
    }

    private static void explained(Resource resource, Runnable step) {
        try {
            step.run();
        } catch (KernelException e) {
            throw new JailException(resource.label() + ": " + e.getMessage());
        }
    }

    private void make(Controller controller) {
        if (controllers.isInV2(controller)) {
            controllers.enable(controller, controllers.hierarchy());
            controllers.enable(controller, v2Parent);
        } else {
            files.makeDirectory(controllers.inV1().get(controller) + PARENT);
        }
        files.makeDirectory(path(controller));
    }

    /** Whether nothing is there yet; what has no process and is nobody's is removed. */
    boolean isUnused() {
        return paths().stream().allMatch(files::removeDirectory);
    }

    private List<String> paths() {
        var paths = new ArrayList<>(inV1());
        inV2().ifPresent(paths::add);
        return paths;
    }

    /**
     * Moves all processes of the jail in, and what they fork meanwhile.
     *
     * @param own      the jail's own cgroup, where the others stay
     * @param isOfJail whether a process, by its pid, is the jail's and not its warden or usher
     */
    void takeIn(String own, Predicate<String> isOfJail) {
        for (var path : paths().stream().filter(files::exists).toList()) {
            for (int passes = 0; !takeIn(path, pids(own, isOfJail)); passes++) {
                if (passes == PATIENCE) {
                    throw new JailException(path + ": the jail forks faster than its processes can be limited");
                }
            }
        }
    }

    /** Returns whether all were there already. */
    private boolean takeIn(String path, List<String> pids) {
        var there = new HashSet<>(lines(path + PROCESSES));
        boolean all = true;
        for (var pid : pids) {
            if (!there.contains(pid)) {
                all = false;
                try {
                    files.write(path + PROCESSES, pid);
                } catch (KernelException e) {
                    if (e.errno() != Errno.ESRCH) { // it has ended
                        throw e;
                    }
                }
            }
        }
        return all;
    }

    /** The processes of the jail, by the host's pids. */
    List<String> pids(String own, Predicate<String> isOfJail) {
        var pids = new ArrayList<>(lines(own + PROCESSES).stream().filter(isOfJail).toList());
        inV2().filter(files::exists).ifPresent(path -> pids.addAll(lines(path + PROCESSES)));
        return pids;
    }

    private List<String> lines(String file) {
        return Bytes.split(files.read(file), '\n').stream().filter(line -> !line.isEmpty()).toList();
    }

    /** What the jail uses. */
    Usage usage(String own, Predicate<String> isOfJail) {
        return Usage.of(files, Math.max(0, pids(own, isOfJail).size() - 1), own, inV2(), inV1());
    }

    /** Kills what is there and removes all. @param kill kills all processes of the jail */
    void remove(Runnable kill) {
        for (var path : paths()) {
            for (int tries = 0; !files.removeDirectory(path); tries++) {
                if (tries == PATIENCE) {
                    throw new JailException("remove " + path + ": processes are still there");
                }
                kill.run();
                Processes.sleep(1);
            }
        }
        limits.controllers().stream().filter(controller -> !controllers.isInV2(controller))
                .forEach(controller -> files.removeDirectory(controllers.inV1().get(controller) + PARENT)); // if it was the last
    }
}
