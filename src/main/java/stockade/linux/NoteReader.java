package stockade.linux;

import java.util.Arrays;

/**
 * Reads many notes of a directory, which have numbers for names, each into the place of the one before: who reads thousands would
 * otherwise spend most of the time on memory, a page of which costs as much as some system calls.
 */
public final class NoteReader implements AutoCloseable {
    /** There is no such note. */
    public static final int NONE = -1;

    private static final int PATH = 16; // what a name takes, with the NUL

    private final Descriptor directory;
    private final Memory memory = Memory.toBeWritten(PATH + Note.MOST); // the path, and what is read
    private final byte[] digits = new byte[Bytes.DIGITS];
    private byte[] bytes = new byte[Note.MOST];

    public NoteReader(Descriptor directory) {
        this.directory = directory;
    }

    /** Returns the length of what {@link #bytes} has now, or {@link #NONE}. */
    public int read(int name) {
        int length = Bytes.putDecimal(digits, name);
        memory.putBytes(0, digits, 0, length);
        memory.putByte(length, 0);
        long n = Native.call(SystemCall.READLINKAT, directory.number(), memory.address(), memory.address() + PATH, Note.MOST);
        if (n >= 0) {
            memory.getBytes(PATH, bytes, 0, (int) n);
            return (int) n;
        }
        var unusual = Note.find(directory, Integer.toString(name)); // a file, or none, or an error to be told
        if (unusual.isEmpty()) {
            return NONE;
        }
        bytes = Arrays.copyOf(unusual.get(), Math.max(unusual.get().length, Note.MOST));
        return unusual.get().length;
    }

    /** What was read last, and anything after it. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public void close() {
        memory.close();
    }
}
