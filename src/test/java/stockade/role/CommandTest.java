package stockade.role;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CommandTest {
    static Stream<Command> commands() {
        var account = new Account("www", 33, 34, List.of(34, 5), "/var/www", "/bin/sh");
        return Stream.of(
                new Command(List.of(), List.of(), List.of(), new Command.User.Root(), false, Optional.empty(), 022, false,
                        List.of(false, false, false)),
                new Command(List.of("", "a b", "\u00ff\n"), List.of("A=", "B=\u0001"), List.of("C=d=e"),
                        new Command.User.OfJail("x"), true, Optional.of("/tmp"), 0, true, List.of(true, false, true)),
                new Command(List.of("sh"), List.of("T=1"), List.of(), new Command.User.OfHost(account), true, Optional.empty(),
                        077, false,
                        List.of(true, true, true)));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void readsAsItWasWritten(Command command) {
        assertEquals(command, Command.parse(command.format()));
    }
}
