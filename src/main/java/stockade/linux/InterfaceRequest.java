package stockade.linux;

import static stockade.linux.KernelException.check;

import java.util.Arrays;

/** The ioctls of sockets that tell of interfaces (netdevice(7)): about the network namespace of whoever asks. */
public final class InterfaceRequest {
    /** All of them: the list, and SIOCGIFNAME, FLAGS, ADDR, DSTADDR, BRDADDR, NETMASK, METRIC, MTU, HWADDR, INDEX, TXQLEN, MAP. */
    public static final int[] ALL = {InterfaceRequest.SIOCGIFCONF, 0x8910, 0x8913, 0x8915, 0x8917, 0x8919, 0x891b, 0x891d,
        0x8921, 0x8927, 0x8933, 0x8942, 0x8970};
    public static final int SIOCGIFCONF = 0x8912;
    /** struct ifreq: all but the list are asked with one and answered in it. */
    public static final int IFREQ_SIZE = 40;
    /** struct ifconf: a length in bytes, and behind it, at 8, where the list goes. */
    public static final int IFCONF_SIZE = 16;

    private InterfaceRequest() {
    }

    public static boolean isOne(int request) {
        return Arrays.stream(ALL).anyMatch(one -> one == request);
    }

    /** The answer, a struct ifreq, to one. */
    public static byte[] ask(int request, byte[] ifreq) {
        try (var socket = socket(); var memory = Memory.bytes(ifreq)) {
            check(Native.call(SystemCall.IOCTL, socket.number(), request, memory.address()), "ioctl");
            return memory.getBytes(0, IFREQ_SIZE);
        }
    }

    /** The list of those with an IPv4 address, of so many bytes at most, each a struct ifreq. */
    public static byte[] list(int size) {
        try (var socket = socket(); var list = new Memory(size); var ifconf = new Memory(IFCONF_SIZE)) {
            ifconf.putInt(0, size).putLong(8, list.address());
            check(Native.call(SystemCall.IOCTL, socket.number(), SIOCGIFCONF, ifconf.address()), "ioctl");
            return list.getBytes(0, ifconf.getInt(0));
        }
    }

    private static Descriptor socket() {
        return new Descriptor(check(Native.call(SystemCall.SOCKET, InetSocket.AF_INET, InetSocket.SOCK_DGRAM
                | InetSocket.SOCK_CLOEXEC, 0), "socket"));
    }
}
