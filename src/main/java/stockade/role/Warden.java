package stockade.role;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.confine.Confinement;
import stockade.confine.Identity;
import stockade.confine.Tree;
import stockade.confine.TreeMounts;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Poll;
import stockade.linux.Processes;
import stockade.linux.Signals;
import stockade.linux.UnixSocket;
import stockade.network.Steering;
import stockade.prison.Entrance;
import stockade.prison.Jail;
import stockade.prison.JailException;
import stockade.prison.Registry;
import stockade.usher.Usher;

/**
 * The host's side of a jail, one process for each, born in the jail's cgroup so that the sockets it makes
 * belong there. It makes init, has an {@link Usher} answer the calls that the jail may not make itself, passes
 * messages between clients (the creator, jexec, jail -r; only the host's root can connect) and init, and ends with init.
 *
 * What init says is what the jail's root might make it say: it is passed on as data and nothing more.
 * Nothing a jail or a client does makes the warden wait for it.
 */
final class Warden {
    /** How long after the time for SIGTERM an init that does not end is ended, in milliseconds. */
    private static final int STOP_GRACE = 1000;

    /** In milliseconds. */
    private static final int PAUSE = 100;

    /** More wait to be admitted, so that there are descriptors for what these have to say. */
    private static final int MOST_CLIENTS = 512;

    /** The number of the command that the creator has. */
    private static final int CREATORS = 1;

    private Jail jail;
    private final Descriptor life;
    private Optional<Steering> steering;
    private final Processes.Child init;
    private final Descriptor control;
    private final List<Client> clients = new ArrayList<>();
    private int lastCommand;
    private long killAt = Long.MAX_VALUE;
    /** Whether nobody is let in for a moment, because there is no descriptor or memory for one more. */
    private boolean full;

    /** What there is once init has confined itself: the first call of the jail to come, and the door for clients. */
    private Optional<Descriptor> listener = Optional.empty();
    private Optional<Descriptor> door = Optional.empty();
    private Optional<Usher> usher = Optional.empty();

    /** Where a client's one command is. */
    private enum Progress {
        NOT_YET, RUNS, OVER
    }

    /** Somebody connected, with the one command that they may have. */
    private static final class Client {
        private final Descriptor socket;
        private final int command;
        private Progress progress = Progress.NOT_YET;
        /** What it asked the jail to be, without any process, if init has not answered yet. */
        private Optional<Boolean> persists = Optional.empty();
        /** Whether it stays until the jail has ended, should the jail end, and removes what is left then. */
        private boolean waits;

        Client(Descriptor socket, int command) {
            this.socket = socket;
            this.command = command;
            this.waits = command == CREATORS;
        }
    }

    private Warden(Jail jail, Descriptor life, Optional<Steering> steering, Processes.Child init, Descriptor control,
            Descriptor creator) {
        this.jail = jail;
        this.life = life;
        this.steering = steering;
        this.init = init;
        this.control = control;
        addClient(creator);
    }

    /**
     * Is the warden until the jail has ended. Does not return.
     *
     * @param life      the jail's lock in the registry, held as long as this process lives
     * @param steering  what a jail with several addresses needs
     * @param entrance  the way for init to where the jail's limits are, if it has some
     * @param creator   the socket to the process that wants the jail
     * @param directory the jail's tree
     * @param mounts    what is mounted in it
     */
    static void run(Jail jail, Descriptor life, Optional<Steering> steering, Optional<Entrance> entrance, Descriptor creator,
            Descriptor directory, TreeMounts mounts) {
        try {
            Signals.blockAll();
            var warden = create(jail, life, steering, entrance, creator, directory, mounts);
            warden.leaveCaller();
            warden.serveToTheEnd();
        } catch (RuntimeException e) {
            UnixSocket.offer(creator, new Message.Failed(0, Failure.reason(e)).encode());
        }
        Processes.exit(0);
    }

