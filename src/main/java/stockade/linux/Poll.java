package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.ArrayList;
import java.util.List;

/** A set of descriptors to wait on with poll(2), built anew for each wait. */
public final class Poll {
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int POLLHUP = 16;
    private static final int SHORT_WAIT = 1000;

    private final List<Wanted> wanted = new ArrayList<>();
    private int[] happened = {};

    private record Wanted(Descriptor descriptor, int events) {
    }

    /** Waits for input, or for the other end to hang up. */
    public Poll readable(Descriptor descriptor) {
        return add(descriptor, POLLIN);
    }

    public Poll writable(Descriptor descriptor) {
        return add(descriptor, POLLOUT);
    }

    private Poll add(Descriptor descriptor, int events) {
        wanted.add(new Wanted(descriptor, events));
        return this;
    }

    /** Waits for any of them, at most so many milliseconds (-1: for ever). Returns whether any is ready. */
    public boolean await(int milliseconds) {
        int n = wanted.size();
        try (var fds = new Memory(n * 8)) {
            for (int i = 0; i < n; i++) {
                fds.putInt(i * 8, wanted.get(i).descriptor.number()).putShort(i * 8 + 4, wanted.get(i).events);
            }
            long ready = call(fds, n, milliseconds < 0 ? SHORT_WAIT : milliseconds);
            if (ready == 0 && milliseconds < 0) {
                ProgramText.release();
                ready = call(fds, n, milliseconds);
            }
            happened = new int[n];
            for (int i = 0; i < n; i++) {
                happened[i] = fds.getShort(i * 8 + 6);
            }
            return ready > 0;
        }
    }

    private static long call(Memory fds, int n, int milliseconds) {
        long ready;
        do {
            ready = Native.call(SystemCall.POLL, fds.address(), n, milliseconds);
        } while (Errno.EINTR.is(ready)); // there are no handlers to wait for
        return check(ready, "poll");
    }

    /** Whether nothing can be read any more because the other end has gone. */
    public boolean isOver(Descriptor descriptor) {
        return (happened(descriptor) & (POLLIN | POLLHUP)) == POLLHUP;
    }

    /** Whether the descriptor can be read from or written to, is at its end, or is in error. */
    public boolean isReady(Descriptor descriptor) {
        return happened(descriptor) != 0;
    }

    private int happened(Descriptor descriptor) {
        int events = 0;
        for (int i = 0; i < happened.length; i++) {
            if (wanted.get(i).descriptor == descriptor) {
                events |= happened[i];
            }
        }
        return events;
    }
}
