package stockade.usher;

import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.FileFlags;
import stockade.linux.Files;
import stockade.linux.InetSocket;
import stockade.linux.InterfaceRequest;
import stockade.linux.KernelException;
import stockade.linux.KernelLog;
import stockade.linux.Processes;
import stockade.linux.SystemCall;
import stockade.prison.Jail;
import stockade.prison.Jid;
import stockade.prison.Lives;
import stockade.prison.Mib;
import stockade.prison.Permission;
import stockade.prison.Permissions;

/**
 * The answers to a jail's calls, by its permissions at the moment of the call. Nothing of what a pointer points
 * to is looked at twice: where it decides, the usher carries the call out on the copy that it has looked at.
 */
final class JailCalls {
    private static final int MAX_NAME = 64; // __NEW_UTS_LEN
    private static final int NETLINK_ROUTE = 0;
    private static final int SHM_LOCK = 11;
    private static final int SHM_UNLOCK = 12;

    private final Jail jail;
    private final Permissions permissions;
    private final Inside inside;
    private final Descriptor lives;
    private final Bindings bindings;
    private final Sources sources;
    private final PortSharing sharing;
    private final VisibleNetwork network;

    /** @param lives where it is noted before the jail gets another hostname (see {@link Lives}) */
    JailCalls(Jail jail, Permissions permissions, Inside inside, Descriptor lives, OwnAddresses addresses,
            FoundSockets found) {
        this.jail = jail;
        this.permissions = permissions;
        this.inside = inside;
        this.lives = lives;
        this.sharing = new PortSharing(jail, inside, addresses);
        this.bindings = new Bindings(addresses, found, sharing);
        this.sources = new Sources(addresses, found);
        this.network = new VisibleNetwork(jail, inside);
    }

    Answer answer(Call call) {
        return switch (call.number()) {
            case SystemCall.SOCKET -> switch (call.intArgument(0)) {
                case InetSocket.AF_INET, InetSocket.AF_INET6 -> Sockets.answer(call, jail, permissions);
                case InetSocket.AF_NETLINK -> openNetlink(call);
                default -> Answer.proceedIf(permissions.allow(Permission.SOCKET_AF), Errno.EPROTONOSUPPORT);
            };
            case SystemCall.BIND -> bindings.bind(call, () -> permissions.allow(Permission.RESERVED_PORTS)
                    && call.caller().has(Caller.CAP_NET_BIND_SERVICE));
            case SystemCall.LISTEN -> bindings.listen(call);
            case SystemCall.CONNECT -> sources.connect(call);
            case SystemCall.SETSOCKOPT -> sharing.set(call);
            case SystemCall.SOCKETPAIR -> Answer.proceedIf(permissions.allow(Permission.SOCKET_AF), Errno.EOPNOTSUPP);
            case SystemCall.SHMCTL -> controlSharedMemory(call);
            case SystemCall.SHMGET, SystemCall.SHMAT, SystemCall.SHMDT -> proceedWithIpc(Permission.SYSVSHM);
            case SystemCall.MSGGET, SystemCall.MSGSND, SystemCall.MSGRCV, SystemCall.MSGCTL ->
                proceedWithIpc(Permission.SYSVMSG);
            case SystemCall.SEMGET, SystemCall.SEMOP, SystemCall.SEMCTL, SystemCall.SEMTIMEDOP ->
                proceedWithIpc(Permission.SYSVSEM);
            case SystemCall.MLOCK, SystemCall.MLOCK2, SystemCall.MLOCKALL, SystemCall.MUNLOCK, SystemCall.MUNLOCKALL,
                    SystemCall.MMAP, SystemCall.MEMFD_SECRET ->
                    Answer.proceedIf(permissions.allow(Permission.MLOCK), Errno.EPERM);
            case SystemCall.SETHOSTNAME, SystemCall.SETDOMAINNAME -> setName(call);
            case SystemCall.CHROOT -> chroot(call);
            case SystemCall.IOCTL -> InterfaceRequest.isOne(call.intArgument(1)) ? network.ask(call) : setFileFlags(call);
            case SystemCall.SYSLOG -> readMessages(call);
            case SystemCall.SYSCTL -> tell(call);
            default -> Answer.refuse(Errno.ENOSYS);
        };
    }

    private Answer openNetlink(Call call) {
        if (call.intArgument(2) != NETLINK_ROUTE) {
            return Answer.proceedIf(permissions.allow(Permission.SOCKET_AF), Errno.EPROTONOSUPPORT);
        }
        network.show();
        return new Answer.Proceed();
    }

    private boolean isRoot(Caller caller) {
        return caller.isUser(jail.jid().rootUid());
    }

    private boolean allowsIpc(Permission kind) {
        return permissions.allow(Permission.SYSVIPC) || permissions.allow(kind);
    }

