package stockade.role;

import stockade.linux.KernelException;
import stockade.prison.JailException;

/** What to say of an exception: ours explain themselves, any other is a defect and says what it is. */
public final class Failure {
    private Failure() {
    }

    public static String reason(RuntimeException e) {
        return e instanceof KernelException || e instanceof JailException ? e.getMessage()
                : "internal error: " + e.getClass().getName() + ": " + e.getMessage();
    }
}
