package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stockade.prison.Parameter.Change;
import stockade.prison.Parameter.Type;

/** The shells complete the names of the parameters that there are. */
class CompletionTest {
    private static List<String> named(Predicate<Parameter> which) {
        return Stream.of(Parameter.values()).filter(which).map(Parameter::label).toList();
    }

    private static boolean isSettable(Parameter parameter) {
        return parameter.change() != Change.NEVER;
    }

    private static List<String> expected(String list) {
        return switch (list) {
            case "switches" -> named(parameter -> isSettable(parameter) && parameter.type() == Type.SWITCH);
            case "modes" -> named(parameter -> isSettable(parameter) && parameter.type() == Type.JAILSYS);
            case "values" -> Stream.concat(named(parameter -> isSettable(parameter) && parameter.type() != Type.SWITCH
                    && parameter.type() != Type.JAILSYS).stream(), Stream.of(Resource.values())
                    .filter(resource -> !(resource.means() instanceof Resource.Means.None)).map(Resource::label)).toList();
            default -> Parameter.told().stream().map(Parameter::label).toList();
        };
    }

    /** The words on the lines between two lines. */
    private static List<String> listed(Path file, String start, String end) throws IOException {
        return Files.readAllLines(file).stream().dropWhile(line -> !line.equals(start)).skip(1)
                .takeWhile(line -> !line.equals(end)).flatMap(line -> Stream.of(line.strip().split(" +"))).toList();
    }

    @ParameterizedTest
    @CsvSource({"switches", "modes", "values", "told"})
    void theListsAreWhatThereIs(String list) throws IOException {
        assertEquals(expected(list), listed(Path.of("completion/bash/jail"), "_stockade_" + list + "='", "'"));
        assertEquals(expected(list), listed(Path.of("completion/zsh/_jail"), list + "=(", ")"));
    }
}
