package stockade.prison;

import java.util.Optional;

/**
 * The resources of rctl(8), each with what limits it here, or why nothing does. A limit holds for all processes of a jail
 * together, those entered with jexec(8) included.
 */
public enum Resource {
    CPUTIME("rctl.cputime", Unit.SECONDS, "CPU time",
            new Means.None("Linux limits the CPU time of single processes only; see rctl.pcpu")),
    DATASIZE("rctl.datasize", Unit.BYTES, "data size",
            new Means.None("Linux limits the data of single processes only; see rctl.memoryuse")),
    STACKSIZE("rctl.stacksize", Unit.BYTES, "stack size",
            new Means.None("Linux limits the stacks of single processes only; see rctl.memoryuse")),
    COREDUMPSIZE("rctl.coredumpsize", Unit.BYTES, "core dump size",
            new Means.None("where core dumps go and how large they get is set by kernel.core_pattern, for the whole host")),
    MEMORYUSE("rctl.memoryuse", Unit.BYTES, "memory in use: of processes, the files that they have in the page cache and what"
            + " the kernel keeps for them; what can't be freed when it is reached ends the process of the jail that uses most: that"
            + " may be its init, of some 2 MB, and then the jail ends",
            new Means.Group(Controller.MEMORY, "memory.max", "memory.limit_in_bytes", "")),
    MEMORYLOCKED("rctl.memorylocked", Unit.BYTES, "locked memory",
            new Means.None("Linux limits the locked memory of single processes only; see allow.mlock")),
    MAXPROC("rctl.maxproc", Unit.NUMBER, "number of processes, the threads of each counted too",
            new Means.Group(Controller.PIDS, "pids.max", "pids.max", "")),
    OPENFILES("rctl.openfiles", Unit.NUMBER, "file descriptor table size",
            new Means.None("Linux limits the open files of single processes only")),
    VMEMORYUSE("rctl.vmemoryuse", Unit.BYTES, "address space",
            new Means.None("Linux limits the address space of single processes only; see rctl.memoryuse")),
    PSEUDOTERMINALS("rctl.pseudoterminals", Unit.NUMBER, "number of pseudo-terminals", new Means.Terminals()),
    SWAPUSE("rctl.swapuse", Unit.BYTES, "swap space in use; on version 1, together with rctl.memoryuse, the sum of both",
            new Means.Group(Controller.MEMORY, "memory.swap.max", "memory.memsw.limit_in_bytes", "")),
    NTHR("rctl.nthr", Unit.NUMBER, "number of threads, of which each process has one at least",
            new Means.Group(Controller.PIDS, "pids.max", "pids.max", "")),
    MSGQQUEUED("rctl.msgqqueued", Unit.NUMBER, "number of queued System V messages",
            new Means.None("Linux limits what is in a queue, not in all of them; see rctl.nmsgq")),
    MSGQSIZE("rctl.msgqsize", Unit.BYTES, "size of System V messages in queues",
            new Means.None("Linux limits what is in a queue, not in all of them; see rctl.nmsgq")),
    NMSGQ("rctl.nmsgq", Unit.NUMBER, "number of System V message queues", new Means.Ipc("msgmni", 0)),
    NSEM("rctl.nsem", Unit.NUMBER, "number of System V semaphores", new Means.Ipc("sem", 1)),
    NSEMOP("rctl.nsemop", Unit.NUMBER, "number of System V semaphores modified in a single semop(2) call",
            new Means.Ipc("sem", 2)),
    NSHM("rctl.nshm", Unit.NUMBER, "number of System V shared memory segments", new Means.Ipc("shmmni", 0)),
    SHMSIZE("rctl.shmsize", Unit.BYTES, "size of System V shared memory", new Means.Ipc("shmall", 0)),
    WALLCLOCK("rctl.wallclock", Unit.SECONDS, "wallclock time", new Means.None("Linux has no such limit for a jail")),
    PCPU("rctl.pcpu", Unit.PERCENT, "CPU time, in percents of one CPU",
            new Means.Group(Controller.CPU, "cpu.max", "cpu.cfs_quota_us", "")),
    READBPS("rctl.readbps", Unit.BYTES_PER_SECOND, "reading from each disk that the host has when the limit is set",
            new Means.Group(Controller.IO, "io.max", "blkio.throttle.read_bps_device", "rbps")),
    WRITEBPS("rctl.writebps", Unit.BYTES_PER_SECOND, "writing to each disk that the host has when the limit is set; on version 1"
            + " not what the page cache writes later",
            new Means.Group(Controller.IO, "io.max", "blkio.throttle.write_bps_device", "wbps")),
    READIOPS("rctl.readiops", Unit.OPERATIONS_PER_SECOND, "read operations, as rctl.readbps",
            new Means.Group(Controller.IO, "io.max", "blkio.throttle.read_iops_device", "riops")),
    WRITEIOPS("rctl.writeiops", Unit.OPERATIONS_PER_SECOND, "write operations, as rctl.writebps",
            new Means.Group(Controller.IO, "io.max", "blkio.throttle.write_iops_device", "wiops"));

