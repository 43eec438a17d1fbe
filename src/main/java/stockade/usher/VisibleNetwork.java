package stockade.usher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.InetSocket;
import stockade.linux.InterfaceRequest;
import stockade.network.Inet;
import stockade.network.Netlink;
import stockade.network.VisibleInterface;
import stockade.prison.Ip;
import stockade.prison.Jail;

/**
 * What a jail that shares the host's stack is told of interfaces and addresses: what there is in the jail's own network
 * namespace, where its addresses are shown once it asks. Its internet sockets would tell of the host's, so that what they
 * are asked by ioctl(2) is answered here, whatever the descriptor is by then.
 */
final class VisibleNetwork {
    private static final int MAX_LIST = 1 << 15;

    private final Jail jail;
    private final Inside inside;
    private boolean isShown;

    VisibleNetwork(Jail jail, Inside inside) {
        this.jail = jail;
        this.inside = inside;
    }

    /** To be called before the jail gets to see its own network namespace. */
    void show() {
        if (!isShown && !jail.vnet()) {
            var addresses = addresses();
            inside.run(() -> {
                VisibleInterface.show(addresses);
                return 0;
            });
            isShown = true;
        }
    }

    private List<Inet> addresses() {
        var addresses = new ArrayList<>(jail.addresses());
        for (int family : new int[] {InetSocket.AF_INET, InetSocket.AF_INET6}) {
            if (Sockets.of(jail, family) instanceof Ip.Inherited) {
                addresses.addAll(Netlink.addresses(family));
            }
        }
        return addresses;
    }

    Answer ask(Call call) {
        try (var descriptor = call.caller().descriptor(call.intArgument(0))) {
            if (!Files.stat(descriptor).isSocket()) {
                return Answer.refuse(Errno.ENOTTY);
            }
        }
        int request = call.intArgument(1);
        boolean isList = request == InterfaceRequest.SIOCGIFCONF;
        var question = call.caller().read(call.argument(2),
                isList ? InterfaceRequest.IFCONF_SIZE : InterfaceRequest.IFREQ_SIZE);
        if (question.isEmpty()) {
            return Answer.refuse(Errno.EFAULT);
        }
        show();
        return new Answer.Result(-inside.run(() -> isList ? list(call, question.get())
                : tell(call, call.argument(2), InterfaceRequest.ask(request, question.get()))));
    }

    /** Without a place for the list only its length is wanted. */
    private static int list(Call call, byte[] question) {
        var ifconf = ByteBuffer.wrap(question).order(ByteOrder.LITTLE_ENDIAN);
        long place = ifconf.getLong(8);
        var list = InterfaceRequest.list(place == 0 ? MAX_LIST : Math.max(0, Math.min(ifconf.getInt(0), MAX_LIST)));
        int result = place == 0 ? 0 : tell(call, place, list);
        return result != 0 ? result : tell(call, call.argument(2), ifconf.putInt(0, list.length).array());
    }

    private static int tell(Call call, long address, byte[] content) {
        return content.length == 0 || call.caller().write(address, content) ? 0
                : Errno.EFAULT.number();
    }
}
