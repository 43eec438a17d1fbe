package stockade.confine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import stockade.linux.Errno;

/**
 * An assembler for seccomp filters (classic BPF over struct seccomp_data, seccomp(2)): a list of calls, each
 * with what to do or with tests of its arguments. Arguments are compared by their low 32 bits, which is all
 * that the kernel itself reads of an int.
 */
final class FilterProgram {
    static final int ALLOW = 0x7fff0000;
    static final int ASK_WARDEN = 0x7fc00000;
    private static final int KILL_PROCESS = 0x80000000;
    private static final int ERRNO = 0x00050000;

    private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
    private static final int X32_BIT = 0x40000000;

    private static final int LOAD = 0x20;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_AT_LEAST = 0x35;
    private static final int JUMP_ANY_BIT = 0x45;
    private static final int RETURN = 0x06;

    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int ARGUMENTS = 16;

    private final ByteBuffer code = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    private int callStart;

    static int refuse(Errno errno) {
        return ERRNO | errno.number();
    }

    private FilterProgram emit(int opcode, int ifTrue, int ifFalse, int operand) {
        code.putShort((short) opcode).put((byte) ifTrue).put((byte) ifFalse).putInt(operand);
        return this;
    }

    /** Kills a process that calls by another ABI: 32-bit, or x32, which shares the architecture's number. */
    FilterProgram killOtherArchitectures() {
        return emit(LOAD, 0, 0, ARCHITECTURE)
                .emit(JUMP_EQUAL, 1, 0, AUDIT_ARCH_X86_64)
                .emit(RETURN, 0, 0, KILL_PROCESS)
                .emit(LOAD, 0, 0, NUMBER)
                .emit(JUMP_AT_LEAST, 0, 1, X32_BIT)
                .emit(RETURN, 0, 0, KILL_PROCESS);
    }

    FilterProgram onCall(int call, int action) {
        return emit(JUMP_EQUAL, 0, 1, call).emit(RETURN, 0, 0, action);
    }

    /** Begins the tests of one call's arguments. */
    FilterProgram beginCall(int call) {
        callStart = code.position();
        return emit(JUMP_EQUAL, 0, 0, call);
    }

    FilterProgram equal(int argument, int value, int action) {
        return emit(LOAD, 0, 0, ARGUMENTS + argument * 8).emit(JUMP_EQUAL, 0, 1, value).emit(RETURN, 0, 0, action);
    }

    FilterProgram unequal(int argument, int value, int action) {
        return emit(LOAD, 0, 0, ARGUMENTS + argument * 8).emit(JUMP_EQUAL, 1, 0, value).emit(RETURN, 0, 0, action);
    }

    FilterProgram between(int argument, int first, int last, int action) {
        return emit(LOAD, 0, 0, ARGUMENTS + argument * 8).emit(JUMP_AT_LEAST, 0, 2, first)
                .emit(JUMP_AT_LEAST, 1, 0, last + 1).emit(RETURN, 0, 0, action);
    }

    FilterProgram anyBit(int argument, int bits, int action) {
        return emit(LOAD, 0, 0, ARGUMENTS + argument * 8).emit(JUMP_ANY_BIT, 0, 1, bits).emit(RETURN, 0, 0, action);
    }

    /** Ends them: the call is allowed if no test said otherwise. */
    FilterProgram endCall() {
        emit(RETURN, 0, 0, ALLOW);
        int skipped = (code.position() - callStart) / 8 - 1;
        code.put(callStart + 3, (byte) skipped);
        return this;
    }

    byte[] assemble() {
        emit(RETURN, 0, 0, ALLOW);
        var program = new byte[code.position()];
        code.flip();
        code.get(program);
        return program;
    }
}
