package stockade.usher;

import stockade.linux.Descriptor;
import stockade.linux.Errno;

/** What becomes of a system call that waits. */
sealed interface Answer {
    /** The kernel carries it out, with its own checks, as if nobody had been asked. */
    record Proceed() implements Answer {
    }

    /** It returns this; an error as the kernel has it, minus its number. */
    record Result(long value) implements Answer {
    }

    /** It returns this descriptor, which the usher then closes. */
    record HandIn(Descriptor descriptor, boolean closeOnExec) implements Answer {
    }

    static Answer refuse(Errno errno) {
        return new Result(-errno.number());
    }

    /** A number that may be negative: it is told in the low half, so that no error is read in it. */
    static Answer value(int number) {
        return new Result(number & 0xffffffffL);
    }

    static Answer proceedIf(boolean allowed, Errno otherwise) {
        return allowed ? new Proceed() : refuse(otherwise);
    }
}
