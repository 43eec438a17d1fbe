package stockade.network;

import java.nio.ByteBuffer;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.InetSocket;
import stockade.linux.KernelException;
import stockade.linux.Processes;

/** The number by which the kernel knows a network namespace, in programs too (SO_NETNS_COOKIE, Linux 5.14). */
public final class NetworkCookie {
    private NetworkCookie() {
    }

    /** Of the namespace at a path, such as /proc/PID/ns/net. It tells only who is in it: a child joins it and asks. */
    public static long of(String path) {
        var answer = Descriptor.pipe();
        try (var network = Files.open(path, Files.O_RDONLY); var end = answer.readEnd()) {
            int pid = Processes.fork();
            if (pid == 0) {
                try {
                    Processes.join(network);
                    answer.writeEnd().write(ByteBuffer.allocate(8).putLong(InetSocket.networkCookie()).array(), 0, 8);
                } catch (KernelException e) {
                    Processes.exit(1);
                }
                Processes.exit(0);
            }
            answer.writeEnd().close();
            var said = end.readAll();
            Processes.await(new Processes.Child(pid, null));
            if (said.length != 8) {
                throw new KernelException("network namespace " + path, Errno.EINVAL);
            }
            return ByteBuffer.wrap(said).getLong();
        }
    }
}
