package stockade.config;

/**
 * The memory that a configuration may take: each jail has what the wildcards say, and variables repeat what is said once, so
 * that a short file can say more than there is room, or time, for. Sizes are in bytes, of the objects in the native binary.
 */
final class Budget {
    /** What the largest heap (pom.xml) leaves for it, with room for what is garbage in between. */
    static final int SIZE = 96 << 20;

    /** A jail or wildcard without its name, as it is read and as it is declared. */
    static final int BLOCK = 450;

    /** What is kept of a parameter's or variable's name besides itself, once for each. */
    static final int NAME = 450;

    /** A statement without its values. */
    static final int STATEMENT = 180;

    /** A value without its text. */
    static final int VALUE = 100;

    /** A variable in a value. */
    static final int REFERENCE = 120;

    /** That a statement is one of a jail's. */
    static final int USE = 8;

    /** A setting that is other than what is written. */
    static final int SETTING = 120;

    private static final int STRING = 48;
    private static final int CHARACTER = 2;

    /** How many bytes reading a file takes for each of its own, in part only while it is read. */
    private static final int READING = 5;

    private final String file;
    private final Errors errors;
    private int left = SIZE;

    Budget(String file, Errors errors) {
        this.file = file;
        this.errors = errors;
    }

    /** What a string takes. */
    static int string(int length) {
        return STRING + CHARACTER * length;
    }

    /** @throws ConfigurationException if it is more than is left */
    void take(int size) {
        left -= size;
        if (left < 0) {
            errors.add(file + ": too large: more than " + SIZE + " bytes of memory");
            errors.throwIfAny();
        }
    }

    /** Takes back what a string took that is no more needed. */
    void give(int size) {
        left += size;
    }

    /** How long a file may be that is to be read now. */
    int readable() {
        return left / READING;
    }
}
