package stockade.linux;

/**
 * Some of the bytes of an array as text, as {@link Bytes} has it, without a copy: who shows thousands of texts would otherwise spend most
 * of the time on memory. It can be turned to others, so nobody but its owner keeps it.
 */
public final class Span implements CharSequence {
    private byte[] bytes = new byte[0];
    private int from;
    private int to;

    /** From now on these are other bytes. */
    public Span turnTo(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        return this;
    }

    @Override
    public int length() {
        return to - from;
    }

    @Override
    public char charAt(int index) {
        return (char) (bytes[from + index] & 0xff);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new Span().turnTo(bytes, from + start, from + end);
    }

    /** Whether it has nothing but ASCII's characters that are seen, and spaces. */
    boolean isPlain() {
        var bytes = this.bytes;
        int to = this.to;
        int at = from;
        while (at < to && bytes[at] >= ' ' && bytes[at] < 0x7f) {
            at++;
        }
        return at == to;
    }

    /** Copies a part to a place in an array. */
    public void copy(int start, int end, byte[] b, int at) {
        System.arraycopy(bytes, from + start, b, at, end - start);
    }

    @Override
    public String toString() {
        return Bytes.toString(bytes, from, to);
    }
}
