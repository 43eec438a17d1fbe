package stockade.prison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.KernelException;

/**
 * What the processes of a jail use or have used. What no controller counts for it is empty.
 *
 * @param cpu       CPU time in microseconds, that of the warden and the usher included
 * @param processes how many there are, init not counted
 * @param threads   as processes
 * @param memory    in bytes
 * @param swap      in bytes
 * @param io        from and to disks, since there is a limit
 */
public record Usage(long cpu, long processes, Optional<Long> threads, Optional<Long> memory, Optional<Long> swap,
        Optional<Io> io) {

    /** Bytes read and written, and operations. */
    public record Io(long bytesRead, long bytesWritten, long reads, long writes) {
    }

    /** Reads files of one cgroup, if they are there. */
    private record Group(ControlFiles files, String path) {
        Optional<String> content(String file) {
            try {
                return files.exists(path + "/" + file) ? Optional.of(files.read(path + "/" + file)) : Optional.empty();
            } catch (KernelException e) {
                return Optional.empty(); // the jail has just ended
            }
        }

        Optional<Long> number(String file) {
            return content(file).map(text -> Usage.number(Bytes.trim(text.replace('\n', ' '))));
        }

        /** The sum of the numbers after a word, wherever it stands in a file. */
        long sum(String file, String word) {
            long sum = 0;
            var words = Bytes.split(content(file).orElse("").replace('\n', ' ').replace('=', ' '), ' ');
            for (int i = 0; i + 1 < words.size(); i++) {
                sum += words.get(i).equals(word) ? Usage.number(words.get(i + 1)) : 0;
            }
            return sum;
        }

        Optional<Io> io() {
            if (content("io.stat").isPresent()) {
                return Optional.of(new Io(sum("io.stat", "rbytes"), sum("io.stat", "wbytes"), sum("io.stat", "rios"),
                        sum("io.stat", "wios")));
            }
            var bytes = "blkio.throttle.io_service_bytes_recursive";
            var operations = "blkio.throttle.io_serviced_recursive";
            return content(bytes).map(there -> new Io(sum(bytes, "Read"), sum(bytes, "Write"), sum(operations, "Read"),
                    sum(operations, "Write")));
        }
    }

    /**
     * @param own    the jail's own cgroup
     * @param limits those with its limits
     */
    static Usage of(ControlFiles files, long processes, String own, Optional<String> inV2, List<String> inV1) {
        var groups = new ArrayList<Group>();
        inV1.forEach(path -> groups.add(new Group(files, path)));
        groups.add(new Group(files, inV2.filter(files::exists).orElse(own)));
        var cpu = new Group(files, own).sum("cpu.stat", "usage_usec")
                + inV2.map(path -> new Group(files, path).sum("cpu.stat", "usage_usec")).orElse(0L);
        var memory = first(groups, "memory.current", "memory.usage_in_bytes");
        var swap = first(groups, "memory.swap.current", "").or(() -> first(groups, "memory.memsw.usage_in_bytes", "")
                .map(both -> Math.max(0, both - memory.orElse(0L))));
        return new Usage(cpu, processes, first(groups, "pids.current", "").map(tasks -> Math.max(0, tasks - 1)), memory, swap,
                groups.stream().map(Group::io).flatMap(Optional::stream).findFirst());
    }

    private static Optional<Long> first(List<Group> groups, String file, String otherwise) {
        return groups.stream().map(group -> group.number(file)
                .or(() -> otherwise.isEmpty() ? Optional.empty() : group.number(otherwise)))
                .flatMap(Optional::stream).findFirst();
    }

    private static long number(String text) {
        long number = 0;
        for (int i = 0; i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9'; i++) {
            number = number * 10 + text.charAt(i) - '0';
        }
        return number;
    }

    /** Each that is counted, by the name that rctl(8) has for it; of those that are rates, what it adds up to. */
    public Map<String, Long> amounts() {
        var amounts = new LinkedHashMap<String, Long>();
        amounts.put("cputime", cpu / 1_000_000);
        amounts.put("maxproc", processes);
        threads.ifPresent(n -> amounts.put("nthr", n));
        memory.ifPresent(n -> amounts.put("memoryuse", n));
        swap.ifPresent(n -> amounts.put("swapuse", n));
        io.ifPresent(n -> {
            amounts.put("readbytes", n.bytesRead());
            amounts.put("writebytes", n.bytesWritten());
            amounts.put("readops", n.reads());
            amounts.put("writeops", n.writes());
        });
        return amounts;
    }
}
