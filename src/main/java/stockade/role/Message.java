package stockade.role;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import stockade.linux.Bytes;
import stockade.linux.UnixSocket;

/**
 * What the roles say to one another, each with the descriptors that go with it. The warden passes a
 * client's {@link Run} and {@link Signal} on to init and init's reports back to the client, renumbered:
 * init knows commands by numbers from 1 on, a client its one command as 0.
 */
public sealed interface Message {
    /** To init: run a {@link Command}. With its text in a file in memory, and stdin, stdout and stderr. */
    record Run(int command) implements Message {
    }

    /** To init: send a signal to a command. */
    record Signal(int command, int signal) implements Message {
    }

    /** To the warden: end the jail; SIGTERM first, SIGKILL after so many seconds; after 0 without SIGTERM. */
    record Stop(int seconds) implements Message {
    }

    /** From the creator: the jail is to be there, without any process, as long as the creator is, until {@link Persist}. */
    record Hold() implements Message {
    }

    /** To the warden, and by it to init: whether the jail is to be there without any process from now on. */
    record Persist(boolean persists) implements Message {
    }

    /** To init: it may confine itself, in this tree. With the tree's detached mount. */
    record Tree() implements Message {
    }

    /** From init: it is confined. With the seccomp listener. */
    record Confined() implements Message {
    }

    /** From the warden to a creator that has not said yet what to run: the jail is up. Or: it is as it was asked to be. */
    record Up() implements Message {
    }

    /** To the warden, and by it to the usher: the jail has other addresses. With its record, and what steers to the new. */
    record Readdress() implements Message {
    }

    /** From the warden: the jail has ended. A client that is told so removes what is left once the warden has gone. */
    record Ended() implements Message {
    }

    /** From init: a command has this terminal. With the terminal's master. */
    record Terminal(int command) implements Message {
    }

    /** A command could not be started; with the number 0, from init, the jail could not. */
    record Failed(int command, String reason) implements Message {
    }

    /** From init: a command has ended. {@code last}: no process is left, and the jail ends too. */
    record Exited(int command, int shellStatus, boolean last) implements Message {
    }

    /** Whatever the command, this message about another one. */
    default Message about(int command) {
        return switch (this) {
            case Run run -> new Run(command);
            case Signal(int old, int signal) -> new Signal(command, signal);
            case Terminal terminal -> new Terminal(command);
            case Failed(int old, String reason) -> new Failed(command, reason);
            case Exited(int old, int status, boolean last) -> new Exited(command, status, last);
            case Stop stop -> stop;
            case Hold hold -> hold;
            case Persist persist -> persist;
            case Tree tree -> tree;
            case Confined confined -> confined;
            case Up up -> up;
            case Readdress readdress -> readdress;
            case Ended ended -> ended;
        };
    }

    default byte[] encode() {
        return switch (this) {
            case Run(int command) -> bytes(1, command, 0, "");
            case Signal(int command, int signal) -> bytes(2, command, signal, "");
            case Stop(int seconds) -> bytes(3, 0, seconds, "");
            case Confined confined -> bytes(4, 0, 0, "");
            case Up up -> bytes(5, 0, 0, "");
            case Readdress readdress -> bytes(11, 0, 0, "");
            case Ended ended -> bytes(7, 0, 0, "");
            case Terminal(int command) -> bytes(6, command, 0, "");
            case Failed(int command, String reason) -> bytes(8, command, 0, reason);
            case Tree tree -> bytes(10, 0, 0, "");
            case Hold hold -> bytes(12, 0, 0, "");
            case Persist(boolean persists) -> bytes(13, 0, persists ? 1 : 0, "");
            case Exited(int command, int status, boolean last) -> bytes(9, command, status << 1 | (last ? 1 : 0), "");
        };
    }

    private static byte[] bytes(int kind, int command, int number, String text) {
        var cut = text.length() > UnixSocket.MAX_MESSAGE - 12 ? text.substring(0, UnixSocket.MAX_MESSAGE - 12) : text;
        return ByteBuffer.allocate(12 + cut.length()).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(kind).putInt(command).putInt(number).put(Bytes.of(cut)).array();
    }

    /** @throws IllegalArgumentException if it is none of the messages; init's may be an attacker's */
    static Message decode(byte[] content) {
        if (content.length < 12) {
            throw new IllegalArgumentException("message of " + content.length + " bytes");
        }
        var buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        int kind = buffer.getInt();
        int command = buffer.getInt();
        int number = buffer.getInt();
        return switch (kind) {
            case 1 -> new Run(command);
            case 2 -> new Signal(command, number);
            case 3 -> new Stop(number);
            case 4 -> new Confined();
            case 5 -> new Up();
            case 6 -> new Terminal(command);
            case 7 -> new Ended();
            case 8 -> new Failed(command, Bytes.toString(content, 12, content.length));
            case 9 -> new Exited(command, number >> 1 & 0xff, (number & 1) != 0);
            case 10 -> new Tree();
            case 11 -> new Readdress();
            case 12 -> new Hold();
            case 13 -> new Persist(number != 0);
            default -> throw new IllegalArgumentException("message of kind " + kind);
        };
    }
}
