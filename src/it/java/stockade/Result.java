package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;

/** How a command ended and what it wrote. */
record Result(int status, byte[] output, String errors) {
    String out() {
        return new String(output, StandardCharsets.UTF_8);
    }

    /** Stdout without the white space around it, of a command that must have succeeded without a word on stderr. */
    String said() {
        assertEquals("", errors);
        assertEquals(0, status, out());
        return out().strip();
    }

    /** Checks that a command failed with status 1, no output and this one line on stderr. */
    void assertFailed(String line) {
        assertEquals(line + "\n", errors);
        assertEquals("", out());
        assertEquals(1, status);
    }

    @Override
    public String toString() {
        return "status " + status + ", stdout \"" + out() + "\", stderr \"" + errors + "\"";
    }
}