    private static Warden create(Jail jail, Descriptor life, Optional<Steering> steering, Optional<Entrance> entrance,
            Descriptor creator, Descriptor directory, TreeMounts mounts) {
        var pair = UnixSocket.pair();
        var init = Credentials.as(jail.jid().rootUid(), () -> {
            var child = Processes.forkWithNamespaces(Confinement.NAMESPACES, entrance.flatMap(Entrance::inV2));
            if (child.isSelf()) {
                Init.run(jail, entrance, pair.theirs(), mounts);
            }
            return child;
        });
        pair.theirs().close();
        try {
            provide(jail, init.pid(), pair.ours(), directory, mounts);
        } catch (RuntimeException e) {
            throw reasonOfInit(pair.ours()).<RuntimeException>map(JailException::new).orElse(e);
        }
        directory.close();
        mounts.close();
        return new Warden(jail, life, steering, init, pair.ours(), creator);
    }

    /** Does for init, which waits for it, what it can't do itself. */
    private static void provide(Jail jail, int init, Descriptor control, Descriptor directory, TreeMounts mounts) {
        Identity.map(init, jail.jid());
        if (jail.vnet()) {
            prepareOwnNetwork(jail, init);
        }
        try (var userNamespace = Identity.userNamespace(init);
                var tree = Tree.prepare(jail, directory, userNamespace)) {
            mounts.mapOwners(userNamespace); // init has them, from its birth on
            UnixSocket.send(control, new Message.Tree().encode(), tree);
        }
    }

    /** Why init has ended, if it has: what is done for it fails then, but that is not why. */
    private static Optional<String> reasonOfInit(Descriptor control) {
        return new Poll().readable(control).await(0) && UnixSocket.receive(control) instanceof UnixSocket.Received received
                && Message.decode(received.content()) instanceof Message.Failed(int command, String reason)
                ? Optional.of(reason) : Optional.empty();
    }

    private static void prepareOwnNetwork(Jail jail, int init) {
        if (!jail.interfaces().isEmpty()) {
            Registry.givenInterfaces(jail.jid()).give(jail.interfaces(), init);
        }
        jail.link().ifPresent(link -> link.create(init));
    }

    /** Keeps nothing of the caller's, while init confines itself. */
    private void leaveCaller() {
        Processes.newSession();
        var kept = new ArrayList<>(List.of(life, control, init.pidfd(), clients.get(0).socket));
        steering.ifPresent(s -> kept.addAll(s.descriptors()));
        Descriptor.closeAllBut(kept.toArray(Descriptor[]::new));
        Descriptor.standardToNull();
        Files.changeDirectory("/"); // the caller's may be on what is to be unmounted
        Processes.setTitle("jail-warden");
    }

    /** Serves until init has ended, then sees to it that somebody removes what is left of the jail. */
    private void serveToTheEnd() {
        try {
            serve();
        } finally {
            Signals.send(init.pidfd(), Signals.SIGKILL);
            Processes.await(init);
            usher.ifPresent(u -> {
                Signals.send(u.process().pidfd(), Signals.SIGKILL);
                Processes.await(u.process());
            });
            // what is left includes this process's own cgroup, so a client who waits for the end does it, or a child
            if (clients.stream().noneMatch(client -> client.waits
                    && UnixSocket.offer(client.socket, new Message.Ended().encode()))) {
                life.close();
                Undertaker.forkToBuryAfter(Processes.pid());
            }
        }
    }

