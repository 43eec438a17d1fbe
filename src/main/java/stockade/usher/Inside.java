package stockade.usher;

import java.util.List;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Processes;

/**
 * The way into a jail's namespaces, for what can be done only there.
 *
 * @param users   the user namespace
 * @param names   the uts namespace
 * @param network the network namespace
 */
record Inside(Descriptor users, Descriptor names, Descriptor network) {

    static Inside of(int init) {
        return new Inside(Files.open("/proc/" + init + "/ns/user", Files.O_RDONLY),
                Files.open("/proc/" + init + "/ns/uts", Files.O_RDONLY),
                Files.open("/proc/" + init + "/ns/net", Files.O_RDONLY));
    }

    List<Descriptor> descriptors() {
        return List.of(users, names, network);
    }

    /**
     * Does something in a child that has joined them, which is not seen from the jail and so can't be stopped by it. Returns
     * its result, 0 to 255.
     */
    int run(Work work) {
        int pid = Processes.forkToBecome(() -> Processes.exit(joinAndRun(work)));
        return Processes.await(new Processes.Child(pid, null)).shellStatus();
    }

    private int joinAndRun(Work work) {
        try {
            Processes.join(users);
            Processes.join(names);
            Processes.join(network);
            return work.result();
        } catch (KernelException e) {
            return e.errno().number();
        } catch (Throwable e) { // nothing is to go on in the parent's frames
            return Errno.EIO.number();
        }
    }

    /** What is done, with a result of 0 to 255; if the kernel refuses it, the error's number is the result. */
    interface Work {
        int result();
    }
}
