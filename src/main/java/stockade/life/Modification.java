package stockade.life;

import java.util.Map;
import java.util.Optional;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.Cgroup;
import stockade.prison.Hostname;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.JailName;
import stockade.prison.Parameter;
import stockade.prison.Permission;
import stockade.prison.Permissions;
import stockade.prison.Registry;
import stockade.prison.Resource;
import stockade.prison.ResourceLimits;
import stockade.role.Change;
import stockade.role.Limiting;

/**
 * What jail -m makes of a running jail.
 *
 * @param before   the jail as it is
 * @param after    with other addresses, name or securelevel
 * @param limits   those that change
 * @param hostname if it changes
 * @param persists if it changes
 */
record Modification(Jail before, Jail after, Map<Permission, Boolean> permissions, ResourceLimits limits,
        Optional<Hostname> hostname, Optional<Boolean> persists) {

    /** @throws JailException if the parameters ask for what can be only when a jail is made */
    static Modification of(Parameters parameters, Jail jail) {
        obstacle(parameters, jail).ifPresent(label -> {
            throw new JailException(label + " cannot be changed after creation");
        });
        var addressed = jail.with(ip(parameters, 4, jail.ip4()), ip(parameters, 6, jail.ip6()));
        var after = addressed.with(name(parameters, jail),
                parameters.isGiven(Parameter.SECURELEVEL) ? parameters.securelevel() : jail.securelevel());
        return new Modification(jail, after, parameters.permissions(), parameters.limits(),
                parameters.text(Parameter.HOST_HOSTNAME).map(Hostname::new),
                parameters.text(Parameter.PERSIST).map("true"::equals));
    }

    /** One that is the jid only says which jail it is. */
    private static String name(Parameters parameters, Jail jail) {
        return parameters.text(Parameter.NAME).filter(name -> !name.equals(jail.name()) && !name.equals(jail.jid().toString()))
                .map(name -> new JailName(name).text()).orElse(jail.name());
    }

    private static Ip ip(Parameters parameters, int version, Ip now) {
        return parameters.isGiven(version == 4 ? Parameter.IP4_ADDR : Parameter.IP6_ADDR) ? parameters.addresses(version) : now;
    }

    /** The first parameter that the jail would have to be made anew for. */
    static Optional<String> obstacle(Parameters parameters, Jail jail) {
        return parameters.given().stream().filter(parameter -> isObstacle(parameter, parameters, jail))
                .map(Parameter::label).findFirst().or(() -> parameters.limits().firstFixed(jail.limits()).map(Resource::label));
    }

    private static boolean isObstacle(Parameter parameter, Parameters parameters, Jail jail) {
        return switch (parameter) {
            case PATH -> !realPath(parameters.path()).equals(Optional.of(jail.path()));
            case IP4 -> isOtherMode(parameters.text(parameter), jail.ip4());
            case IP6 -> isOtherMode(parameters.text(parameter), jail.ip6());
            case VNET -> !parameters.text(parameter).equals(Optional.of(parameter.value(jail)));
            case VNET_INTERFACE -> !parameters.list(parameter).equals(jail.interfaces());
            case EXEC_ALLOW -> !parameters.list(parameter).equals(jail.programs());
            case SECURELEVEL -> parameters.number(parameter) < jail.securelevel();
            default -> parameter.permission().filter(permission -> !permission.isChangeable()).isPresent()
                    && !parameters.text(parameter).equals(Optional.of(parameter.value(jail)));
        };
    }

    private static boolean isOtherMode(Optional<String> mode, Ip now) {
        return mode.get().equals("inherit") != now instanceof Ip.Inherited;
    }

    private static Optional<String> realPath(String path) {
        try (var directory = Files.open(path, Files.O_PATH | Files.O_DIRECTORY)) {
            return Optional.of(Files.readLink("/proc/self/fd/" + directory.number()));
        } catch (KernelException e) {
            return Optional.empty();
        }
    }

    /**
     * Changes a jail, as it is when nobody else can change it.
     *
     * @throws JailException if it has ended, or can't be so
     */
    static void apply(Parameters parameters, Jail found) {
        Modification modification;
        try (var registry = Registry.lock()) {
            modification = of(parameters, Registry.find(found.jid().toString())
                    .orElseThrow(() -> new JailException("\"" + found.name() + "\" not found")));
            modification.apply(registry);
        }
        modification.persists.ifPresent(persist -> Change.persist(modification.after, persist));
    }

    /** Makes the changes, the one that can't be taken back last. */
    private void apply(Registry registry) {
        require(registry);
        if (!before.ip4().equals(after.ip4()) || !before.ip6().equals(after.ip6())) {
            Change.apply(registry, before, after.ip4(), after.ip6());
        }
        if (!before.name().equals(after.name())) {
            registry.rename(before.with(after.ip4(), after.ip6()), after);
        }
        if (before.securelevel() != after.securelevel()) {
            Change.tellRecord(registry, after.with(after.name(), before.securelevel()), after);
        }
        var ports = permissions.get(Permission.RESERVED_PORTS);
        if (ports != null) {
            try (var cgroups = Cgroup.Parent.open()) {
                cgroups.admit(after, ports);
            }
        }
        if (!limits.isEmpty()) {
            Limiting.apply(registry, after, limits);
        }
        Permissions.tell(after.jid(), permissions);
        hostname.ifPresent(name -> registry.setHostname(after, name));
    }

    /** What is wrong is said before anything is changed; with the addresses, which are changed first, it is found there. */
    private void require(Registry registry) {
        if (!before.name().equals(after.name())) {
            registry.requireFree(new JailName(after.name()));
        }
        if (!limits.isEmpty()) {
            Limiting.require(before, limits);
        }
    }
}
