package stockade.linux;

import org.teavm.interop.Address;

/**
 * A block of zeroed memory outside the Java heap, where the kernel can read and write it: the collector
 * moves Java arrays, so their addresses never leave the program.
 */
final class Memory implements AutoCloseable {
    private final Address start;

    Memory(int size) {
        start = Native.calloc(1, Math.max(size, 8));
        if (start.toLong() == 0) {
            throw new KernelException("allocate memory", Errno.ENOMEM);
        }
    }

    /** A C string: one byte a character, as {@link Bytes} keeps them. */
    static Memory string(String s) {
        var memory = new Memory(s.length() + 1);
        memory.putString(0, s);
        return memory;
    }

    static Memory bytes(byte[] b) {
        var memory = new Memory(b.length);
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
        for (int i = 0; i < length; i++) {
            start.add(offset + i).putByte(b[from + i]);
        }
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
        for (int i = 0; i < length; i++) {
            b[to + i] = start.add(offset + i).getByte();
        }
    }

    byte[] getBytes(int offset, int length) {
        var b = new byte[length];
        getBytes(offset, b, 0, length);
        return b;
    }

    /** The C string at an offset. */
    String getString(int offset) {
        var s = new StringBuilder();
        for (int b; (b = getByte(offset++)) != 0;) {
            s.append((char) b);
        }
        return s.toString();
    }

    @Override
    public void close() {
        Native.free(start);
    }
}