    private void serve() {
        boolean initLives = true;
        while (initLives) {
            var poll = new Poll().readable(control);
            listener.ifPresent(poll::readable);
            usher.ifPresent(u -> poll.readable(u.process().pidfd()));
            if (clients.size() < MOST_CLIENTS && !full) {
                door.ifPresent(poll::readable);
            }
            clients.forEach(client -> poll.readable(client.socket));
            int wait = killAt == Long.MAX_VALUE ? -1 : (int) Math.max(0, killAt - Processes.monotonicMillis());
            poll.await(full ? PAUSE : wait);
            full = false;
            if (killAt != Long.MAX_VALUE && killAt <= Processes.monotonicMillis()) {
                return;
            }
            if (poll.isReady(control)) {
                initLives = report(UnixSocket.receive(control));
            }
            if (listener.isPresent() && poll.isReady(listener.get())) {
                if (!poll.isOver(listener.get())) {
                    usher = Optional.of(Usher.forJail(jail, init.pid(), steering, listener.get()));
                }
                listener.get().close(); // the usher's now; or init is on its way out and nobody is left to call
                listener = Optional.empty();
            }
            if (usher.isPresent() && poll.isReady(usher.get().process().pidfd())) {
                return; // without its usher the jail does not go on; if init is gone, all is over anyway
            }
            for (var client : List.copyOf(clients)) {
                if (poll.isReady(client.socket)) {
                    hear(client);
                }
            }
            if (door.isPresent() && poll.isReady(door.get())) {
                admit();
            }
        }
    }

    /** Only the host's root: the file's place says so already, but a jail may have / as its tree. */
    private void admit() {
        Descriptor socket;
        try {
            socket = UnixSocket.accept(door.get());
        } catch (KernelException e) {
            full = true;
            return;
        }
        if (UnixSocket.peer(socket).uid() == 0) {
            addClient(socket);
        } else {
            socket.close();
        }
    }

    /** What a client has said, or has wanted to: that there is no descriptor for what came with it, or that it is of another version, is not the jail's end. */
    private void hear(Client client) {
        UnixSocket.Received received = null;
        Message message = null;
        try {
            received = UnixSocket.receive(client.socket);
            message = received == null ? null : Message.decode(received.content());
        } catch (KernelException | IllegalArgumentException e) {
            if (received != null) {
                received.closeDescriptors();
            }
        }
        if (message == null) {
            dismiss(client);
        } else {
            obey(client, message, received);
        }
    }

    private void addClient(Descriptor socket) {
        clients.add(new Client(socket, ++lastCommand));
    }

    private void obey(Client client, Message message, UnixSocket.Received received) {
        switch (message) {
            case Message.Run run when client.progress == Progress.NOT_YET && received.descriptors().size() == 4 -> {
                client.progress = Progress.RUNS;
                client.waits = true;
                if (!UnixSocket.offer(control, run.about(client.command).encode(),
                        received.descriptors().toArray(Descriptor[]::new))) {
                    client.progress = Progress.OVER;
                    tell(client, new Message.Failed(0, "init does not take commands"));
                }
            }
            case Message.Run run when client.progress == Progress.NOT_YET -> {
                client.progress = Progress.OVER;
                tell(client, new Message.Failed(0, "the warden has too many open files"));
            }
            case Message.Signal signal when client.progress == Progress.RUNS ->
                UnixSocket.offer(control, signal.about(client.command).encode());
            case Message.Stop(int seconds) -> {
                client.waits = true;
                UnixSocket.offer(control, new Message.Stop(seconds).encode());
                killAt = Processes.monotonicMillis() + seconds * 1000L + STOP_GRACE;
            }
            case Message.Hold hold when client.command == CREATORS -> UnixSocket.offer(control, new Message.Persist(true).encode());
            case Message.Persist persist -> persist(client, persist);
            case Message.Readdress readdress when !received.descriptors().isEmpty() -> {
                if (readdress(received.descriptors())) {
                    acknowledge(client, new Message.Up());
                    return; // with the descriptors
                }
                acknowledge(client, new Message.Failed(0, "the usher does not listen"));
            }
            default -> dismiss(client);
        }
        received.closeDescriptors();
    }

    /** Whoever made the jail may leave it from now on. */
    private void persist(Client client, Message.Persist persist) {
        if (client.command == CREATORS) {
            client.progress = Progress.OVER;
        }
        try {
            Registry.notePersistence(jail.jid(), persist.persists());
        } catch (KernelException e) {
            acknowledge(client, new Message.Failed(0, e.getMessage()));
            return;
        }
        client.persists = Optional.of(persist.persists());
        client.waits = true; // the jail may end with this
        if (!UnixSocket.offer(control, persist.encode())) {
            acknowledge(client, new Message.Failed(0, "init does not listen"));
        }
    }

