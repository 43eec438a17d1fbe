package stockade.linux;

import org.teavm.interop.Address;

/**
 * A block of memory outside the Java heap, where the kernel can read and write it: the collector
 * moves Java arrays, so their addresses never leave the program.
 *
 * Blocks are closed in the reverse order of their making, as try-with-resources does, and so come from one
 * stack whose pages are touched once; only what is too large for it is allocated.
 */
final class Memory implements AutoCloseable {
    private static final int STACK_SIZE = 1 << 16;
    private static final int ALIGNMENT = 16;
    private static final Address STACK = Native.blocks();
    private static int top;

    private final Address start;
    private final int offset;

    /** Zeroed memory. */
    Memory(int size) {
        this(size, true);
    }

    private Memory(int size, boolean zeroed) {
        int rounded = (Math.max(size, 1) + ALIGNMENT - 1) & -ALIGNMENT;
        if (rounded > STACK_SIZE - top) {
            offset = -1;
            start = allocate(rounded);
        } else {
            offset = top;
            top += rounded;
            start = STACK.add(offset);
            if (zeroed) {
                Address.fillZero(start, rounded);
            }
        }
    }

    /** Memory that somebody is to write before it is read, with anything in it till then: of a large block only the pages that are used are touched. */
    static Memory toBeWritten(int size) {
        return new Memory(size, false);
    }

    private static Address allocate(int size) {
        var memory = Native.calloc(1, size);
        if (memory.toLong() == 0) {
            throw new KernelException("allocate memory", Errno.ENOMEM);
        }
        return memory;
    }

    /** A C string: one byte a character, as {@link Bytes} keeps them. */
    static Memory string(String s) {
        var memory = toBeWritten(s.length() + 1);
        memory.putString(0, s);
        return memory;
    }

    static Memory bytes(byte[] b) {
        var memory = toBeWritten(b.length);
        memory.putBytes(0, b, 0, b.length);
        return memory;
    }

    long address() {
        return start.toLong();
    }

    Memory putByte(int offset, int value) {
        start.add(offset).putByte((byte) value);
        return this;
    }

    Memory putShort(int offset, int value) {
        start.add(offset).putShort((short) value);
        return this;
    }

    Memory putInt(int offset, int value) {
        start.add(offset).putInt(value);
        return this;
    }

    Memory putLong(int offset, long value) {
        start.add(offset).putLong(value);
        return this;
    }

    void putString(int offset, String s) {
        for (int i = 0; i < s.length(); i++) {
            start.add(offset + i).putByte((byte) s.charAt(i));
        }
        start.add(offset + s.length()).putByte((byte) 0);
    }

    void putBytes(int offset, byte[] b, int from, int length) {
        // between the two nothing is allocated, so that the collector has no occasion to move the array
        Address.moveMemoryBlock(Address.ofData(b).add(from), start.add(offset), length);
    }

    int getByte(int offset) {
        return start.add(offset).getByte() & 0xff;
    }

    int getShort(int offset) {
        return start.add(offset).getShort() & 0xffff;
    }

    int getInt(int offset) {
        return start.add(offset).getInt();
    }

    long getLong(int offset) {
        return start.add(offset).getLong();
    }

    void getBytes(int offset, byte[] b, int to, int length) {
        Address.moveMemoryBlock(start.add(offset), Address.ofData(b).add(to), length);
    }

    byte[] getBytes(int offset, int length) {
        var b = new byte[length];
        getBytes(offset, b, 0, length);
        return b;
    }

    /** The C string at an offset. */
    String getString(int offset) {
        return Native.string(start.add(offset));
    }

    @Override
    public void close() {
        if (offset < 0) {
            Native.free(start);
        } else {
            top = offset;
        }
    }
}
