package stockade.config;

/**
 * Where something is written.
 *
 * @param line   from 1
 * @param column from 1, in bytes
 */
public record Position(String file, int line, int column) {
    /** Where a setting is that a command line gives. */
    public static final Position COMMAND_LINE = new Position("", 0, 0);

    /** What stands before an error here. */
    public String prefix() {
        return file.isEmpty() ? "" : this + ": ";
    }

    @Override
    public String toString() {
        return file + " line " + line + " column " + column;
    }
}
