package stockade.linux;

import static stockade.linux.KernelException.check;
import static stockade.linux.KernelException.checkFeature;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Processes. The program has one thread, so a child made here simply goes on in Java, with a copy of
 * everything.
 */
public final class Processes {
    public static final int CLONE_NEWNS = 0x00020000;
    public static final int CLONE_NEWCGROUP = 0x02000000;
    public static final int CLONE_NEWUTS = 0x04000000;
    public static final int CLONE_NEWIPC = 0x08000000;
    public static final int CLONE_NEWUSER = 0x10000000;
    public static final int CLONE_NEWPID = 0x20000000;
    public static final int CLONE_NEWNET = 0x40000000;
    public static final int CLONE_NEWTIME = 0x00000080;

    private static final int COULD_NOT_RUN = 126;
    private static final int POINTER = 8;
    private static final int CLONE_PIDFD = 0x1000;
    private static final long CLONE_INTO_CGROUP = 0x200000000L;
    private static final int CLONE_ARGS_SIZE = 88;
    private static final int WNOHANG = 1;

    private static int commandLineSize;

    private Processes() {
    }

    /** A process made by clone3(2): in the parent its pid and pidfd, in the child itself the pid 0. */
    public record Child(int pid, Descriptor pidfd) {
        public boolean isSelf() {
            return pid == 0;
        }
    }

    /** How a process ended. */
    public record Ended(int pid, int status) {
        /** The signal that ended it, or 0. */
        public int signal() {
            return status & 0x7f;
        }

        /** The status as a shell gives it: the exit status, or 128 and the signal's number. */
        public int shellStatus() {
            return signal() == 0 ? (status >> 8) & 0xff : 128 + signal();
        }
    }

    /** fork(2): the child's pid, and 0 in the child. Works in a jail, where clone3 is not to be had. */
    public static int fork() {
        return (int) check(Native.call(SystemCall.FORK), "fork");
    }

    /**
     * A child that becomes another program, or ends, while this process waits for it in vfork(2): it has no memory of its own
     * to be copied. Who could stop the child before it is another program would stop this process, too. What it leaves
     * in objects is found there by this process.
     *
     * @param work does not return
     * @return the child's pid
     */
    public static int forkToBecome(Runnable work) {
        int pid = Native.vfork();
        if (pid == 0) {
            work.run();
            exit(COULD_NOT_RUN); // what comes behind is the parent's
        }
        return pid > 0 ? pid : (int) check(-Native.errno(), "vfork");
    }

    /** A child that is born in a cgroup (v2, by its open directory): no migration, which would wait for RCU. */
    public static Child forkInto(Descriptor cgroup) {
        return clone(0, cgroup);
    }

    /** A child in the new namespaces named by CLONE_NEW* flags. */
    public static Child forkWithNamespaces(int flags) {
        return forkWithNamespaces(flags, Optional.empty());
    }

    /** As {@link #forkWithNamespaces(int)}, born in a cgroup as {@link #forkInto}. */
    public static Child forkWithNamespaces(int flags, Optional<Descriptor> cgroup) {
        try {
            return clone(flags, cgroup.orElse(null));
        } catch (KernelException e) {
            throw switch (e.errno()) {
                case ENOSPC -> new KernelException("clone3 with new namespaces (too many: see user.max_user_namespaces"
                        + " and its kin)", e.errno());
                case EPERM -> new KernelException("clone3 with new namespaces (not possible in a chroot)", e.errno());
                default -> e;
            };
        }
    }

    /** A child with its pidfd. Not to be had in a jail. */
    public static Child forkHeld() {
        return clone(0, null);
    }

    /** A child that its parent's wait(2) does not tell of, whatever program the parent becomes. */
    public static Child forkUnseen() {
        return clone(0, null, 0);
    }

    private static Child clone(int namespaces, Descriptor cgroup) {
        return clone(namespaces, cgroup, Signals.SIGCHLD);
    }

