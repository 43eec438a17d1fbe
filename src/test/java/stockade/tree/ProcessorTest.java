package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessorTest {
    private static final String V2 = "fpu cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3";
    private static final String V3 = " avx avx2 bmi1 bmi2 f16c fma movbe xsave";
    private static final String V4 = " avx512f avx512bw avx512cd avx512dq avx512vl";

    private static List<String> levels(String flags) {
        return Processor.levels("processor\t: 0\nvmx flags\t: x\nflags\t\t: " + flags + "\nbugs\t\t: none\n");
    }

    @Test
    void eachLevelHasTheOneBelow() {
        assertEquals(List.of(), levels("fpu"));
        assertEquals(List.of("x86-64-v2"), levels(V2));
        assertEquals(List.of("x86-64-v3", "x86-64-v2"), levels(V2 + V3));
        assertEquals(Processor.LEVELS, levels(V2 + V3 + V4));
        assertEquals(List.of(), levels(V3 + V4));
        assertEquals(List.of("x86-64-v2"), levels(V2 + V4 + V3.replace(" fma", "")));
    }

    @Test
    void oneThatTellsNothingHasNone() {
        assertEquals(List.of(), Processor.levels(""));
        assertEquals(List.of(), Processor.levels("processor: 0\nFeatures: fp\n"));
    }
}
