package stockade.usher;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last of the sockets to which something was done, by their numbers among all (SO_COOKIE): no jail can make it grow. */
final class RecentSockets {
    private static final int MAX = 1024;

    private final Deque<Long> cookies = new ArrayDeque<>();

    void add(long cookie) {
        if (!cookies.contains(cookie)) {
            cookies.addLast(cookie);
        }
        if (cookies.size() > MAX) {
            cookies.removeFirst();
        }
    }

    boolean contains(long cookie) {
        return cookies.contains(cookie);
    }

    /** Returns whether it was among them. */
    boolean remove(long cookie) {
        return cookies.remove(cookie);
    }
}
