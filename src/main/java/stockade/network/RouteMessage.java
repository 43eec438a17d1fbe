package stockade.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    /** All there are of a kind (NLM_F_DUMP). */
    static final int ALL = 0x300;

    private static final int NLM_F_REQUEST = 1;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int HEADER = 16;
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

    /** Sends it and returns all of the answers, which are of more than one part (NLM_F_MULTI); none if it fails. */
    List<Answer> askForAll() {
        var answers = new ArrayList<Answer>();
        try (var socket = new NetlinkSocket()) {
            socket.send(content());
            while (true) {
                var datagram = socket.receive();
                for (int at = 0; at + HEADER <= datagram.length;) {
                    var rest = ByteBuffer.wrap(Arrays.copyOfRange(datagram, at, datagram.length))
                            .order(ByteOrder.LITTLE_ENDIAN);
                    int type = rest.getShort(4);
                    if (type == NLMSG_DONE || type == NLMSG_ERROR) {
                        return answers;
                    }
                    answers.add(new Answer(type, 0, rest));
                    at += rest.getInt(0) + 3 & ~3;
                }
            }
        }
    }

    private byte[] content() {
        var request = new byte[buffer.position()];
        buffer.putInt(0, request.length).flip();
        buffer.get(request);
        return request;
    }

    /** Sends it and returns the answer, after the header; if that is an error or an acknowledgement, its errno. */
    Answer ask() {
        try (var socket = new NetlinkSocket()) {
            socket.send(content());
            var answer = ByteBuffer.wrap(socket.receive()).order(ByteOrder.LITTLE_ENDIAN);
            int type = answer.getShort(4);
            return new Answer(type, type == NLMSG_ERROR ? -answer.getInt(HEADER) : 0, answer);
        }
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
    record Answer(int type, int errno, ByteBuffer message) {
        int byteAt(int offset) {
            return message.get(HEADER + offset) & 0xff;
        }

        int numberAt(int offset) {
            return message.getInt(HEADER + offset);
        }

        /** The value of an attribute behind a structure of so many bytes; empty if there is none of that type. */
        byte[] attribute(int structure, int type) {
            for (int at = HEADER + structure; at + 4 <= message.getInt(0); at += (message.getShort(at) + 3 & ~3)) {
                int length = message.getShort(at) - 4;
                if (length < 0) {
                    break;
                }
                if (message.getShort(at + 2) == type) {
                    var value = new byte[length];
                    message.position(at + 4).get(value);
                    return value;
                }
            }
            return new byte[0];
        }
    }
}
