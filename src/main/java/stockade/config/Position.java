package stockade.config;

/** A place in a file: line and column are counted from 1. */
public record Position(String file, int line, int column) {
    /** Where a setting is that a command line gives. */
    public static final Position COMMAND_LINE = new Position("", 0, 0);

    /** What stands before an error here. */
    public String prefix() {
        return file.isEmpty() ? "" : file + " line " + line + " column " + column + ": ";
    }
}
