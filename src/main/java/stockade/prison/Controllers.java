package stockade.prison;

import java.util.EnumMap;
import java.util.Map;
import stockade.linux.Bytes;

/**
 * Where the host keeps its controllers: each in a hierarchy of version 1 or in that of version 2.
 *
 * @param inV1      the mount points of those of version 1
 * @param hierarchy the mount point of version 2
 */
record Controllers(ControlFiles files, Map<Controller, String> inV1, String hierarchy) {

    /** Asks the kernel. */
    static Controllers find(ControlFiles files, String hierarchy) {
        var inV1 = new EnumMap<Controller, String>(Controller.class);
        for (var line : Bytes.split(files.read("/proc/self/mountinfo"), '\n')) {
            int separator = line.indexOf(" - cgroup ");
            if (separator > 0) {
                var options = Bytes.split(line.substring(line.lastIndexOf(' ') + 1), ',');
                var mountPoint = Bytes.split(line, ' ').get(4);
                for (var controller : Controller.values()) {
                    if (options.contains(controller.label(false))) {
                        inV1.put(controller, mountPoint); // a later mount may cover an earlier one
                    }
                }
            }
        }
        return new Controllers(files, inV1, hierarchy);
    }

    boolean isInV2(Controller controller) {
        return !inV1.containsKey(controller);
    }

    /** @throws JailException if the host does not have one */
    void require(Controller controller, Resource resource) {
        if (isInV2(controller) && !has(hierarchy + "/cgroup.controllers", controller)) {
            throw new JailException(resource.label() + ": this host has no " + controller.label(true)
                    + " controller in " + hierarchy + ", nor a hierarchy of version 1 with it");
        }
    }

    /** Has the children of a cgroup of version 2 limited by a controller, if they are not. */
    void enable(Controller controller, String cgroup) {
        if (!has(cgroup + "/cgroup.subtree_control", controller)) {
            files.write(cgroup + "/cgroup.subtree_control", "+" + controller.label(true));
        }
    }

    private boolean has(String file, Controller controller) {
        return Bytes.split(Bytes.trim(files.read(file).replace('\n', ' ')), ' ').contains(controller.label(true));
    }
}