    static final String PREFIX = "rctl.";

    private final String label;
    private final Unit unit;
    private final String description;
    private final Means means;

    Resource(String label, Unit unit, String description, Means means) {
        this.label = label;
        this.unit = unit;
        this.description = description;
        this.means = means;
    }

    /** What an amount is a number of. */
    public enum Unit {
        NUMBER(""),
        BYTES("bytes"),
        SECONDS("seconds"),
        PERCENT("% of a CPU"),
        BYTES_PER_SECOND("bytes/s"),
        OPERATIONS_PER_SECOND("operations/s");

        private final String text;

        Unit(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /** What limits a resource. */
    public sealed interface Means {
        /**
         * A file of the jail's cgroup. It can change while the jail runs.
         *
         * @param key what the amount is called in the file of version 2, if it has several
         */
        record Group(Controller controller, String file, String fileInV1, String key) implements Means {
        }

        /** The option max of the jail's devpts. */
        record Terminals() implements Means {
        }

        /** A sysctl of the jail's ipc namespace, kernel.NAME, and which of the numbers in it, from 0. */
        record Ipc(String sysctl, int field) implements Means {
        }

        /** There is nothing: the parameter is refused, for this reason. */
        record None(String reason) implements Means {
        }
    }

    /** Whether a parameter is one of these. */
    public static boolean isLabel(String label) {
        return label.startsWith(PREFIX);
    }

    /**
     * The resource of a parameter.
     *
     * @throws JailException if there is none, or Linux can't limit it
     */
    static Resource of(String label) {
        for (var resource : values()) {
            if (resource.label.equals(label)) {
                if (resource.means instanceof Means.None(String reason)) {
                    throw new JailException(label + ": " + reason);
                }
                return resource;
            }
        }
        throw new JailException("unknown parameter: " + label);
    }

    /** The name of its parameter. */
    public String label() {
        return label;
    }

    /** The name that takes its limit away. */
    public String negation() {
        return PREFIX + "no" + label.substring(PREFIX.length());
    }

    public Unit unit() {
        return unit;
    }

    public String description() {
        return description;
    }

    public Means means() {
        return means;
    }

    /** The controller that limits it, if one does. */
    public Optional<Controller> controller() {
        return means instanceof Means.Group group ? Optional.of(group.controller()) : Optional.empty();
    }

    /** Whether its limit can change while the jail runs. */
    public boolean isChangeable() {
        return means instanceof Means.Group;
    }

    /** The least limit that can be told: where there is none, 0 would stand for no limit. */
    long least() {
        return this == PCPU || controller().equals(Optional.of(Controller.IO)) ? 1 : 0;
    }

    /** The file that limits it. */
    public String file(boolean v2) {
        return means instanceof Means.Group group ? v2 ? group.file() : group.fileInV1() : "";
    }

    String key() {
        return means instanceof Means.Group group ? group.key() : "";
    }
}
