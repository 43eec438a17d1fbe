package stockade.command;

/** A command line that is not of the command's form; what to say before the usage, if anything. */
final class UsageException extends RuntimeException {
    UsageException(String complaint) {
        super(complaint);
    }

    UsageException() {
        super("");
    }
}