    private static Child clone(int namespaces, Descriptor cgroup, int exitSignal) {
        try (var args = new Memory(CLONE_ARGS_SIZE); var pidfd = new Memory(8)) {
            args.putLong(0, (namespaces & 0xffffffffL) | CLONE_PIDFD | (cgroup != null ? CLONE_INTO_CGROUP : 0));
            args.putLong(8, pidfd.address());
            args.putLong(32, exitSignal);
            args.putLong(80, cgroup != null ? cgroup.number() : 0);
            long pid = checkFeature(Native.call(SystemCall.CLONE3, args.address(), CLONE_ARGS_SIZE),
                    namespaces == 0 ? "clone3" : "clone3 with new namespaces", "5.7");
            return pid == 0 ? new Child(0, null) : new Child((int) pid, new Descriptor(pidfd.getInt(0)));
        }
    }

    /** A child that does some work, which ends in its becoming another program: why it did not is its last word. */
    public static Child forkUnder(Supplier<Errno> work) {
        var child = forkHeld();
        if (child.isSelf()) {
            try {
                Descriptor.STDERR.write(work.get().text() + "\n");
            } catch (RuntimeException e) {
                exit(COULD_NOT_RUN);
            }
            exit(COULD_NOT_RUN);
        }
        return child;
    }

    /** Replaces the process; returns only when the kernel refuses, with its reason. */
    public static Errno exec(String program, List<String> argv, List<String> environment) {
        try (var name = Memory.string(program); var args = vector(argv); var env = vector(environment)) {
            return Errno.of((int) -Native.call(SystemCall.EXECVE, name.address(), args.address(), env.address()));
        }
    }

    /** A NULL-terminated vector of C strings, the strings behind it in the same block. */
    private static Memory vector(List<String> strings) {
        int at = (strings.size() + 1) * 8;
        int size = at;
        for (var s : strings) {
            size += s.length() + 1;
        }
        var memory = new Memory(size);
        for (int i = 0; i < strings.size(); i++) {
            memory.putLong(i * 8, memory.address() + at);
            memory.putString(at, strings.get(i));
            at += strings.get(i).length() + 1;
        }
        return memory;
    }

    /** Ends the process at once; no buffers are flushed because there are none. */
    public static void exit(int status) {
        while (true) { // whatever comes behind is not for this process
            Native.call(SystemCall.EXIT_GROUP, status);
        }
    }

    public static int pid() {
        return (int) Native.call(SystemCall.GETPID);
    }

    /**
     * Has /proc be of this process's own pid namespace: by the pids of another's, one process would be taken for
     * another.
     *
     * @throws KernelException ENOENT if there is none, ESRCH if it is another's
     */
    public static void requireOwnProc() {
        if (!Files.readLink("/proc/self").equals(Integer.toString(pid()))) {
            throw new KernelException("/proc of another pid namespace", Errno.ESRCH);
        }
    }

    public static int parentPid() {
        return (int) Native.call(SystemCall.GETPPID);
    }

    /** Waits for a child to end. */
    public static Ended await(Child child) {
        try (var status = new Memory(4)) {
            long result;
            do {
                result = Native.call(SystemCall.WAIT4, child.pid, status.address(), 0, 0);
            } while (Errno.EINTR.is(result));
            check(result, "wait");
            return new Ended(child.pid, status.getInt(0));
        }
    }

    /** What waiting without blocking for any child found. */
    public sealed interface Reaped {
        /** A child that has ended. */
        record One(Ended ended) implements Reaped {
        }

        /** There are children and none has ended. */
        record NoneYet() implements Reaped {
        }

        /** There are no children. */
        record NoChildren() implements Reaped {
        }
    }

    public static Reaped reap() {
        try (var status = new Memory(4)) {
            long pid = Native.call(SystemCall.WAIT4, -1, status.address(), WNOHANG, 0);
            if (Errno.ECHILD.is(pid)) {
                return new Reaped.NoChildren();
            }
            check(pid, "wait");
            return pid == 0 ? new Reaped.NoneYet() : new Reaped.One(new Ended((int) pid, status.getInt(0)));
        }
    }

    /** A descriptor that becomes readable when the process ends (pidfd_open(2), Linux 5.3). */
    public static Descriptor pidfd(int pid) {
        return new Descriptor(checkFeature(Native.call(SystemCall.PIDFD_OPEN, pid, 0), "pidfd_open", "5.3"));
    }

    /** What another process has open under a number, as a descriptor of this one (pidfd_getfd(2), Linux 5.6). */
    public static Descriptor descriptorOf(int thread, int number) {
        try (var process = pidfdOfThread(thread)) {
            return new Descriptor(check(Native.call(SystemCall.PIDFD_GETFD, process.number(), number, 0), "pidfd_getfd"));
        }
    }

