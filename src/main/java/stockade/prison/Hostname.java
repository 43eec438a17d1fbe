package stockade.prison;

/** A jail's hostname: at most {@value #MAX} bytes (Linux's __NEW_UTS_LEN; FreeBSD's limit is 255). */
public record Hostname(String text) {
    public static final int MAX = 64;

    public Hostname {
        if (text.length() > MAX) {
            throw new JailException("host.hostname: File name too long (" + text.length() + " bytes, Linux takes "
                    + MAX + ")");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
