package stockade.command.jls;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import stockade.network.Alias;
import stockade.prison.Ip;
import stockade.prison.Jail;
import stockade.prison.Parameter;
import stockade.prison.Parameter.Change;

/**
 * The parameters by which jail(8) makes a jail again that is as a running one: those that can be given and that it uses, but
 * for its jid, which may be another's then.
 */
public final class Repetition {
    private Repetition() {
    }

    /** All that there are, and vnet.interface, which is of the jail although nothing else tells it. */
    public static List<Parameter> parameters() {
        var parameters = new ArrayList<>(Parameter.told());
        parameters.add(Parameter.VNET_INTERFACE);
        return parameters;
    }

    static boolean has(Parameter parameter, Jail jail) {
        return switch (parameter) {
            case JID -> false;
            case IP4, IP6 -> !jail.vnet();
            case IP4_ADDR, IP4_SADDRSEL -> jail.ip4() instanceof Ip.Own;
            case IP6_ADDR, IP6_SADDRSEL -> jail.ip6() instanceof Ip.Own;
            case EXEC_ALLOW -> jail.limitsPrograms();
            case VNET_INTERFACE -> !jail.interfaces().isEmpty();
            default -> parameter.change() == Change.CREATION || parameter.change() == Change.ANY_TIME;
        };
    }

    /** As jail(8) takes it: addresses with the interfaces that they are on. */
    static String value(Parameter parameter, Jail jail) {
        return switch (parameter) {
            case IP4_ADDR -> aliases(jail.ip4());
            case IP6_ADDR -> aliases(jail.ip6());
            case VNET_INTERFACE -> String.join(",", jail.interfaces());
            default -> parameter.value(jail);
        };
    }

    private static String aliases(Ip ip) {
        return ip.aliases().stream().map(Alias::toString).collect(Collectors.joining(","));
    }
}
