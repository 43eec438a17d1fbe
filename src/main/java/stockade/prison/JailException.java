package stockade.prison;

/** A jail that can't be had, and why, in words that stand behind "jail: " on a line of their own. */
public final class JailException extends RuntimeException {
    public JailException(String message) {
        super(message);
    }
}
