package stockade.usher;

import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.ProcessMemory;
import stockade.linux.Processes;

/**
 * The thread that made a call, seen through the host's /proc by its number, which is another's once it has died: each look
 * makes sure afterwards that the call still waits, or throws KernelException(ESRCH), and what is decided by it is then the caller's.
 */
record Caller(Call call) {
    static final int CAP_NET_BIND_SERVICE = 10;
    static final int CAP_NET_RAW = 13;
    static final int CAP_SYS_CHROOT = 18;
    private static final int MAX_NAME = 128; // struct sockaddr_storage

    /** Whether this is its effective user, as the host numbers users. */
    boolean isUser(int uid) {
        return Bytes.split(status("Uid"), '\t').get(1).equals(Integer.toUnsignedString(uid));
    }

    /** The user that files and sockets of its making belong to, as the host numbers users. */
    int fileSystemUid() {
        int uid = 0; // unsigned
        for (char digit : Bytes.split(status("Uid"), '\t').get(3).toCharArray()) {
            uid = uid * 10 + digit - '0';
        }
        return uid;
    }

    /** Whether a capability is in effect in its own user namespace. */
    boolean has(int capability) {
        var mask = status("CapEff"); // in hexadecimal
        int digit = "0123456789abcdef".indexOf(mask.charAt(mask.length() - 1 - capability / 4));
        return (digit >> capability % 4 & 1) != 0;
    }

    private int thread() {
        return call.notification().pid();
    }

    private void requireWaiting() {
        if (!call.isWaiting()) {
            throw new KernelException("caller", Errno.ESRCH);
        }
    }

    private String status(String field) {
        var status = Files.read("/proc/" + thread() + "/status");
        requireWaiting();
        for (var line : Bytes.split(status, '\n')) {
            if (line.startsWith(field + ":\t")) {
                return line.substring(field.length() + 2);
            }
        }
        throw new IllegalStateException("no " + field + " in /proc/PID/status");
    }

    /**
     * Whether it may call chroot(2), but not with what it has open: a directory, be it only to name it (O_PATH).
     * Only for those who may is the work of looking done.
     *
     * @throws KernelException EACCES if its descriptors are not for this process to see
     */
    boolean keepsWayOutOfChroot() {
        var descriptors = "/proc/" + thread() + "/fd/";
        boolean keeps = has(CAP_SYS_CHROOT)
                && Files.list(descriptors).stream().anyMatch(number -> Files.isDirectory(descriptors + number));
        requireWaiting();
        return keeps;
    }

    /** What it has in memory; empty if there is nothing at all of the address. */
    Optional<byte[]> read(long address, int length) {
        var content = ProcessMemory.read(thread(), address, length);
        requireWaiting();
        return content;
    }

    /** The struct sockaddr that a call has been given; empty if it is none. */
    Optional<byte[]> readName(long address, int length) {
        return isNameSize(length) ? read(address, length) : Optional.empty();
    }

    static boolean isNameSize(int length) {
        return length >= 0 && length <= MAX_NAME;
    }

    /** Returns whether that could be done. */
    boolean write(long address, byte[] content) {
        requireWaiting();
        return ProcessMemory.write(thread(), address, content);
    }

    Descriptor descriptor(int number) {
        var descriptor = Processes.descriptorOf(thread(), number);
        if (!call.isWaiting()) {
            descriptor.close();
            requireWaiting();
        }
        return descriptor;
    }
}
