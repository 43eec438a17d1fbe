package stockade.life;

import java.util.List;
import java.util.Optional;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Parameter;
import stockade.prison.Parameter.Change;
import stockade.prison.Registry;

/** What jail(8) does to the one jail that a command line describes. */
public final class OneJail {
    private final Parameters parameters;
    private final Report report;
    private final Slots slots;

    public OneJail(Parameters parameters, Report report, Slots slots) {
        this.parameters = parameters;
        this.report = report;
        this.slots = slots;
    }

    /** The jail, if it is there already: the one with the jid, else with the name. */
    public Optional<Jail> running() {
        return Registry.find(given());
    }

    /** @throws JailException if it is there already: before any of its commands is run */
    public void requireAbsent() {
        if (running().isPresent()) {
            throw new JailException("\"" + given() + "\" already exists");
        }
    }

    /**
     * Makes it, and waits for the command. Returns the exit status.
     *
     * @param up is told of the jail
     */
    public int make(Optional<List<String>> command, Optional<Observer> up) {
        for (var name : parameters.list(Parameter.DEPEND)) {
            if (Registry.find(name).isEmpty()) {
                throw new JailException("depends on nonexistent jail \"" + name + "\"");
            }
        }
        return new Start(parameters, report, slots).run(command, up).orElse(0);
    }

    /** Whether it has to be made anew to be as it is described. */
    public boolean needsRestart() {
        return Modification.obstacle(parameters, there()).isPresent();
    }

    /** Changes it, with no part of the description left out. */
    public void modify(boolean withCommand) {
        if (!parameters.isGiven(Parameter.JID) && !parameters.isGiven(Parameter.NAME)) {
            throw new JailException("no jail specified");
        }
        for (var parameter : parameters.given()) {
            if (parameter.change() == Change.ACTION && parameter != Parameter.INTERFACE && parameter != Parameter.VNET_INTERFACE) {
                throw new JailException(parameter.label() + " cannot be changed after creation");
            }
        }
        if (withCommand) {
            throw new JailException("command cannot be changed after creation");
        }
        Modification.apply(parameters, there());
        report.step("jail_set(JAIL_UPDATE) " + parameters.words());
        report.step("updated");
    }

    /** Removes it. Returns whether all went well that is done after that. */
    public boolean remove() {
        return new Stop(parameters, report, slots).run(there(), true);
    }

    private Jail there() {
        return running().orElseThrow(() -> new JailException("\"" + given() + "\" not found"));
    }

    private String given() {
        return parameters.text(Parameter.JID).or(() -> parameters.text(Parameter.NAME)).orElse("");
    }
}
