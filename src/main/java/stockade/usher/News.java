package stockade.usher;

import java.util.Iterator;
import stockade.linux.Descriptor;
import stockade.linux.Poll;
import stockade.linux.UnixSocket;
import stockade.prison.Jail;

/** The next record of a jail that gets other addresses, told by the warden. */
final class News {
    /** How long it may take from when the kernel knows of the addresses, in milliseconds. */
    private static final int PATIENCE = 5000;

    private final Descriptor control;
    private Jail jail;
    private Iterator<Descriptor> descriptors;

    News(Descriptor control) {
        this.control = control;
    }

    Descriptor control() {
        return control;
    }

    boolean isHeard() {
        return jail != null;
    }

    /** Waits for it. @throws IllegalStateException if it does not come, which ends the usher, and the jail */
    Jail await() {
        if (jail == null) {
            var told = new Poll().readable(control).await(PATIENCE) ? UnixSocket.receive(control) : null;
            if (told == null) {
                throw new IllegalStateException("the warden is gone, or knows of no other addresses");
            }
            descriptors = told.descriptors().iterator();
            try (var record = descriptors.next()) {
                jail = Jail.parse(record.content());
            }
        }
        return jail;
    }

    /** What steers to each new address. */
    Iterator<Descriptor> descriptors() {
        return descriptors;
    }
}
