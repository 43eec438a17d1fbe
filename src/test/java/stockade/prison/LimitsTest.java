package stockade.prison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final String V1_MOUNTS = """
            31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:5 - cgroup cgroup rw,cpu,cpuacct
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
            38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio
            39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
            40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            """;
    private static final String V2 = "/sys/fs/cgroup";

    private final FakeFiles v1 = disks(new FakeFiles().with("/proc/self/mountinfo", V1_MOUNTS)
            .with("/sys/fs/cgroup/unified/cgroup.controllers", "hugetlb\n"));
    private final FakeFiles v2 = disks(new FakeFiles()
            .with("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n")
            .with(V2 + "/cgroup.controllers", "cpuset cpu io memory pids\n")
            .with(V2 + "/cgroup.subtree_control", "memory\n").with(V2 + "/stockade/cgroup.subtree_control", "\n"));

    private static FakeFiles disks(FakeFiles files) {
        return files.with("/sys/block/sda/size", "400\n").with("/sys/block/sda/dev", "8:0\n")
                .with("/sys/block/sda/hidden", "0\n").with("/sys/block/zram0/size", "8\n")
                .with("/sys/block/zram0/dev", "253:0\n").with("/sys/block/loop0/size", "0\n")
                .with("/sys/block/loop0/dev", "7:0\n").with("/sys/block/nvme0n1/size", "8\n")
                .with("/sys/block/nvme0n1/dev", "259:1\n").with("/sys/block/nvme0c0n1/size", "8\n")
                .with("/sys/block/nvme0c0n1/hidden", "1\n");
    }

    private static ResourceLimits limits(String... words) {
        var limits = ResourceLimits.NONE;
        for (var word : words) {
            int equals = word.indexOf('=');
            limits = equals < 0 ? limits.with("rctl." + word, "")
                    : limits.with("rctl." + word.substring(0, equals), word.substring(equals + 1));
        }
        return limits;
    }

    private static Limits of(FakeFiles files, String hierarchy, ResourceLimits limits) {
        return new Limits(files, hierarchy, hierarchy + "/stockade", new Jid(7), limits);
    }

    private Limits onV1(String... words) {
        return of(v1, "/sys/fs/cgroup/unified", limits(words));
    }

    private Limits onV2(String... words) {
        return of(v2, V2, limits(words));
    }

    @Test
    void version1() {
        var limits = onV1("memoryuse=512M", "swapuse=1M", "maxproc=50", "nthr=40", "pcpu=150", "readbps=10M", "writeiops=7");
        limits.set();
        assertEquals(List.of(
                "mkdir /sys/fs/cgroup/memory/stockade", "mkdir /sys/fs/cgroup/memory/stockade/7",
                "mkdir /sys/fs/cgroup/pids/stockade", "mkdir /sys/fs/cgroup/pids/stockade/7",
                "mkdir /sys/fs/cgroup/cpu,cpuacct/stockade", "mkdir /sys/fs/cgroup/cpu,cpuacct/stockade/7",
                "mkdir /sys/fs/cgroup/blkio/stockade", "mkdir /sys/fs/cgroup/blkio/stockade/7",
                "/sys/fs/cgroup/memory/stockade/7/memory.memsw.limit_in_bytes: -1",
                "/sys/fs/cgroup/memory/stockade/7/memory.limit_in_bytes: 536870912",
                "/sys/fs/cgroup/memory/stockade/7/memory.memsw.limit_in_bytes: 537919488",
                "/sys/fs/cgroup/pids/stockade/7/pids.max: 41",
                "/sys/fs/cgroup/cpu,cpuacct/stockade/7/cpu.cfs_period_us: 100000",
                "/sys/fs/cgroup/cpu,cpuacct/stockade/7/cpu.cfs_quota_us: 150000",
                "/sys/fs/cgroup/blkio/stockade/7/blkio.throttle.read_bps_device: 259:1 10485760",
                "/sys/fs/cgroup/blkio/stockade/7/blkio.throttle.read_bps_device: 8:0 10485760",
                "/sys/fs/cgroup/blkio/stockade/7/blkio.throttle.write_iops_device: 259:1 7",
                "/sys/fs/cgroup/blkio/stockade/7/blkio.throttle.write_iops_device: 8:0 7"), v1.done);
        assertEquals(Optional.empty(), limits.inV2());
        assertEquals(4, limits.inV1().size());
        limits.remove(() -> {
        });
        assertEquals(List.of(), List.copyOf(v1.directories));
    }

    @Test
    void version2() {
        v2.directories.add(V2 + "/stockade/6.limits"); // another jail's, which is left alone
        var limits = onV2("memoryuse=512M", "swapuse=0", "maxproc=50", "pcpu=50", "writebps=1M", "readiops=9");
        limits.set();
        var own = V2 + "/stockade/7.limits";
        assertEquals(List.of(V2 + "/stockade/cgroup.subtree_control: +memory", "mkdir " + own,
                V2 + "/cgroup.subtree_control: +pids", V2 + "/stockade/cgroup.subtree_control: +pids",
                V2 + "/cgroup.subtree_control: +cpu", V2 + "/stockade/cgroup.subtree_control: +cpu",
                V2 + "/cgroup.subtree_control: +io", V2 + "/stockade/cgroup.subtree_control: +io",
                own + "/memory.max: 536870912", own + "/memory.swap.max: 0", own + "/pids.max: 51",
                own + "/cpu.max: 50000 100000", own + "/io.max: 259:1 wbps=1048576", own + "/io.max: 8:0 wbps=1048576",
                own + "/io.max: 259:1 riops=9", own + "/io.max: 8:0 riops=9"), v2.done);
        assertEquals(Optional.of(own), limits.inV2());
        assertEquals(List.of(), limits.inV1());
        limits.remove(() -> {
        });
        assertEquals(List.of(V2 + "/stockade/6.limits"), List.copyOf(v2.directories));
    }

    @Test
    void limitsTakenAway() {
        onV2("maxproc=5", "pcpu=5", "memoryuse=5", "readbps=5").set();
        v2.done.clear();
        onV2("nomaxproc", "nopcpu", "nomemoryuse", "noreadbps", "nthr=3").set();
        var own = V2 + "/stockade/7.limits";
        assertEquals(List.of(own + "/memory.max: max", own + "/pids.max: 4", own + "/cpu.max: max 100000",
                own + "/io.max: 259:1 rbps=max", own + "/io.max: 8:0 rbps=max"), v2.done);
        onV1("maxproc=5", "pcpu=5", "memoryuse=5", "swapuse=4", "readbps=5").set();
        v1.done.clear();
        onV1("nomaxproc", "nopcpu", "nomemoryuse", "noswapuse", "noreadbps").set();
        assertEquals(List.of("/sys/fs/cgroup/memory/stockade/7/memory.memsw.limit_in_bytes: -1",
                "/sys/fs/cgroup/memory/stockade/7/memory.limit_in_bytes: -1", "/sys/fs/cgroup/pids/stockade/7/pids.max: max",
                "/sys/fs/cgroup/cpu,cpuacct/stockade/7/cpu.cfs_period_us: 100000",
                "/sys/fs/cgroup/cpu,cpuacct/stockade/7/cpu.cfs_quota_us: -1",
                "/sys/fs/cgroup/blkio/stockade/7/blkio.throttle.read_bps_device: 259:1 0",
                "/sys/fs/cgroup/blkio/stockade/7/blkio.throttle.read_bps_device: 8:0 0"), v1.done);
    }

    @Test
    void whatNeverWasLimitedIsNotMade() {
        onV2("nomaxproc").set();
        onV1("noreadbps").set();
        assertEquals(List.of(), v2.done);
        assertEquals(List.of(), v1.done);
    }

    private static void assertRefused(String reason, Limits limits) {
        assertEquals(reason, assertThrows(JailException.class, limits::set).getMessage());
    }

    @Test
    void refusals() {
        assertRefused("rctl.swapuse: needs rctl.memoryuse where the memory controller is version 1, which limits both together",
                onV1("swapuse=5"));
        v2.with(V2 + "/cgroup.controllers", "cpu\n");
        assertRefused("rctl.maxproc: this host has no pids controller in /sys/fs/cgroup, nor a hierarchy of version 1 with it",
                onV2("pcpu=5", "maxproc=5"));
        assertEquals(List.of(), v2.done);
        assertEquals(List.of(), v1.done);
        v2.busy.add(V2 + "/stockade/cgroup.subtree_control");
        assertRefused("rctl.pcpu: write /sys/fs/cgroup/stockade/cgroup.subtree_control: Device or resource busy", onV2("pcpu=5"));
        v1.files.keySet().removeIf(path -> path.startsWith("/sys/block"));
        assertRefused("rctl.writebps: this host has no disk", onV1("writebps=5"));
    }

    @Test
    void aGroupInUseIsNobodyElses() {
        onV1("maxproc=5").set();
        assertTrue(onV1("maxproc=5").isUnused());
        assertEquals("rmdir /sys/fs/cgroup/pids/stockade/7", v1.done.getLast());
        onV1("maxproc=5").set();
        v1.busy.add("/sys/fs/cgroup/pids/stockade/7");
        assertFalse(onV1("maxproc=5").isUnused());
    }

    @Test
    void runningProcessesAreTakenIn() {
        var own = V2 + "/stockade/7";
        var group = own + ".limits";
        var limits = onV2("maxproc=5");
        limits.set();
        v2.with(own + "/cgroup.procs", "10\n11\n12\n").with(group + "/cgroup.procs", "11\n12\n13\n");
        v2.done.clear();
        limits.takeIn(own, pid -> !pid.equals("10")); // 10 is the warden; the others are there already
        assertEquals(List.of(), v2.done);
        assertEquals(List.of("11", "12", "11", "12", "13"), limits.pids(own, pid -> !pid.equals("10")));
    }

    @Test
    void usage() {
        onV1("maxproc=5", "memoryuse=5M", "readbps=5").set();
        var own = "/sys/fs/cgroup/unified/stockade/7";
        v1.with(own + "/cgroup.procs", "10\n11\n12\n").with(own + "/cpu.stat", "usage_usec 2500000\nuser_usec 7\n")
                .with("/sys/fs/cgroup/pids/stockade/7/pids.current", "4\n")
                .with("/sys/fs/cgroup/memory/stockade/7/memory.usage_in_bytes", "1000\n")
                .with("/sys/fs/cgroup/memory/stockade/7/memory.memsw.usage_in_bytes", "1500\n")
                .with("/sys/fs/cgroup/blkio/stockade/7/blkio.throttle.io_service_bytes_recursive",
                        "8:0 Read 5\n8:0 Write 6\n8:0 Total 11\n9:0 Read 1\nTotal 12\n")
                .with("/sys/fs/cgroup/blkio/stockade/7/blkio.throttle.io_serviced_recursive", "8:0 Read 3\n8:0 Write 2\n");
        v1.directories.removeIf(path -> path.endsWith("/7")); // the files above are all there is
        assertEquals(new Usage(2_500_000, 1, Optional.of(3L), Optional.of(1000L), Optional.of(500L),
                Optional.of(new Usage.Io(6, 6, 3, 2))), onV1("maxproc=5", "memoryuse=5M", "readbps=5")
                .usage(own, pid -> !pid.equals("10")));
        v2.with(own + "/cgroup.procs", "10\n11\n").with(own + "/cpu.stat", "usage_usec 9\n")
                .with(own + "/io.stat", "8:0 rbytes=5 wbytes=6 rios=1 wios=2 dbytes=9 dios=9\n");
        assertEquals(new Usage(9, 0, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of(new Usage.Io(5, 6, 1, 2))), onV2().usage(own, pid -> !pid.equals("10")));
    }
}