    /** The jail goes on, and is what it was asked to be. */
    private void answerPersistence(boolean persists) {
        for (var client : List.copyOf(clients)) {
            if (client.persists.equals(Optional.of(persists))) {
                client.persists = Optional.empty();
                client.waits = false;
                acknowledge(client, new Message.Up());
            }
        }
    }

    /** Answers a client. One who can't be told, and would wait for it for ever, is dismissed. */
    private void tell(Client client, Message message, Descriptor... descriptors) {
        if (!UnixSocket.offer(client.socket, message.encode(), descriptors)) {
            dismiss(client);
        }
    }

    /** Answers who does not wait for ever. One who has gone already may have left more to be read, and is not dismissed. */
    private static void acknowledge(Client client, Message message) {
        UnixSocket.offer(client.socket, message.encode());
    }

    /** Notes a jail's new addresses, and tells the usher. Returns whether that could be done. */
    private boolean readdress(List<Descriptor> descriptors) {
        if (usher.isPresent() && !usher.get().readdress(descriptors)) {
            return false;
        }
        try (var record = descriptors.get(0)) {
            jail = Jail.parse(record.content());
        }
        var added = descriptors.stream().skip(1).iterator();
        steering = steering.map(s -> s.with(jail.addresses(), added));
        added.forEachRemaining(Descriptor::close); // of what it had already
        return true;
    }

    /** A client that dies takes its command along: to the host the two are one. */
    private void dismiss(Client client) {
        clients.remove(client);
        client.socket.close();
        if (client.progress == Progress.RUNS) {
            UnixSocket.offer(control, new Message.Signal(client.command, Signals.SIGKILL).encode());
        } else if (client.command == CREATORS && client.progress == Progress.NOT_YET) {
            // the creator went away without a command, and a jail without a process is none
            Signals.send(init.pidfd(), Signals.SIGKILL);
        }
    }

    /** The jail is up: it may call, and clients may come. */
    private void open(Descriptor listener) {
        this.listener = Optional.of(listener);
        Registry.noteInit(jail.jid(), init.pid());
        door = Optional.of(UnixSocket.listen(Registry.control(jail.jid())));
        Registry.noteUp(jail.jid());
        clients.stream().filter(client -> client.command == CREATORS && client.progress == Progress.NOT_YET).toList()
                .forEach(client -> tell(client, new Message.Up()));
    }

    /** Passes a report of init on to the client that it is for. Returns whether init lives. */
    private boolean report(UnixSocket.Received received) {
        if (received == null) {
            return false;
        }
        var message = Message.decode(received.content());
        if (message instanceof Message.Confined && door.isEmpty() && received.descriptors().size() == 1) {
            open(received.descriptors().get(0));
            return true;
        }
        if (message instanceof Message.Persist(boolean persists)) {
            answerPersistence(persists);
            received.closeDescriptors();
            return true;
        }
        int command = switch (message) {
            case Message.Terminal(int number) -> number;
            case Message.Failed(int number, String reason) -> number == 0 ? CREATORS : number;
            case Message.Exited(int number, int status, boolean last) -> number;
            default -> throw new IllegalArgumentException("not for the warden");
        };
        for (var client : List.copyOf(clients)) {
            if (client.command == command && client.progress != Progress.OVER) {
                if (message instanceof Message.Exited || message instanceof Message.Failed) {
                    client.progress = Progress.OVER;
                    client.waits = client.command == CREATORS && !(message instanceof Message.Exited)
                            || message instanceof Message.Exited(int number, int status, boolean last) && last;
                }
                tell(client, message.about(0), received.descriptors().toArray(Descriptor[]::new));
            }
        }
        received.closeDescriptors();
        return true;
    }
}
