package stockade.life;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.config.Configuration;
import stockade.config.Wildcard;
import stockade.life.Work.Task;
import stockade.linux.KernelException;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Registry;
import stockade.prison.Survey;
import stockade.role.Failure;

/** What jail(8) does to jails by their names. */
public final class Jails {
    private final int verbosity;
    private final Slots slots;
    private final Optional<Observer> up;
    private final boolean tellRemoved;

    /**
     * @param verbosity   see {@link Report}
     * @param up          is told of each jail that is made
     * @param tellRemoved whether to say which jails were removed
     */
    public Jails(int verbosity, Slots slots, Optional<Observer> up, boolean tellRemoved) {
        this.verbosity = verbosity;
        this.slots = slots;
        this.up = up;
        this.tellRemoved = tellRemoved;
    }

    /**
     * Does what is asked. Returns whether all was done.
     *
     * @param targets  names, jids and wildcards; none: all that are declared
     * @param declared whether wildcards are for what is declared, not for what runs
     */
    public boolean run(Configuration configuration, Request request, List<String> targets, boolean declared) {
        var plan = new Plan(configuration, request);
        boolean found = true;
        if (targets.isEmpty()) {
            plan.addAll();
        }
        for (var target : targets) {
            if (Wildcard.isWildcard(target) && !declared) {
                Survey.take().forEach(listed -> {
                    if (Wildcard.matches(listed.name().toString(), target)) {
                        plan.addRunning(listed.jail(), false); // it may end before its turn
                    }
                });
            } else if (!plan.add(target)) {
                found = isRefused(target, "not found");
            }
        }
        return run(plan) && found;
    }

    private boolean run(Plan plan) {
        var schedule = new Schedule(this::isDone, this::report);
        plan.problems().forEach((name, problems) -> {
            problems.forEach(report(name)::warn);
            schedule.failed().add(name);
        });
        var ends = new ArrayList<Work>();
        var starts = new ArrayList<Work>();
        for (var work : plan.works()) {
            switch (work.task()) {
                case STOP -> ends.add(work);
                case RESTART -> {
                    ends.add(work);
                    starts.add(work.as(Task.START));
                }
                default -> starts.add(work);
            }
        }
        schedule.run(ends, work -> plan.dependents(work.name()));
        schedule.run(starts, work -> work.task() == Task.START ? work.depends() : List.of());
        return plan.works().stream().noneMatch(work -> schedule.failed().contains(work.name()));
    }

    private Report report(Work work) {
        return report(work.name());
    }

    private Report report(String name) {
        return new Report(Optional.of(name), verbosity);
    }

    private boolean isDone(Work work, Report report) {
        try {
            var problems = new ArrayList<String>();
            var parameters = Parameters.read(work.settings(), problems);
            problems.forEach(report::warn);
            return problems.isEmpty() && isDone(work, parameters, report);
        } catch (JailException | KernelException e) {
            report.warn(Failure.reason(e));
            return false;
        }
    }

    private boolean isDone(Work work, Parameters parameters, Report report) {
        var running = Registry.find(work.name());
        switch (work.task()) {
            case START -> {
                if (running.isEmpty()) {
                    new Start(parameters, report, slots).run(Optional.empty(), up);
                } else if (work.asked()) {
                    return isRefused(work.name(), "already exists");
                }
            }
            case SET -> {
                if (running.isPresent()) {
                    Modification.apply(parameters, running.get());
                    report.step("jail_set(JAIL_UPDATE) " + parameters.words());
                    report.result("updated");
                } else if (work.asked()) {
                    return isRefused(work.name(), "not found");
                }
            }
            default -> {
                if (running.isPresent()) {
                    return new Stop(parameters, report, slots).run(running.get(), tellRemoved);
                } else if (work.asked()) {
                    return isRefused(work.name(), "not found");
                }
            }
        }
        return true;
    }

    private boolean isRefused(String name, String why) {
        if (verbosity >= 0) {
            new Report(Optional.empty(), verbosity).warn("\"" + name + "\" " + why);
        }
        return false;
    }
}
