package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import stockade.linux.Bytes;
import stockade.linux.Errno;
import stockade.linux.KernelException;
import stockade.linux.NetlinkSocket;

/** A request of rtnetlink(7): a header, a structure, and attributes that may have attributes in them. */
final class RouteMessage {
    /** Flags beside NLM_F_REQUEST (linux/netlink.h). */
    static final int ACKNOWLEDGE = 4;
    static final int CREATE = 0x400;
    static final int EXCLUSIVE = 0x200;
    static final int ALL = 0x300;

    private static final int NLM_F_REQUEST = 1;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int HEADER = 16;
    /** What an interface with as many names as it can have (64 KiB of them) takes. */
    private static final int LARGE_ANSWER = 1 << 17;
    private static final int ANSWER = 4096;
    private static final int MAX_SIZE = 1024;

    private final ByteBuffer buffer = ByteBuffer.allocate(MAX_SIZE).order(ByteOrder.LITTLE_ENDIAN);

    RouteMessage(int type, int flags) {
        buffer.putInt(0).putShort((short) type).putShort((short) (flags | NLM_F_REQUEST)).putInt(1).putInt(0);
    }

    RouteMessage bytes(int... values) {
        for (int value : values) {
            buffer.put((byte) value);
        }
        return this;
    }

    RouteMessage number(int value) {
        buffer.putInt(value);
        return this;
    }

    RouteMessage attribute(int type, byte[] value) {
        buffer.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        while (buffer.position() % 4 != 0) {
            buffer.put((byte) 0);
        }
        return this;
    }

    RouteMessage attribute(int type, String text) {
        return attribute(type, Bytes.of(text + "\0"));
    }

    RouteMessage attribute(int type, int number) {
        buffer.putShort((short) 8).putShort((short) type).putInt(number);
        return this;
    }

    /** Begins an attribute with attributes in it; what it returns ends it. */
    int begin(int type) {
        int start = buffer.position();
        buffer.putShort((short) 0).putShort((short) type);
        return start;
    }

    RouteMessage end(int start) {
        buffer.putShort(start, (short) (buffer.position() - start));
        return this;
    }

    /** Sends it and returns the answer, after the header; if that is an error or an acknowledgement, its errno. */
    Answer ask() {
        return ask(ANSWER);
    }

    /** As {@link #ask()}, where the answer may be long. */
    Answer askAtLength() {
        return ask(LARGE_ANSWER);
    }

    private Answer ask(int size) {
        try (var socket = new NetlinkSocket()) {
            socket.send(request());
            return Answer.of(socket.receive(size));
        }
    }

    /** Sends it as a request for {@link #ALL} there are, and hands them on one by one. */
    void askForAll(String attempt, Consumer<Answer> each) {
        try (var socket = new NetlinkSocket()) {
            socket.send(request());
            while (true) {
                var datagram = ByteBuffer.wrap(socket.receive(LARGE_ANSWER)).order(ByteOrder.LITTLE_ENDIAN);
                while (datagram.remaining() >= HEADER) {
                    var message = new byte[datagram.getInt(datagram.position())];
                    datagram.get(message).position(Math.min(datagram.limit(), datagram.position() + 3 & ~3));
                    var answer = Answer.of(message);
                    if (answer.errno != 0) {
                        throw new KernelException(attempt, Errno.of(answer.errno));
                    }
                    if (answer.type == NLMSG_DONE) {
                        return;
                    }
                    each.accept(answer);
                }
            }
        }
    }

    private byte[] request() {
        var request = new byte[buffer.position()];
        buffer.putInt(0, request.length).flip();
        buffer.get(request);
        return request;
    }

    /**
     * Sends it.
     *
     * @throws KernelException with what was attempted, unless it is acknowledged or fails in a way that is no failure
     */
    void perform(String attempt, Errno... harmless) {
        int error = ask().errno;
        if (error != 0) {
            for (var errno : harmless) {
                if (Errno.of(error) == errno) {
                    return;
                }
            }
            throw new KernelException(attempt, Errno.of(error));
        }
    }

    /** @param errno 0 if it is no error */
    record Answer(int type, int errno, byte[] message) {
        static Answer of(byte[] message) {
            int type = shortAt(message, 4);
            return new Answer(type, type == NLMSG_ERROR || type == NLMSG_DONE ? -intAt(message, HEADER) : 0, message);
        }

        int byteAt(int offset) {
            return message[HEADER + offset] & 0xff;
        }

        int numberAt(int offset) {
            return intAt(message, HEADER + offset);
        }

        /** The attributes behind a structure of so many bytes. */
        Attributes attributes(int structure) {
            return new Attributes(message, HEADER + structure, message.length);
        }
    }

    static int shortAt(byte[] b, int at) {
        return b[at] & 0xff | (b[at + 1] & 0xff) << 8;
    }

    static int intAt(byte[] b, int at) {
        return shortAt(b, at) | shortAt(b, at + 2) << 16;
    }
}