    /** Before Linux 6.9 a thread that is not the first of its process has none; its process mostly has the same descriptors. */
    private static Descriptor pidfdOfThread(int thread) {
        int pidfdThread = 0200;
        long fd = Native.call(SystemCall.PIDFD_OPEN, thread, pidfdThread);
        return Errno.EINVAL.is(fd) ? pidfd(processOf(thread)) : new Descriptor(check(fd, "pidfd_open"));
    }

    private static int processOf(int thread) {
        for (var line : Bytes.split(Files.read("/proc/" + thread + "/status"), '\n')) {
            if (line.startsWith("Tgid:\t")) {
                return Bytes.decimal(line.substring(6));
            }
        }
        throw new KernelException("/proc/" + thread + "/status", Errno.ESRCH);
    }

    /** Joins a namespace. */
    public static void join(Descriptor namespace) {
        check(Native.call(SystemCall.SETNS, namespace.number(), 0), "setns");
    }

    /** New namespaces for this process itself, named by CLONE_NEW* flags. */
    public static void unshare(int flags) {
        check(Native.call(SystemCall.UNSHARE, flags), "unshare");
    }

    /** Starts a session, so that no terminal of the caller's controls this process. */
    public static void newSession() {
        check(Native.call(SystemCall.SETSID), "setsid");
    }

    /** Makes this process the leader of a group for signals. */
    public static void newGroup() {
        check(Native.call(SystemCall.SETPGID, 0, 0), "setpgid");
    }

    /** How long to sleep, in milliseconds. */
    public static void sleep(int milliseconds) {
        try (var time = new Memory(16)) {
            time.putLong(0, milliseconds / 1000).putLong(8, milliseconds % 1000 * 1_000_000L);
            Native.call(SystemCall.NANOSLEEP, time.address(), 0);
        }
    }

    /** Milliseconds on a clock that only goes forward. */
    public static long monotonicMillis() {
        try (var time = new Memory(16)) {
            int clockMonotonic = 1;
            Native.call(SystemCall.CLOCK_GETTIME, clockMonotonic, time.address());
            return time.getLong(0) * 1000 + time.getLong(8) / 1_000_000;
        }
    }

    /** Replaces what ps shows of this process: its name (at most 15 bytes) and all of its command line. */
    public static void setTitle(String name) {
        int setName = 15; // PR_SET_NAME
        try (var s = Memory.string(name)) {
            Native.call(SystemCall.PRCTL, setName, s.address());
        }
        int length = commandLineSize;
        var start = Native.programInvocationName();
        for (int i = 0; i < length; i++) {
            start.add(i).putByte((byte) (i < Math.min(name.length(), length - 1) ? name.charAt(i) : 0));
        }
    }

    /**
     * The command line, argv[0] first. It is read where the kernel has put it at exec, and not from /proc, which a
     * chroot need not have: the vector ends, with a null address, right before that of the environment.
     */
    public static List<String> commandLine() {
        var first = Native.programInvocationName();
        var at = Native.environ().add(-2 * POINTER);
        while (at.getAddress().toLong() != first.toLong()) {
            at = at.add(-POINTER);
        }
        var words = new ArrayList<String>();
        for (; at.getAddress().toLong() != 0; at = at.add(POINTER)) {
            words.add(Native.string(at.getAddress()));
            commandLineSize += words.get(words.size() - 1).length() + 1;
        }
        return words;
    }

    /** The environment as it was at exec. */
    public static List<String> environment() {
        var variables = new ArrayList<String>();
        for (var at = Native.environ(); at.getAddress().toLong() != 0; at = at.add(POINTER)) {
            variables.add(Native.string(at.getAddress()));
        }
        return variables;
    }

    public static String hostname() {
        int nodename = 65;
        try (var names = new Memory(390)) {
            check(Native.call(SystemCall.UNAME, names.address()), "uname");
            return names.getString(nodename);
        }
    }

    public static void setDomainName(String name) {
        try (var s = Memory.string(name)) {
            check(Native.call(SystemCall.SETDOMAINNAME, s.address(), name.length()), "setdomainname");
        }
    }

    public static void setHostname(String name) {
        try (var s = Memory.string(name)) {
            check(Native.call(SystemCall.SETHOSTNAME, s.address(), name.length()), "sethostname");
        }
    }
}
