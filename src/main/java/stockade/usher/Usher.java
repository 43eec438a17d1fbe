package stockade.usher;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.Seccomp;
import stockade.linux.Signals;
import stockade.linux.UnixSocket;
import stockade.network.Steering;
import stockade.prison.Jail;
import stockade.prison.Lives;
import stockade.prison.Mib;
import stockade.prison.Permissions;

/**
 * Answers the system calls that the processes of a jail, or of a chroot, may not make themselves or whose
 * permission is decided at the moment of the call. It is a process of its own because an answer may have to wait for
 * the caller: handing a descriptor in does until the caller is scheduled (SECCOMP_IOCTL_NOTIF_ADDFD), reading its
 * memory until its page is there.
 */
public record Usher(Processes.Child process, Descriptor control) {
    private static final int CAP_DAC_READ_SEARCH = 2;
    private static final int CAP_FOWNER = 3;
    private static final int CAP_LINUX_IMMUTABLE = 9;
    private static final int CAP_NET_RAW = 13;
    private static final int CAP_SYS_PTRACE = 19;
    private static final int CAP_SYSLOG = 34;
    private static final int CAP_BPF = 39;

    /**
     * Forks a jail's usher, to be called by the warden at the jail's first call. It lives in the jail's cgroup,
     * as the jail's root: a socket that it makes then is that user's and not the host's root's, whose ports it might
     * otherwise share (SO_REUSEPORT compares users). As the owner of the jail's user namespace it has every power
     * over the jail, and over the host none but the few capabilities that {@link JailCalls} lends out.
     */
    public static Usher forJail(Jail jail, int init, Optional<Steering> steering, Descriptor listener) {
        int warden = Processes.pid();
        var pair = UnixSocket.pair();
        var child = Processes.forkHeld();
        if (child.isSelf()) {
            endAfter(() -> {
                var permissions = Permissions.of(jail.jid());
                var inside = Inside.of(init);
                var lives = Lives.open(jail.jid());
                var kept = new ArrayList<>(List.of(listener, pair.theirs(), lives));
                kept.addAll(inside.descriptors());
                kept.addAll(List.of(permissions.descriptors()));
                steering.ifPresent(s -> kept.addAll(s.listeners()));
                Descriptor.closeAllBut(kept.toArray(Descriptor[]::new));
                Processes.setTitle("jail-usher");
                int root = jail.jid().rootUid();
                Credentials.becomeCapable(root, jail.jid().usherGid(), root, 1L << CAP_FOWNER
                        | 1L << CAP_LINUX_IMMUTABLE | 1L << CAP_NET_RAW | 1L << CAP_SYSLOG
                        | (steering.isPresent() ? 1L << CAP_BPF : 0));
                Credentials.makeUndumpable();
                Credentials.dieWithParent();
                if (Processes.parentPid() == warden) {
                    serveJail(listener, pair.theirs(), jail, steering, permissions, inside, lives);
                }
            });
        }
        pair.theirs().close();
        return new Usher(child, pair.ours());
    }

    /**
     * Has a jail's usher know of its new addresses.
     *
     * @param descriptors a file with the jail's record and what steers to each new address
     * @return whether it could be told
     */
    public boolean readdress(List<Descriptor> descriptors) {
        return UnixSocket.offer(control, new byte[1], descriptors.toArray(Descriptor[]::new));
    }

    private static void serveJail(Descriptor listener, Descriptor control, Jail first, Optional<Steering> firstSteering,
            Permissions permissions, Inside inside, Descriptor lives) {
        var jail = first;
        var steering = firstSteering;
        var steered = new HashMap<FoundSockets.Port, List<FoundSockets.Steered>>();
        while (true) {
            var news = new News(control);
            var own = new OwnAddresses(jail, permissions, news::await);
            var calls = new JailCalls(jail, permissions, inside, lives, own, new FoundSockets(own, steering, steered));
            if (!serve(listener, Optional.of(news), calls::answer)) {
                return;
            }
            jail = news.await();
            var addresses = jail.addresses();
            steering = steering.map(s -> s.with(addresses, news.descriptors()));
        }
    }

    /**
     * Forks the usher of a chroot. It is to be sent the listener on the socket returned, or else ends.
     */
    public static Descriptor forChroot() {
        var pair = UnixSocket.pair();
        if (Processes.forkUnseen().isSelf()) {
            endAfter(() -> {
                Processes.newSession();
                Signals.blockAll();
                var mib = Mib.open();
                Descriptor.closeAllBut(pair.theirs(), mib.descriptor());
                Descriptor.standardToNull();
                stockade.linux.Files.changeDirectory("/");
                Processes.setTitle("chroot-usher");
                Credentials.setCapabilities(1L << CAP_SYS_PTRACE | 1L << CAP_DAC_READ_SEARCH);
                Credentials.makeUndumpable();
                var listener = UnixSocket.receive(pair.theirs());
                pair.theirs().close();
                if (listener != null) {
                    serve(listener.descriptors().get(0), Optional.empty(), new ChrootCalls(mib)::answer);
                }
            });
        }
        pair.theirs().close();
        return pair.ours();
    }

    /** In the child: whoever depends on it sees that it has failed, and calls that wait fail with ENOSYS. */
    private static void endAfter(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            Processes.exit(1);
        }
        Processes.exit(0);
    }

    /** Answers until nobody is left to call, or there is something to hear. Returns whether there is. */
    private static boolean serve(Descriptor listener, Optional<News> news, Function<Call, Answer> answers) {
        Seccomp.wakeSynchronously(listener);
        while (true) {
            if (news.isPresent() && news.get().isHeard()) {
                return true;
            }
            var poll = new Poll().readable(listener);
            news.ifPresent(n -> poll.readable(n.control()));
            poll.await(-1);
            if (poll.isOver(listener)) {
                return false;
            }
            if (news.isPresent() && poll.isReady(news.get().control())) {
                return true;
            }
            if (poll.isReady(listener)) {
                Optional.ofNullable(Seccomp.receive(listener))
                        .ifPresent(notification -> answer(new Call(listener, notification), answers));
            }
        }
    }

    private static void answer(Call call, Function<Call, Answer> answers) {
        Answer answer;
        try {
            answer = answers.apply(call);
        } catch (KernelException e) {
            answer = Answer.refuse(e.errno()); // or the caller has died
        }
        switch (answer) {
            case Answer.Proceed proceed -> Seccomp.proceed(call.listener(), call.notification());
            case Answer.Result(long value) -> Seccomp.answer(call.listener(), call.notification(), value);
            case Answer.HandIn(Descriptor descriptor, boolean closeOnExec) -> {
                Seccomp.handIn(call.listener(), call.notification(), descriptor, closeOnExec);
                descriptor.close();
            }
        }
    }
}
