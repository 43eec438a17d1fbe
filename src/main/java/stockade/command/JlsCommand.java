package stockade.command;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import stockade.linux.Descriptor;
import stockade.linux.Printable;
import stockade.prison.Cgroup;
import stockade.prison.Jail;
import stockade.prison.Parameter;
import stockade.prison.Registry;
import stockade.role.Undertaker;

/** jls(8): lists jails. */
final class JlsCommand {
    private JlsCommand() {
    }

    private static String assignment(Parameter parameter, Jail jail, boolean quoted) {
        var value = Printable.line(parameter.value(jail));
        return !parameter.isSwitch() ? parameter.label() + "=" + quote(parameter, value, quoted)
                : value.equals("true") ? parameter.label() : parameter.negation();
    }

    private static String column(Parameter parameter, Jail jail, boolean quoted) {
        var value = quote(parameter, Printable.line(parameter.value(jail)), quoted);
        return value.isEmpty() ? "-" : value;
    }

    /** A string of no bytes is always shown; a list without members only as "-" where nothing names it. */
    private static String quote(Parameter parameter, String value, boolean quoted) {
        if (value.isEmpty()) {
            return parameter.isList() && !quoted ? "" : "\"\"";
        }
        if (!quoted) {
            return value;
        }
        return value.contains("'") ? '"' + value + '"' : value.contains("\"") ? "'" + value + "'"
                : value.contains(" ") || value.contains("\t") ? '"' + value + '"' : value;
    }

    static int run(List<String> words) {
        Optional<String> only = Optional.empty();
        var flags = new StringBuilder();
        var options = new Options("jls", words, "adhj:Nnqv");
        for (char option; (option = options.next()) != 0;) {
            if (option == 'j') {
                only = Optional.of(options.value());
            } else {
                flags.append(option);
            }
        }
        boolean header = flags.indexOf("h") >= 0;
        boolean named = flags.indexOf("n") >= 0;
        boolean quoted = flags.indexOf("q") >= 0;
        var labels = options.rest().isEmpty() && (header || named) ? List.of("all") : options.rest();
        var parameters = labels.contains("all") ? Parameter.told()
                : labels.stream().distinct().map(Parameter::of).toList();
        Program.requireRoot("jail_get");
        var survey = Registry.survey();
        if (survey.anyDead()) {
            Undertaker.buryDead();
        }
        var jails = only.map(JlsCommand::one).orElse(survey.running());
        var out = new StringBuilder();
        if (!parameters.isEmpty()) {
            if (header) {
                out.append(parameters.stream().map(Parameter::label).collect(Collectors.joining(" "))).append('\n');
            }
            for (var jail : jails) {
                out.append(parameters.stream().map(parameter -> named ? assignment(parameter, jail, quoted)
                        : column(parameter, jail, quoted)).collect(Collectors.joining(" "))).append('\n');
            }
        } else if (flags.indexOf("v") >= 0) {
            appendVerbose(out, jails);
        } else {
            appendTable(out, jails, flags.indexOf("N") >= 0);
        }
        Descriptor.STDOUT.write(out.toString());
        return 0;
    }

    private static List<Jail> one(String jail) {
        return List.of(Registry.find(jail).orElseThrow(() -> JexecCommand.notFound(jail)));
    }

    /** The columns of FreeBSD's jls: an address is cut at 15 characters, a hostname at 29, a path at 74. */
    private static void appendTable(StringBuilder out, List<Jail> jails, boolean names) {
        out.append(names ? " JID             " : "   JID  ")
                .append("IP Address      Hostname                      Path\n");
        for (var jail : jails) {
            out.append(names ? " " + pad(Printable.line(jail.name()), 15) + " " : left(jail.jid().toString(), 6) + "  ")
                    .append(pad(cut(firstAddress(jail), 15), 15)).append(' ')
                    .append(pad(cut(Printable.line(Parameter.HOST_HOSTNAME.value(jail)), 29), 29)).append(' ')
                    .append(cut(Printable.line(jail.path()), 74)).append('\n');
        }
    }

    private static String firstAddress(Jail jail) {
        return jail.addresses().isEmpty() ? "" : jail.addresses().get(0).toString();
    }

    private static void appendVerbose(StringBuilder out, List<Jail> jails) {
        out.append("   JID  Hostname                      Path\n");
        out.append("        Name                          State\n");
        out.append("        CPUSetID\n");
        out.append("        IP Address(es)\n");
        for (var jail : jails) {
            out.append(left(jail.jid().toString(), 6)).append("  ")
                    .append(pad(cut(Printable.line(Parameter.HOST_HOSTNAME.value(jail)), 29), 29))
                    .append(' ').append(cut(Printable.line(jail.path()), 74)).append('\n');
            out.append("        ").append(pad(cut(Printable.line(jail.name()), 29), 29)).append(" ACTIVE\n");
            out.append("        ").append(jail.jid()).append('\n');
            jail.addresses().forEach(address -> out.append("        ").append(address).append('\n'));
            usage(jail).forEach(line -> out.append("        ").append(line).append('\n'));
        }
    }

    private static List<String> usage(Jail jail) {
        try (var cgroups = Cgroup.Parent.open()) {
            return cgroups.usage(jail).lines();
        }
    }

    private static String cut(String s, int most) {
        return s.length() > most ? s.substring(0, most) : s;
    }

    private static String pad(String s, int width) {
        return s + " ".repeat(Math.max(0, width - s.length()));
    }

    private static String left(String s, int width) {
        return " ".repeat(Math.max(0, width - s.length())) + s;
    }
}
