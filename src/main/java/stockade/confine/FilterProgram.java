package stockade.confine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import stockade.linux.Errno;

/**
 * An assembler for seccomp filters (classic BPF over struct seccomp_data, seccomp(2)): calls, each with what
 * to do or with tests of its arguments, found by halving the list of their numbers; the kernel tries every
 * number there is when it takes a filter in. Arguments are compared by their low 32 bits, which is all that
 * the kernel itself reads of an int.
 */
final class FilterProgram {
    static final int ALLOW = 0x7fff0000;
    static final int ASK_USHER = 0x7fc00000;
    private static final int KILL_PROCESS = 0x80000000;
    private static final int ERRNO = 0x00050000;

    private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
    private static final int AUDIT_ARCH_I386 = 0x40000003;
    static final int X32_BIT = 0x40000000;

    private static final int LOAD = 0x20;
    private static final int JUMP = 0x05;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_AT_LEAST = 0x35;
    private static final int JUMP_ANY_BIT = 0x45;
    private static final int RETURN = 0x06;

    private static final int MAX_JUMP = 255;

    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int ARGUMENTS = 16;

    /** By the numbers of their calls. */
    private final List<Rule> rules = new ArrayList<>(128);
    private ByteBuffer code = buffer(2048);

    /** What to do about a call. */
    private record Rule(int call, byte[] program) {
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int refuse(Errno errno) {
        return ERRNO | errno.number();
    }

    private FilterProgram emit(int opcode, int ifTrue, int ifFalse, int operand) {
        need(8);
        code.putShort((short) opcode).put((byte) ifTrue).put((byte) ifFalse).putInt(operand);
        return this;
    }

    private FilterProgram emit(byte[] program) {
        need(program.length);
        code.put(program);
        return this;
    }

    private void need(int bytes) {
        if (code.remaining() < bytes) {
            code = buffer(2 * code.capacity() + bytes).put(code.flip());
        }
    }

    FilterProgram onCall(int call, int action) {
        return emit(RETURN, 0, 0, action).keep(call);
    }

    private FilterProgram keep(int call) {
        var rule = new Rule(call, taken());
        int at = rules.size();
        while (at > 0 && rules.get(at - 1).call >= call) {
            at--;
        }
        if (at < rules.size() && rules.get(at).call == call) {
            rules.set(at, rule);
        } else {
            rules.add(at, rule);
        }
        return this;
    }

    /** What was emitted since the last time. */
    private byte[] taken() {
        var program = new byte[code.position()];
        code.flip();
        code.get(program).clear();
        return program;
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

    /** Whether one argument has a bit and, the same or another, one too. */
    FilterProgram bothBits(int argument, int bit, int other, int othersBit, int action) {
        return emit(LOAD, 0, 0, ARGUMENTS + argument * 8).emit(JUMP_ANY_BIT, 0, 3, bit)
                .emit(LOAD, 0, 0, ARGUMENTS + other * 8).emit(JUMP_ANY_BIT, 0, 1, othersBit).emit(RETURN, 0, 0, action);
    }

    /** Whether one argument has a value and another one, too. */
    FilterProgram bothEqual(int argument, int value, int other, int othersValue, int action) {
        return emit(LOAD, 0, 0, ARGUMENTS + argument * 8).emit(JUMP_EQUAL, 0, 3, value)
                .emit(LOAD, 0, 0, ARGUMENTS + other * 8).emit(JUMP_EQUAL, 0, 1, othersValue).emit(RETURN, 0, 0, action);
    }

    /** Ends the tests of a call's arguments: it is allowed if none said otherwise. */
    FilterProgram endCall(int call) {
        return otherwise(ALLOW, call);
    }

    /** Ends the tests of a call's arguments with what is done if none said otherwise. */
    FilterProgram otherwise(int action, int call) {
        return emit(RETURN, 0, 0, action).keep(call);
    }

    /** The whole filter. A process that calls by another ABI is killed: 32-bit, or x32, which shares the architecture. */
    byte[] assemble() {
        emit(LOAD, 0, 0, ARCHITECTURE).emit(JUMP_EQUAL, 1, 0, AUDIT_ARCH_X86_64).emit(RETURN, 0, 0, KILL_PROCESS);
        emit(LOAD, 0, 0, NUMBER).emit(JUMP_AT_LEAST, 0, 1, X32_BIT).emit(RETURN, 0, 0, KILL_PROCESS);
        emitSearch(0, rules.size());
        return taken();
    }

    /** This filter for the 64-bit ABI and x32, whose numbers have {@link #X32_BIT}, and another for that of i386. */
    byte[] assembleWith(FilterProgram i386) {
        var ofI386 = i386.assembleSearch();
        var others = assembleSearch();
        emit(LOAD, 0, 0, ARCHITECTURE).emit(JUMP_EQUAL, 0, ofI386.length / 8, AUDIT_ARCH_I386);
        emit(ofI386).emit(others);
        return taken();
    }

    private byte[] assembleSearch() {
        emit(LOAD, 0, 0, NUMBER);
        emitSearch(0, rules.size());
        return taken();
    }

    /** Puts a jump over what follows at a place, which the test before it skips when it fails. */
    private void jumpFar(int at, int skipped) {
        var over = Arrays.copyOfRange(code.array(), at, code.position());
        code.put(at - 8 + 3, (byte) 1).position(at);
        emit(JUMP, 0, 0, skipped);
        emit(over);
    }

    /** Finds the call's number among some of the rules and does what is said of it. */
    private void emitSearch(int from, int to) {
        if (to - from == 1) {
            var rule = rules.get(from);
            emit(JUMP_EQUAL, 0, rule.program.length / 8, rule.call).emit(rule.program).emit(RETURN, 0, 0, ALLOW);
            return;
        }
        int middle = (from + to) / 2;
        int jump = code.position();
        emit(JUMP_AT_LEAST, 0, 0, rules.get(middle).call);
        emitSearch(from, middle);
        int skipped = (code.position() - jump) / 8 - 1;
        if (skipped <= MAX_JUMP) {
            code.put(jump + 2, (byte) skipped);
        } else {
            jumpFar(jump + 8, skipped);
        }
        emitSearch(middle, to);
    }
}
