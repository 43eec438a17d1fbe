package stockade.life;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import stockade.linux.Poll;
import stockade.linux.Processes;

/**
 * Does works on many jails at once, each in a process of its own, and each when those that it has to wait for are done.
 * When one of them fails, what waits for it is skipped.
 */
final class Schedule {
    /** How many are done at once: each is a process with a descriptor here, and 1024 descriptors are what a process usually may have. */
    private static final int AT_ONCE = 256;

    private final Function<Work, Report> reports;
    private final BiPredicate<Work, Report> worker;
    private final Set<String> failed = new HashSet<>();

    /**
     * @param worker  does a work. Returns whether it was done
     * @param reports to whom each work is reported
     */
    Schedule(BiPredicate<Work, Report> worker, Function<Work, Report> reports) {
        this.worker = worker;
        this.reports = reports;
    }

    /** Jails that were not done. */
    Set<String> failed() {
        return failed;
    }

    /** A work that is not done, and how many there are that it waits for. */
    private static final class Pending {
        private final Work work;
        private final List<Pending> waiting = new ArrayList<>();
        private int missing;
        private boolean skipped;

        Pending(Work work) {
            this.work = work;
        }
    }

    /**
     * Does some works. Returns when all are done, or can't be.
     *
     * @param before the names of the jails that a jail has to wait for
     */
    void run(List<Work> works, Function<Work, List<String>> before) {
        var pending = new LinkedHashMap<String, Pending>();
        works.forEach(work -> pending.put(work.name(), new Pending(work)));
        for (var one : pending.values()) {
            for (var name : before.apply(one.work)) {
                if (pending.containsKey(name)) {
                    pending.get(name).waiting.add(one);
                    one.missing++;
                } else if (failed.contains(name)) {
                    one.skipped = true;
                }
            }
        }
        var ready = new ArrayList<Pending>();
        pending.values().stream().filter(one -> one.missing == 0).forEach(ready::add);
        if (pending.size() == 1 && ready.size() == 1) {
            finish(ready.get(0), isDone(ready.get(0)), new ArrayList<>());
        } else {
            runAll(pending, ready);
        }
    }

    private void runAll(Map<String, Pending> pending, List<Pending> ready) {
        var running = new HashMap<Pending, Processes.Child>();
        while (!pending.isEmpty() || !running.isEmpty()) {
            start(ready, running, pending);
            if (!running.isEmpty()) {
                awaitAny(running, ready);
            } else if (!pending.isEmpty()) {
                breakLoop(pending, ready);
            }
        }
    }

    private void start(List<Pending> ready, Map<Pending, Processes.Child> running, Map<String, Pending> pending) {
        while (!ready.isEmpty() && running.size() < AT_ONCE) {
            var one = ready.remove(0);
            pending.remove(one.work.name());
            if (one.skipped || failed.contains(one.work.name())) {
                finish(one, isDone(one), ready);
                continue;
            }
            var child = Processes.forkHeld();
            if (child.isSelf()) {
                Processes.exit(isDone(one) ? 0 : 1);
            }
            running.put(one, child);
        }
    }

    private void awaitAny(Map<Pending, Processes.Child> running, List<Pending> ready) {
        var poll = new Poll();
        running.values().forEach(child -> poll.readable(child.pidfd()));
        poll.await(-1);
        for (var one : List.copyOf(running.keySet())) {
            var child = running.get(one);
            if (poll.isReady(child.pidfd())) {
                running.remove(one);
                child.pidfd().close();
                finish(one, Processes.await(child).shellStatus() == 0, ready);
            }
        }
    }

    /** Nothing runs and something waits: for itself. */
    private void breakLoop(Map<String, Pending> pending, List<Pending> ready) {
        var one = pending.values().iterator().next();
        reports.apply(one.work).warn("dependency loop");
        failed.add(one.work.name());
        one.skipped = true;
        ready.add(one);
    }

    private boolean isDone(Pending one) {
        if (failed.contains(one.work.name())) {
            return false;
        }
        var report = reports.apply(one.work);
        if (one.skipped) {
            if (report.verbosity() >= 0) {
                report.warn("skipped");
            }
            return false;
        }
        return worker.test(one.work, report);
    }

    private void finish(Pending one, boolean done, List<Pending> ready) {
        if (!done) {
            failed.add(one.work.name());
        }
        for (var other : one.waiting) {
            other.skipped |= !done;
            if (--other.missing == 0) {
                ready.add(other);
            }
        }
    }
}
