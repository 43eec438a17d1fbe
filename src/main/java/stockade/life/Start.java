package stockade.life;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import stockade.linux.Files;
import stockade.linux.Resolver;
import stockade.network.Inet;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Parameter;
import stockade.role.Attachment;
import stockade.role.Creation;
import stockade.role.Foreground;

/**
 * Makes a jail, in the order of FreeBSD's jail(8): exec.prepare, exec.prestart, the jail with its addresses and mounts,
 * exec.created, exec.start, command, exec.poststart. When a step fails, the jail is taken away again.
 */
final class Start {
    private final Parameters parameters;
    private final Report report;
    private final Hooks hooks;

    Start(Parameters parameters, Report report, Slots slots) {
        this.parameters = parameters.resolved(Start::addresses);
        this.report = report;
        this.hooks = new Hooks(this.parameters, report, slots);
    }

    private static List<Inet> addresses(String hostname) {
        var answer = Resolver.ask(hostname);
        if (answer.addresses().isEmpty()) {
            throw new JailException("host.hostname " + hostname + ": " + answer.failure());
        }
        return answer.addresses().stream().map(Inet::of).distinct().toList();
    }

    /**
     * Makes it. Returns the status of the command that jail(8) is in the foreground for, if there was one.
     *
     * @param command in the foreground
     * @param up      is told of the jail before anything runs in it
     * @throws JailException if a step fails
     */
    OptionalInt run(Optional<List<String>> command, Optional<Observer> up) {
        requireProcessOrPersistence(command);
        parameters.spec(parameters.path()); // what is wrong is said before anything is done
        hooks.runOnHost(Parameter.EXEC_PREPARE, Optional.empty());
        hooks.runOnHost(Parameter.EXEC_PRESTART, Optional.empty());
        return command.isPresent() && isSimple() ? runSimple(command.get(), up) : runInSteps(command, up);
    }

    private void requireProcessOrPersistence(Optional<List<String>> command) {
        if (command.isEmpty() && !persists() && List.of(Parameter.EXEC_START, Parameter.COMMAND, Parameter.EXEC_POSTSTART,
                Parameter.EXEC_CREATED).stream().allMatch(parameter -> parameters.commands(parameter).isEmpty())) {
            throw new JailException("new jail must persist or attach");
        }
    }

    private boolean persists() {
        return parameters.is(Parameter.PERSIST);
    }

    /** Whether there is nothing to be done for the jail but to run a command. */
    private boolean isSimple() {
        return !persists() && List.of(Parameter.EXEC_CREATED, Parameter.EXEC_START, Parameter.EXEC_POSTSTART).stream()
                .allMatch(parameter -> parameters.commands(parameter).isEmpty());
    }

    private Creation create() {
        try (var root = new Root(parameters.path())) {
            var spec = parameters.spec(root.realPath());
            try (var directory = root.checked(spec)) {
                int umask = Files.umask(077);
                try {
                    return Creation.of(spec, directory);
                } finally {
                    Files.umask(umask);
                }
            }
        }
    }

    private OptionalInt runSimple(List<String> argv, Optional<Observer> up) {
        var command = hooks.command(argv, false);
        var creation = create();
        try {
            if (report.verbosity() > 0 || up.isPresent()) {
                creation.awaitUp(); // the jail is told of before the command runs
                tell(creation.jail(), up);
            }
            report.step(running(argv));
            var outcome = Foreground.run(creation.warden(), command);
            if (outcome.last()) {
                creation.awaitEnd();
                report.step("removed");
            }
            return OptionalInt.of(outcome.status());
        } catch (RuntimeException e) {
            creation.undo();
            throw e;
        }
    }

    private OptionalInt runInSteps(Optional<List<String>> command, Optional<Observer> up) {
        var creation = create();
        try {
            creation.awaitUp();
            creation.hold();
            var jail = creation.jail();
            tell(jail, up);
            hooks.runOnHost(Parameter.EXEC_CREATED, Optional.of(jail));
            hooks.runInJail(Parameter.EXEC_START, jail);
            var status = OptionalInt.empty();
            if (command.isPresent()) {
                var outcome = inForeground(command.get(), jail);
                status = OptionalInt.of(outcome.status());
                if (outcome.last()) { // somebody has removed it
                    creation.awaitEnd();
                    report.step("removed");
                    return status;
                }
            } else {
                hooks.runInJail(Parameter.COMMAND, jail);
            }
            hooks.runOnHost(Parameter.EXEC_POSTSTART, Optional.of(jail));
            creation.release(persists());
            return status;
        } catch (RuntimeException e) {
            creation.undo();
            report.result("removed");
            throw e;
        }
    }

    private void tell(Jail jail, Optional<Observer> up) {
        report.step("jail_set(JAIL_CREATE) persist name=" + Quoting.quote(jail.name()) + " path="
                + Quoting.quote(jail.path()) + " host.hostname=" + Quoting.quote(jail.hostname().text())
                + (jail.ip6().addresses().isEmpty() || !jail.ip4().addresses().isEmpty()
                        ? " ip4.addr=" + Quoting.quote(jail.ip4().addressList()) : "")
                + (jail.ip6().addresses().isEmpty() ? "" : " ip6.addr=" + jail.ip6().addressList()));
        report.result("created");
        up.ifPresent(observer -> observer.isUp(jail, parameters));
    }

    private Foreground.Outcome inForeground(List<String> argv, Jail jail) {
        report.step(running(argv));
        return Attachment.run(jail, hooks.command(argv, false));
    }

    private String running(List<String> argv) {
        return "run command in jail" + parameters.text(Parameter.EXEC_JAIL_USER).map(user -> " as " + user).orElse("") + ": "
                + String.join(" ", argv);
    }
}
