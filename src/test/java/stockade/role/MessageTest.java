package stockade.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageTest {
    static Stream<Message> messages() {
        return Stream.of(new Message.Run(3), new Message.Signal(3, 15), new Message.Stop(10), new Message.Tree(),
                new Message.Confined(), new Message.Up(), new Message.Ended(), new Message.Terminal(3),
                new Message.Failed(3, "exec x\u00ff: No such file"), new Message.Exited(3, 255, false),
                new Message.Exited(3, 0, true), new Message.Hold(), new Message.Persist(true), new Message.Persist(false));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsAsItWasWritten(Message message) {
        assertEquals(message, Message.decode(message.encode()));
        assertEquals(message.about(5).getClass(), message.getClass());
    }

    @Test
    void noLongReasonMakesAMessageTooLong() {
        assertTrue(new Message.Failed(1, "x".repeat(100_000)).encode().length <= 4096);
    }

    /** Init's messages may be an attacker's: any bytes are a message or refused, and a status is one of 0 to 255. */
    @Test
    void anyBytesAreAMessageOrRefused() {
        var random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            var bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 4) {
                bytes[0] = (byte) random.nextInt(12);
                bytes[1] = bytes[2] = bytes[3] = 0;
            }
            try {
                if (Message.decode(bytes) instanceof Message.Exited(int command, int status, boolean last)) {
                    assertTrue(status >= 0 && status <= 255);
                }
            } catch (IllegalArgumentException refused) {
                continue;
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Message.decode(new byte[3]));
    }
}
