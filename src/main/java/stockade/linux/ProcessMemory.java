package stockade.linux;

import java.util.Optional;

/** The memory of another process (process_vm_readv(2)). Who may is decided as for ptrace(2). */
public final class ProcessMemory {
    private ProcessMemory() {
    }

    /** So many bytes at an address; empty if they are not all there, or are not ours to read. */
    public static Optional<byte[]> read(int pid, long address, int length) {
        try (var memory = Memory.toBeWritten(length)) {
            return transfer(SystemCall.PROCESS_VM_READV, pid, address, memory, length) == length
                    ? Optional.of(memory.getBytes(0, length)) : Optional.empty();
        }
    }

    /** Writes all of it. Returns whether it could. */
    public static boolean write(int pid, long address, byte[] content) {
        try (var memory = Memory.bytes(content)) {
            return transfer(SystemCall.PROCESS_VM_WRITEV, pid, address, memory, content.length) == content.length;
        }
    }

    private static long transfer(int call, int pid, long address, Memory ours, int length) {
        if (length == 0) {
            return 0;
        }
        try (var local = new Memory(16).putLong(0, ours.address()).putLong(8, length);
                var remote = new Memory(16).putLong(0, address).putLong(8, length)) {
            return Native.call(call, pid, local.address(), 1, remote.address(), 1, 0);
        }
    }
}
