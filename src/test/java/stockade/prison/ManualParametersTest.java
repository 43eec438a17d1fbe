package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The lists of parameters in jail(8) are what the tables of the code give. With the property manual.rewrite they are
 * written anew: scripts/manual-parameters does that.
 */
class ManualParametersTest {
    private static final Path PAGE = Path.of("docs/man/man8/jail.8");
    private static final String BEGIN = ".\\\" BEGIN: written by scripts/manual-parameters\n";
    private static final String END = ".\\\" END\n";

    @Test
    void listsAreThoseOfTheTables() throws IOException {
        var page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        int to = page.indexOf(END, from);
        if (Boolean.getBoolean("manual.rewrite")) {
            page = page.substring(0, from) + lists() + page.substring(to);
            Files.writeString(PAGE, page);
            to = page.indexOf(END, from);
        }
        assertEquals(lists(), page.substring(from, to));
    }

    private static String lists() {
        var parameters = Arrays.asList(Parameter.values());
        return list("Parameters that can be set", "", parameters.stream().filter(p -> p.change() != Parameter.Change.NEVER)
                .map(ManualParametersTest::settable).toList())
                + list("Resource limits", "", Arrays.stream(Resource.values())
                        .filter(r -> !(r.means() instanceof Resource.Means.None)).map(ManualParametersTest::limit).toList())
                + list("Resources that have no limit", "A parameter of these is refused, for the reason given.\n", Arrays.stream(Resource.values())
                        .filter(r -> r.means() instanceof Resource.Means.None).map(ManualParametersTest::unlimited).toList())
                + list("Parameters that have one value", "Any other value than those given is refused.\n", parameters.stream().filter(p -> p.change() == Parameter.Change.NEVER)
                        .map(ManualParametersTest::fixed).toList());
    }

    private static String list(String title, String introduction, List<String> items) {
        return ".Ss " + title + "\n" + introduction + ".Bl -tag -width indent\n" + String.join("", items) + ".El\n";
    }

    private static String settable(Parameter parameter) {
        var when = switch (parameter.change()) {
            case CREATION -> "when made";
            case ANY_TIME -> "any time";
            default -> "for jail(8)";
        };
        var initial = parameter.initial().isEmpty() ? "" : "; default: " + parameter.initial();
        return item(parameter.label(), parameter.type().description() + initial + "; " + when, parameter.description());
    }

    private static String fixed(Parameter parameter) {
        var values = parameter.accepted().stream().map(value -> value.isEmpty() ? "empty" : value)
                .collect(Collectors.joining(" or "));
        return item(parameter.label(), values.isEmpty() ? "not to be had" : "only " + values, parameter.description());
    }

    private static String limit(Resource resource) {
        var by = switch (resource.means()) {
            case Resource.Means.Group group -> "any time; by " + group.file() + " of the cgroup";
            case Resource.Means.Ipc ipc -> "when made; by kernel." + ipc.sysctl() + " of the jail";
            default -> "when made; by the option max of its devpts";
        };
        return item(resource.label(), (resource.unit().text().isEmpty() ? "number" : resource.unit().text()) + "; " + by,
                resource.description());
    }

    private static String unlimited(Resource resource) {
        return item(resource.label(), resource.description(), ((Resource.Means.None) resource.means()).reason());
    }

    private static String item(String name, String facts, String text) {
        var sentence = Character.toUpperCase(text.charAt(0)) + text.substring(1) + (text.endsWith(".") ? "" : ".");
        return ".It Va " + name + "\n(" + facts.replace("-", "\\-") + ")\n.br\n"
                + sentence.replace("-", "\\-").replace(". ", ".\n") + "\n";
    }
}
