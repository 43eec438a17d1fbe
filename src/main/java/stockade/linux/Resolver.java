package stockade.linux;

import java.util.ArrayList;
import java.util.List;
import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.c.Include;

/** The addresses of hostnames, as the host knows them: by /etc/hosts and DNS (getaddrinfo(3) of the C library). */
public final class Resolver {
    private static final int SOCK_STREAM = 1;

    private Resolver() {
    }

    @Include("netdb.h")
    @Import(name = "getaddrinfo")
    private static native int getaddrinfo(Address node, Address service, Address hints, Address result);

    @Include("netdb.h")
    @Import(name = "freeaddrinfo")
    private static native void freeaddrinfo(Address result);

    @Include("netdb.h")
    @Import(name = "gai_strerror")
    private static native Address gaiStrerror(int code);

    /**
     * What became of a question.
     *
     * @param addresses of 4 or 16 bytes, in network order
     * @param failure   why there are none, if there are none
     */
    public record Answer(List<byte[]> addresses, String failure) {
    }

    public static Answer ask(String hostname) {
        try (var name = Memory.string(hostname); var hints = new Memory(48); var result = new Memory(8)) {
            hints.putInt(8, SOCK_STREAM);
            int code = getaddrinfo(Address.fromLong(name.address()), Address.fromInt(0), Address.fromLong(hints.address()),
                    Address.fromLong(result.address()));
            if (code != 0) {
                return new Answer(List.of(), Native.string(gaiStrerror(code)));
            }
            var first = Address.fromLong(result.getLong(0));
            try {
                return new Answer(addresses(first), "");
            } finally {
                freeaddrinfo(first);
            }
        }
    }

    /** Of a list of struct addrinfo (netdb.h), on a machine of 64 bits. */
    private static List<byte[]> addresses(Address info) {
        var addresses = new ArrayList<byte[]>();
        for (; info.toLong() != 0; info = Address.fromLong(info.add(40).getLong())) {
            var socketAddress = Address.fromLong(info.add(24).getLong());
            boolean ip6 = info.add(4).getInt() == InetSocket.AF_INET6;
            var bytes = new byte[ip6 ? 16 : 4];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = socketAddress.add((ip6 ? 8 : 4) + i).getByte();
            }
            addresses.add(bytes);
        }
        return addresses;
    }
}
