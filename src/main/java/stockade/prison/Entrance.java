package stockade.prison;

import java.util.List;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * The way of a jail's init to the cgroups with the jail's limits. Into that of version 2 it is born, into those of version 1 it
 * goes by itself, a thread alone: a process moved by another waits for RCU. The kernel asks who has opened the file.
 *
 * @param inV1 open files named tasks
 * @param inV2 an open directory
 */
public record Entrance(List<Descriptor> inV1, Optional<Descriptor> inV2) implements AutoCloseable {
    static Entrance open(List<String> inV1, Optional<String> inV2) {
        return new Entrance(inV1.stream().map(path -> Files.open(path + "/tasks", Files.O_WRONLY)).toList(),
                inV2.map(path -> Files.open(path, Files.O_RDONLY | Files.O_DIRECTORY)));
    }

    /** Goes in, with this process. */
    public void enter() {
        for (var tasks : inV1) {
            try {
                tasks.write("0");
            } catch (KernelException e) {
                throw new KernelException("enter a cgroup of version 1", e.errno());
            }
        }
    }

    @Override
    public void close() {
        inV1.forEach(Descriptor::close);
        inV2.ifPresent(Descriptor::close);
    }
}
