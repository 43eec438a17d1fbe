package stockade.life;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import stockade.config.Setting;
import stockade.linux.Bytes;
import stockade.network.Inet;
import stockade.network.Inet4;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailSpec;
import stockade.prison.Parameter;
import stockade.prison.Parameter.Change;
import stockade.prison.Permission;
import stockade.prison.Resource;
import stockade.prison.ResourceLimits;

/** The parameters that somebody gives a jail, each checked for what it alone can be (jail(8)). */
public final class Parameters {
    private final Map<Parameter, List<String>> given = new TreeMap<>();
    private ResourceLimits limits = ResourceLimits.NONE;

    private Parameters() {
    }

    /**
     * A later setting of a list or of commands adds to an earlier one, of another parameter it replaces it.
     *
     * @throws JailException if there is no such parameter, or no such value of it
     */
    public static Parameters of(List<Setting> settings) {
        var problems = new ArrayList<String>();
        var parameters = read(settings, problems);
        if (!problems.isEmpty()) {
            throw new JailException(problems.get(0));
        }
        return parameters;
    }

    /** As {@link #of}, but what is wrong is added to the problems. */
    static Parameters read(List<Setting> settings, List<String> problems) {
        var parameters = new Parameters();
        for (var setting : settings) {
            try {
                parameters.take(setting);
            } catch (JailException e) {
                problems.add(setting.position().prefix() + e.getMessage());
            }
        }
        return parameters;
    }

    private void take(Setting setting) {
        if (Resource.isLabel(setting.name())) {
            limits = limits.with(setting.name(), Values.last(setting).orElse(""));
            return;
        }
        var parameter = Parameter.find(setting.name())
                .orElseThrow(() -> new JailException("unknown parameter: " + setting.name()));
        var values = new ArrayList<String>();
        switch (parameter.type()) {
            case SWITCH -> values.add(Boolean.toString(Values.isTrue(setting) != isNegated(parameter, setting)));
            case JAILSYS -> values.add(isNegated(parameter, setting) ? Values.negatedJailsys(parameter, setting)
                    : Values.jailsys(setting));
            case NUMBER -> values.add(Values.number(setting));
            case SECONDS -> values.add(Values.seconds(setting));
            case STRING -> values.add(Values.last(setting).orElse(""));
            default -> {
                values.addAll(given.getOrDefault(parameter, List.of()));
                values.addAll(setting.values());
            }
        }
        if (parameter.change() == Change.NEVER && !parameter.accepted().contains(values.get(0))) {
            throw new JailException(setting.name() + ": " + (parameter.accepted().isEmpty() ? "not to be had"
                    : "can't be " + values.get(0)) + ": " + parameter.description());
        }
        if (parameter.permission().isPresent() && values.get(0).equals("inherit")) {
            throw new JailException(setting.name() + ": can't be inherit: System V objects are never shared with the host");
        }
        if (given.put(parameter, values) != null && (parameter == Parameter.NAME || parameter == Parameter.JID)) {
            throw new JailException("cannot redefine parameter \"" + setting.name() + "\".");
        }
    }

    private static boolean isNegated(Parameter parameter, Setting setting) {
        return !parameter.label().equals(setting.name());
    }

    public boolean isGiven(Parameter parameter) {
        return given.containsKey(parameter);
    }

    /** Those that are given. */
    public List<Parameter> given() {
        return List.copyOf(given.keySet());
    }

    /** The value, if it is given and not a list. */
    public Optional<String> text(Parameter parameter) {
        return Optional.ofNullable(given.get(parameter)).map(values -> values.get(0));
    }

    /** A switch's value. */
    public boolean is(Parameter parameter) {
        return text(parameter).orElse(parameter.initial()).equals("true");
    }

    /** A number's value. */
    public int number(Parameter parameter) {
        return Bytes.decimal(text(parameter).orElse(parameter.initial()));
    }

    /** @throws JailException if it is none */
    int securelevel() {
        int level = number(Parameter.SECURELEVEL);
        if (level < -1 || level > 3) {
            throw new JailException("securelevel: " + level + ": not between -1 and 3");
        }
        return level;
    }

    /** The members of a list: values, and what stands between commas in them. */
    public List<String> list(Parameter parameter) {
        return Bytes.parts(String.join(",", given.getOrDefault(parameter, List.of())), ',');
    }

    /** Each a command, or the arguments of one. */
    public List<String> commands(Parameter parameter) {
        return given.getOrDefault(parameter, List.of());
    }

    /** With the addresses that a resolver gives for the hostname, if that is asked for (ip_hostname). */
    Parameters resolved(Function<String, List<Inet>> resolver) {
        if (!is(Parameter.IP_HOSTNAME) || text(Parameter.HOST_HOSTNAME).isEmpty()) {
            return this;
        }
        var resolved = new Parameters();
        resolved.given.putAll(given);
        resolved.limits = limits;
        for (var address : resolver.apply(text(Parameter.HOST_HOSTNAME).get())) {
            var parameter = address instanceof Inet4 ? Parameter.IP4_ADDR : Parameter.IP6_ADDR;
            var all = new ArrayList<>(resolved.given.getOrDefault(parameter, List.of()));
            all.add(address.toString());
            resolved.given.put(parameter, all);
        }
        return resolved;
    }

    /** All that is given, as a command line would say it. */
    String words() {
        return words(given.keySet().stream()).collect(Collectors.joining(" "));
    }

    /** A jail that was made of these, as a command line would say it. */
    public String words(Jail jail) {
        return Stream.concat(Stream.of("jid=" + jail.jid(), "name=" + Quoting.quote(jail.name())),
                words(given.keySet().stream().filter(parameter -> parameter != Parameter.JID && parameter != Parameter.NAME)))
                .collect(Collectors.joining(" "));
    }

    private Stream<String> words(Stream<Parameter> parameters) {
        return Stream.concat(parameters.map(this::word), limits.format().stream());
    }

    private String word(Parameter parameter) {
        if (parameter.isSwitch()) {
            return is(parameter) ? parameter.label() : parameter.negation();
        }
        return parameter.label() + "=" + Quoting.quote(String.join(",", given.get(parameter)));
    }

    public String path() {
        return text(Parameter.PATH).orElse(Parameter.PATH.initial());
    }

    /** The limits that are given, or taken away. */
    public ResourceLimits limits() {
        return limits;
    }

    /** The permissions that are given. */
    public Map<Permission, Boolean> permissions() {
        var permissions = new TreeMap<Permission, Boolean>();
        given.forEach((parameter, values) -> parameter.permission().ifPresent(permission -> permissions.put(permission,
                values.get(0).equals("true") || values.get(0).equals("new"))));
        return permissions;
    }

    /** @param realPath the path without symbolic links */
    public JailSpec spec(String realPath) {
        return new Specification(this).of(realPath);
    }

    /** The addresses that are given of one version of the internet protocol. */
    public Ip addresses(int version) {
        return Values.addresses(version, list(version == 4 ? Parameter.IP4_ADDR : Parameter.IP6_ADDR),
                text(Parameter.INTERFACE));
    }
}
