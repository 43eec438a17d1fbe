package stockade.usher;

import stockade.linux.Descriptor;
import stockade.linux.Seccomp;

/** A system call that waits for an answer. Its arguments are what was in the registers; what they point to may change. */
record Call(Descriptor listener, Seccomp.Notification notification) {

    int number() {
        return notification.number();
    }

    long argument(int i) {
        return notification.arguments()[i];
    }

    /** An argument that the kernel takes as an int. */
    int intArgument(int i) {
        return (int) notification.arguments()[i];
    }

    Caller caller() {
        return new Caller(this);
    }

    /** Whether the caller still waits, and lives. */
    boolean isWaiting() {
        return Seccomp.isWaiting(listener, notification);
    }
}