    private Answer proceedWithIpc(Permission kind) {
        return Answer.proceedIf(allowsIpc(kind), Errno.ENOSYS);
    }

    private Answer controlSharedMemory(Call call) {
        int command = call.intArgument(1) & 0xff; // IPC_64 may be in it
        return !allowsIpc(Permission.SYSVSHM) ? Answer.refuse(Errno.ENOSYS)
                : Answer.proceedIf(command != SHM_LOCK && command != SHM_UNLOCK || permissions.allow(Permission.MLOCK),
                        Errno.EPERM);
    }

    private Answer setName(Call call) {
        if (!permissions.allow(Permission.SET_HOSTNAME) || !isRoot(call.caller())) {
            return Answer.refuse(Errno.EPERM);
        }
        int length = call.intArgument(1);
        if (length < 0 || length > MAX_NAME) {
            return Answer.refuse(Errno.EINVAL);
        }
        var name = call.caller().read(call.argument(0), length);
        if (name.isEmpty()) {
            return Answer.refuse(Errno.EFAULT);
        }
        Lives.noteRenamed(lives, jail.jid());
        return new Answer.Result(-inside.run(() -> {
            if (call.number() == SystemCall.SETHOSTNAME) {
                Processes.setHostname(Bytes.toString(name.get()));
            } else {
                Processes.setDomainName(Bytes.toString(name.get()));
            }
            return 0;
        }));
    }

    /** A jail is a chroot: with directories open there is no other, unless the MIB does not care. */
    private Answer chroot(Call call) {
        int rule = permissions.value(Mib.Entry.CHROOT_ALLOW_OPEN_DIRECTORIES);
        return Answer.proceedIf(rule != 0 && rule != 1 || !keepsWayOut(call.caller()), Errno.EPERM);
    }

    private boolean keepsWayOut(Caller caller) {
        try {
            return caller.keepsWayOutOfChroot();
        } catch (KernelException e) {
            // another user's /proc/PID/fd, which the jail's own root may look into
            return inside.run(() -> caller.keepsWayOutOfChroot() ? 1 : 0) != 0;
        }
    }

    /**
     * Carries the whole call out, as the kernel would for the host's root, if it changes the two flags that only he
     * may and is about a file of the jail; any other the kernel decides.
     */
    private Answer setFileFlags(Call call) {
        if (!permissions.allow(Permission.CHFLAGS) || !isRoot(call.caller())) {
            return new Answer.Proceed();
        }
        var form = FileFlags.ofRequest(call.intArgument(1));
        var wanted = call.caller().read(call.argument(2), form.size());
        if (wanted.isEmpty()) {
            return Answer.refuse(Errno.EFAULT);
        }
        try (var file = call.caller().descriptor(call.intArgument(0))) {
            var stat = Files.stat(file);
            if (!stat.isRegular() && !stat.isDirectory() || !isOfJail(stat.uid())) {
                return new Answer.Proceed();
            }
            var present = form.get(file);
            if (!form.differInSystemFlags(present, wanted.get()) || form.differInProject(present, wanted.get())
                    || jail.securelevel() > 0 && form.clearsSystemFlags(present, wanted.get())) {
                return new Answer.Proceed();
            }
            form.set(file, wanted.get());
            return new Answer.Result(0);
        }
    }

    private boolean isOfJail(int uid) {
        return Integer.compareUnsigned(uid - jail.jid().rootUid(), Jid.IDS) < 0;
    }

    private Answer readMessages(Call call) {
        if (!permissions.allow(Permission.READ_MSGBUF)
                || !Files.read("/proc/sys/kernel/dmesg_restrict").startsWith("0") && !isRoot(call.caller())) {
            return Answer.refuse(Errno.EPERM);
        }
        int length = call.intArgument(2);
        return switch (call.intArgument(0)) {
            case KernelLog.OPEN, KernelLog.CLOSE -> new Answer.Result(0);
            case KernelLog.SIZE_BUFFER -> new Answer.Result(KernelLog.size());
            case KernelLog.READ_ALL -> {
                if (length <= 0) {
                    yield length == 0 ? new Answer.Result(0) : Answer.refuse(Errno.EINVAL);
                }
                var messages = KernelLog.tail(Math.min(length, KernelLog.size()));
                yield call.caller().write(call.argument(1), messages)
                        ? new Answer.Result(messages.length) : Answer.refuse(Errno.EFAULT);
            }
            default -> Answer.refuse(Errno.EPERM); // what takes messages away from the host, or changes its console
        };
    }

    /** An entry of the MIB, by its number. */
    private Answer tell(Call call) {
        return Mib.Entry.of(call.intArgument(0)).<Answer>map(entry -> Answer.value(entry == Mib.Entry.VNET
                ? (jail.vnet() ? 1 : 0) : permissions.value(entry)))
                .orElse(Answer.refuse(Errno.ENOENT));
    }
}
