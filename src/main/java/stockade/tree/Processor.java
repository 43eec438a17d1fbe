package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import stockade.linux.Bytes;

/**
 * What glibc knows of processors (sysdeps/x86/dl-hwcap.h, dl-hwcap-check.h): levels, each with the one below it. It asks
 * for LZCNT, too, which every processor has that has the rest of its level, and which not every kernel tells of.
 */
final class Processor {
    /** All levels, the best first. */
    static final List<String> LEVELS = List.of("x86-64-v4", "x86-64-v3", "x86-64-v2");

    private static final List<List<String>> FLAGS = List.of(
            List.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
            List.of("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"),
            List.of("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"));

    private Processor() {
    }

    /** Those of a processor, the best first. @param cpuinfo as proc_cpuinfo(5) tells of it */
    static List<String> levels(String cpuinfo) {
        var flags = flags(cpuinfo);
        var levels = new ArrayList<String>();
        for (int i = LEVELS.size() - 1; i >= 0 && flags.containsAll(FLAGS.get(i)); i--) {
            levels.add(0, LEVELS.get(i));
        }
        return levels;
    }

    private static Set<String> flags(String cpuinfo) {
        int from = cpuinfo.indexOf("\nflags");
        int colon = cpuinfo.indexOf(": ", Math.max(from, 0));
        int to = cpuinfo.indexOf('\n', Math.max(colon, 0));
        return from < 0 || colon < 0 || to < 0 ? Set.of() : Set.copyOf(Bytes.split(cpuinfo.substring(colon + 2, to), ' '));
    }
}
