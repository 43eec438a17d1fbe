package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What limits the processes of a cgroup together. Its files are the kernel's cgroup-v1/*.rst and cgroup-v2.rst. */
public enum Controller {
    MEMORY("memory", "memory"),
    PIDS("pids", "pids"),
    CPU("cpu", "cpu"),
    IO("io", "blkio");

    /** The time in which a quota of CPU time may be used, in microseconds: what both versions start with. */
    private static final long PERIOD = 100_000;

    /** A process of ours is among the jail's: its init. */
    private static final long INIT = 1;

    private final String name;
    private final String nameInV1;

    Controller(String name, String nameInV1) {
        this.name = name;
        this.nameInV1 = nameInV1;
    }

    /** What a file of a group is to say, and which limit wants it. */
    public record Setting(Resource resource, String file, String value) {
    }

    public String label(boolean v2) {
        return v2 ? name : nameInV1;
    }

    /**
     * What the files are to say, in the order in which they are to be written.
     *
     * @param disks as major:minor
     * @throws JailException if there is no way to say it
     */
    public List<Setting> settings(boolean v2, ResourceLimits limits, List<String> disks) {
        return switch (this) {
            case MEMORY -> v2 ? memory(limits) : memoryInV1(limits);
            case PIDS -> tasks(limits);
            case CPU -> cpu(v2, limits);
            case IO -> io(v2, limits, disks);
        };
    }

    private static List<Setting> memory(ResourceLimits limits) {
        var settings = new ArrayList<Setting>();
        for (var resource : List.of(Resource.MEMORYUSE, Resource.SWAPUSE)) {
            if (limits.controls(resource)) {
                settings.add(new Setting(resource, resource.file(true), orElse(limits.amount(resource), "max")));
            }
        }
        return settings;
    }

    /** There the limit of swap is one of memory and swap together, and at no time below that of memory. */
    private static List<Setting> memoryInV1(ResourceLimits limits) {
        var memory = limits.amount(Resource.MEMORYUSE);
        var swap = limits.amount(Resource.SWAPUSE);
        if (swap.isPresent() && memory.isEmpty()) {
            throw new JailException(Resource.SWAPUSE.label() + ": needs " + Resource.MEMORYUSE.label()
                    + " where the memory controller is version 1, which limits both together");
        }
        var settings = new ArrayList<Setting>();
        var both = Resource.SWAPUSE.file(false);
        if (limits.controls(Resource.SWAPUSE)) {
            settings.add(new Setting(Resource.SWAPUSE, both, "-1"));
        }
        if (limits.controls(Resource.MEMORYUSE)) {
            settings.add(new Setting(Resource.MEMORYUSE, Resource.MEMORYUSE.file(false), orElse(memory, "-1")));
        }
        swap.ifPresent(amount -> settings.add(new Setting(Resource.SWAPUSE, both, Long.toString(sum(memory.get(), amount)))));
        return settings;
    }

    private static long sum(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
    }

    private static List<Setting> tasks(ResourceLimits limits) {
        var threads = limits.amount(Resource.NTHR);
        var processes = limits.amount(Resource.MAXPROC);
        boolean byThreads = processes.isEmpty() || threads.isPresent() && threads.get() < processes.get();
        var least = byThreads ? threads : processes;
        return List.of(new Setting(byThreads && limits.controls(Resource.NTHR) ? Resource.NTHR : Resource.MAXPROC,
                Resource.NTHR.file(true), orElse(least.map(amount -> sum(amount, INIT)), "max")));
    }

    private static List<Setting> cpu(boolean v2, ResourceLimits limits) {
        var quota = limits.amount(Resource.PCPU).map(percent -> percent > Long.MAX_VALUE / PERIOD ? Long.MAX_VALUE
                : percent * (PERIOD / 100));
        return v2 ? List.of(new Setting(Resource.PCPU, Resource.PCPU.file(true), orElse(quota, "max") + " " + PERIOD))
                : List.of(new Setting(Resource.PCPU, "cpu.cfs_period_us", Long.toString(PERIOD)),
                        new Setting(Resource.PCPU, Resource.PCPU.file(false), orElse(quota, "-1")));
    }

    private static List<Setting> io(boolean v2, ResourceLimits limits, List<String> disks) {
        var settings = new ArrayList<Setting>();
        for (var resource : Resource.values()) {
            if (resource.controller().equals(Optional.of(IO)) && limits.controls(resource)) {
                var amount = limits.amount(resource);
                if (disks.isEmpty() && amount.isPresent()) {
                    throw new JailException(resource.label() + ": this host has no disk");
                }
                for (var disk : disks) {
                    settings.add(v2 ? new Setting(resource, resource.file(true),
                            disk + " " + resource.key() + "=" + orElse(amount, "max"))
                            : new Setting(resource, resource.file(false), disk + " " + orElse(amount, "0")));
                }
            }
        }
        return settings;
    }

    private static String orElse(Optional<Long> amount, String unlimited) {
        return amount.map(a -> Long.toString(a)).orElse(unlimited);
    }
}
