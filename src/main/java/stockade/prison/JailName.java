package stockade.prison;

/** A jail's name other than its jid: 1 to 255 bytes, not a number, not of a child jail. */
public record JailName(String text) {
    public static final int MAX = 255;

    public JailName {
        if (text.length() > MAX) {
            throw new JailException("name: File name too long");
        }
        if (text.isEmpty()) {
            throw new JailException("name: empty");
        }
        if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new JailException("name cannot be numeric (unless it is the jid)");
        }
        if (text.indexOf('.') >= 0) {
            throw new JailException("name: " + text + ": no jail can have a child");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
