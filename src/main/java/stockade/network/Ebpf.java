package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * An assembler for the eBPF instructions that {@link JailPrograms} uses (Documentation/bpf/standardization/
 * instruction-set.rst). Registers are numbers 0 to 10; jumps go forward to labels.
 */
final class Ebpf {
    private static final int MAX_INSTRUCTIONS = 4096;
    private static final int PSEUDO_MAP_FD = 1;

    private final ByteBuffer code = ByteBuffer.allocate(MAX_INSTRUCTIONS * 8).order(ByteOrder.LITTLE_ENDIAN);
    private final Map<Integer, String> jumps = new HashMap<>();
    private final Map<String, Integer> labels = new HashMap<>();

    private Ebpf emit(int opcode, int destination, int source, int offset, int immediate) {
        code.put((byte) opcode).put((byte) (source << 4 | destination)).putShort((short) offset).putInt(immediate);
        return this;
    }

    Ebpf move(int destination, int source) {
        return emit(0xbf, destination, source, 0, 0);
    }

    Ebpf set(int destination, int immediate) {
        return emit(0xb7, destination, 0, 0, immediate);
    }

    /** A 64-bit number. */
    Ebpf setWide(int destination, long number) {
        return emit(0x18, destination, 0, 0, (int) number).emit(0, 0, 0, 0, (int) (number >>> 32));
    }

    Ebpf and(int destination, int bits) {
        return emit(0x57, destination, 0, 0, bits);
    }

    Ebpf shiftLeft(int destination, int bits) {
        return emit(0x67, destination, 0, 0, bits);
    }

    Ebpf or(int destination, int source) {
        return emit(0x4f, destination, source, 0, 0);
    }

    /** Unsigned. */
    Ebpf shiftRight(int destination, int bits) {
        return emit(0x77, destination, 0, 0, bits);
    }

    Ebpf add(int destination, int immediate) {
        return emit(0x07, destination, 0, 0, immediate);
    }

    /** A 16-bit value in network byte order to the host's. */
    Ebpf networkToHost16(int register) {
        return emit(0xdc, register, 0, 0, 16);
    }

    Ebpf load32(int destination, int base, int offset) {
        return emit(0x61, destination, base, offset, 0);
    }

    Ebpf load8(int destination, int base, int offset) {
        return emit(0x71, destination, base, offset, 0);
    }

    Ebpf load64(int destination, int base, int offset) {
        return emit(0x79, destination, base, offset, 0);
    }

    Ebpf store32(int base, int offset, int source) {
        return emit(0x63, base, source, offset, 0);
    }

    Ebpf storeNumber32(int base, int offset, int number) {
        return emit(0x62, base, 0, offset, number);
    }

    Ebpf storeNumber64(int base, int offset, int number) {
        return emit(0x7a, base, 0, offset, number);
    }

    Ebpf store64(int base, int offset, int source) {
        return emit(0x7b, base, source, offset, 0);
    }

    Ebpf loadMap(int destination, int mapDescriptor) {
        return emit(0x18, destination, PSEUDO_MAP_FD, 0, mapDescriptor).emit(0, 0, 0, 0, 0);
    }

    /** A helper by its number in enum bpf_func_id. */
    Ebpf call(int helper) {
        return emit(0x85, 0, 0, 0, helper);
    }

    Ebpf jump(String label) {
        return jumpTo(label).emit(0x05, 0, 0, 0, 0);
    }

    Ebpf jumpIfEqual(int register, int immediate, String label) {
        return jumpTo(label).emit(0x15, register, 0, 0, immediate);
    }

    /** Of the low half of a register. */
    Ebpf jumpIfEqual32(int register, int immediate, String label) {
        return jumpTo(label).emit(0x16, register, 0, 0, immediate);
    }

    Ebpf jumpIfAnyBit(int register, int bits, String label) {
        return jumpTo(label).emit(0x45, register, 0, 0, bits);
    }

    Ebpf jumpUnlessEqual(int register, int immediate, String label) {
        return jumpTo(label).emit(0x55, register, 0, 0, immediate);
    }

    Ebpf jumpIfSame(int register, int other, String label) {
        return jumpTo(label).emit(0x1d, register, other, 0, 0);
    }

    /** Unsigned comparison. */
    Ebpf jumpIfMore(int register, int other, String label) {
        return jumpTo(label).emit(0x2d, register, other, 0, 0);
    }

    Ebpf jumpUnlessSame(int register, int other, String label) {
        return jumpTo(label).emit(0x5d, register, other, 0, 0);
    }

    /** Unsigned comparison. */
    Ebpf jumpIfAtLeast(int register, int immediate, String label) {
        return jumpTo(label).emit(0x35, register, 0, 0, immediate);
    }

    Ebpf exit(int result) {
        return set(0, result).emit(0x95, 0, 0, 0, 0);
    }

    Ebpf label(String name) {
        labels.put(name, code.position() / 8);
        return this;
    }

    private Ebpf jumpTo(String label) {
        jumps.put(code.position() / 8, label);
        return this;
    }

    byte[] assemble() {
        jumps.forEach((at, label) -> code.putShort(at * 8 + 2, (short) (labels.get(label) - at - 1)));
        var program = new byte[code.position()];
        code.flip();
        code.get(program);
        return program;
    }
}
