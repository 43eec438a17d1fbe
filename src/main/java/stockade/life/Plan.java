package stockade.life;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stockade.config.Configuration;
import stockade.config.Declaration;
import stockade.config.Wildcard;
import stockade.linux.Bytes;
import stockade.life.Work.Task;
import stockade.prison.Jail;
import stockade.prison.Parameter;
import stockade.prison.Registry;

/** What has to be done to which jails for what jail(8) is asked: those that are named, and those that depend on them. */
final class Plan {
    private final Map<String, Declaration> declared = new LinkedHashMap<>();
    private final Map<String, List<String>> dependents = new LinkedHashMap<>();
    private final Map<String, Work> works = new LinkedHashMap<>();
    private final Request request;

    Plan(Configuration configuration, Request request) {
        this.request = request;
        for (var jail : configuration.jails()) {
            declared.put(jail.name(), jail);
            for (var other : depends(jail)) {
                dependents.computeIfAbsent(other, name -> new ArrayList<>()).add(jail.name());
            }
        }
    }

    private static List<String> depends(Declaration jail) {
        for (var setting : jail.settings()) {
            if (setting.name().equals(Parameter.DEPEND.label())) {
                return Bytes.parts(String.join(",", setting.values()), ',');
            }
        }
        return List.of();
    }

    /** Plans for every jail that is declared. */
    void addAll() {
        declared.values().forEach(jail -> add(jail, false));
    }

    /** Plans for those that a name, a jid or a wildcard denotes. Returns whether there can be one. */
    boolean add(String target) {
        if (Wildcard.isWildcard(target)) {
            declared.values().stream().filter(jail -> Wildcard.matches(jail.name(), target)).forEach(jail -> add(jail, false));
        } else if (declared.containsKey(target)) {
            add(declared.get(target), true);
        } else {
            var running = request.onlyRemoves() ? Registry.find(target) : Optional.<Jail>empty();
            running.ifPresent(jail -> addRunning(jail, true));
            return running.isPresent();
        }
        return true;
    }

    /** Plans for a jail that runs, whoever made it. */
    void addRunning(Jail jail, boolean asked) {
        if (declared.containsKey(jail.name())) {
            add(declared.get(jail.name()), asked);
        } else {
            works.put(jail.name(), new Work(jail.name(), Task.STOP, List.of(), List.of(), asked));
        }
    }

    private void add(Declaration jail, boolean asked) {
        var task = task(jail, asked);
        var planned = works.get(jail.name());
        plan(jail, planned == null ? task : both(jail, planned.task(), task), asked);
    }

    private void plan(Declaration jail, Task task, boolean asked) {
        works.put(jail.name(), new Work(jail.name(), task, jail.settings(), depends(jail), asked));
        if (task == Task.START || task == Task.RESTART) {
            depends(jail).forEach(name -> pull(name, Task.START));
        }
        if (ends(task)) {
            dependents(jail.name()).forEach(name -> pull(name, Task.STOP));
        }
    }

    /** Plans for a jail for the sake of another. */
    private void pull(String name, Task task) {
        var jail = declared.get(name);
        var planned = works.get(name);
        if (jail != null && planned == null) {
            plan(jail, task, false);
        } else if (jail != null && both(jail, task, planned.task()) != planned.task()) {
            plan(jail, both(jail, task, planned.task()), planned.asked());
        }
    }

    /** As with FreeBSD, a jail that runs does not go on while one that it depends on is made anew. Else the second counts. */
    private static Task both(Declaration jail, Task first, Task second) {
        if (first != second && (ends(first) || ends(second)) && Registry.find(jail.name()).isPresent()) {
            return Task.RESTART;
        }
        return second == Task.STOP ? first : second;
    }

    private static boolean ends(Task task) {
        return task == Task.STOP || task == Task.RESTART;
    }

    private Task task(Declaration jail, boolean asked) {
        if (request.onlyRemoves()) {
            return Task.STOP;
        }
        boolean runs = Registry.find(jail.name()).isPresent();
        boolean makesAnew = request.create() && request.remove() && !request.modify();
        if (!runs && request.create() && (!makesAnew || !asked)) {
            return Task.START;
        }
        if (!request.modify()) {
            return makesAnew ? Task.RESTART : Task.START;
        }
        return runs && request.remove() && needsRestart(jail) ? Task.RESTART : Task.SET;
    }

    private static boolean needsRestart(Declaration jail) {
        var problems = new ArrayList<String>();
        var parameters = Parameters.read(jail.settings(), problems);
        return problems.isEmpty() && Registry.find(jail.name())
                .flatMap(running -> Modification.obstacle(parameters, running)).isPresent();
    }

    /** In the order in which they are declared or asked for. */
    List<Work> works() {
        return List.copyOf(works.values());
    }

    /** What stands in the way of jails before anything is done, by their names. */
    Map<String, List<String>> problems() {
        var problems = new LinkedHashMap<String, List<String>>();
        for (var jail : declared.values()) {
            var found = new ArrayList<>(jail.problems());
            if (!found.isEmpty()) {
                Parameters.read(jail.settings(), found); // all that is wrong at once; of the others it is said when they are made
            }
            depends(jail).stream().filter(name -> !declared.containsKey(name))
                    .forEach(name -> found.add("depends on undefined jail \"" + name + "\""));
            if (!found.isEmpty()) {
                problems.put(jail.name(), found);
            }
        }
        return problems;
    }

    /** Those that depend on a jail. */
    List<String> dependents(String name) {
        return dependents.getOrDefault(name, List.of());
    }
}
