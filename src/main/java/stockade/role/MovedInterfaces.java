package stockade.role;

import java.util.List;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Processes;
import stockade.network.VirtualLink;

/**
 * Interfaces of the host that a jail has (vnet.interface), and the network namespace that they are in, which is held so
 * that they do not go with it: the kernel gives back only those of real hardware, and those to the first namespace of all.
 */
record MovedInterfaces(List<String> names, Descriptor network) {

    /** Moves them to the network namespace of a process; all of them, or none. */
    static MovedInterfaces move(List<String> names, int pid) {
        var moved = new MovedInterfaces(names, Files.open("/proc/" + pid + "/ns/net", Files.O_RDONLY));
        try {
            names.forEach(name -> VirtualLink.moveToProcess(name, pid));
            return moved;
        } catch (KernelException e) {
            moved.moveBack();
            throw e;
        }
    }

    /** Moves back those that are still there, in a child that joins the jail's network. */
    void moveBack() {
        try (var home = Files.open("/proc/self/ns/net", Files.O_RDONLY)) {
            int pid = Processes.fork();
            if (pid == 0) {
                try {
                    Processes.join(network);
                    names.forEach(name -> VirtualLink.moveTo(name, home));
                } catch (KernelException e) {
                    Processes.exit(1); // the jail renamed or removed one: it is gone with the network
                }
                Processes.exit(0);
            }
            Processes.await(new Processes.Child(pid, null));
        }
        network.close();
    }
}
