package stockade.command.jls;

import java.util.List;
import java.util.function.Supplier;
import stockade.linux.Bytes;
import stockade.linux.Printable;
import stockade.prison.Listed;
import stockade.prison.Parameter;

/**
 * A line for each jail, with values of parameters.
 *
 * @param titled     whether their names are above
 * @param named      whether each is preceded by its name
 * @param quoted     whether a shell takes each as one word
 * @param repeatable whether they are only those by which jail(8) makes such a jail again
 */
public record Columns(List<Parameter> parameters, boolean titled, boolean named, boolean quoted, boolean repeatable)
        implements Form {

    @Override
    public void head(Entry header) {
        if (!titled) {
            return;
        }
        var separator = "";
        for (var parameter : parameters) {
            separate(header, separator).title(parameter.label());
            separator = " ";
        }
        header.endLine();
    }

    @Override
    public void tell(Listed listed, Supplier<Entry> next) {
        var jail = listed.jail();
        var told = parameters.stream().filter(parameter -> !repeatable || Repetition.has(parameter, jail)).toList();
        var values = told.stream().map(parameter -> repeatable ? Repetition.value(parameter, jail) : parameter.value(jail)).toList();
        var entry = next.get();
        for (int i = 0; i < told.size(); i++) {
            separate(entry, i == 0 ? "" : " ");
            if (named && told.get(i).isSwitch()) {
                flag(entry, told.get(i), values.get(i).equals("true"));
            } else {
                value(entry, told.get(i), values.get(i));
            }
        }
        entry.endLine();
    }

    private static Entry separate(Entry entry, String separator) {
        return separator.isEmpty() ? entry : entry.padding(separator);
    }

    private static void flag(Entry entry, Parameter parameter, boolean on) {
        entry.show(parameter.label(), on ? parameter.label() : parameter.negation())
                .datum(new Datum.Truth(parameter.label(), on));
    }

    private void value(Entry entry, Parameter parameter, String value) {
        if (named) {
            entry.text(parameter.label() + "=");
        }
        entry.show(parameter.label(), shown(parameter, Printable.line(value)));
        entry.datum(parameter.isList()
                ? new Datum.Members(parameter.label(), element(parameter), Bytes.parts(value, ','))
                : new Datum.Text(parameter.label(), value));
    }

    /** A string of no bytes is always shown; a list without members only where nothing else tells that it is there. */
    private String shown(Parameter parameter, String value) {
        if (value.isEmpty() && parameter.isList() && !quoted) {
            return named ? "" : "-";
        }
        return quoted || value.isEmpty() ? ShellWord.of(value) : value;
    }

    private static String element(Parameter parameter) {
        return switch (parameter) {
            case IP4_ADDR -> "ipv4_addr";
            case IP6_ADDR -> "ipv6_addr";
            default -> "member";
        };
    }
}
