package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PathTest {
    private static Optional<Path.Way> walk(String path, Map<String, String> links) {
        return Path.walk(path, at -> Optional.ofNullable(links.get(at)));
    }

    @Test
    void partsWithoutMeaningGo() {
        assertEquals(Optional.of(new Path.Way(List.of(), "/b")), walk("//a/./../b/", Map.of()));
        assertEquals(Optional.of(new Path.Way(List.of(), "/")), walk("/../..", Map.of()));
    }

    @Test
    void everyLinkOnTheWayIsNamedByItsOwnRealPath() {
        var links = Map.of("/bin", "usr/bin", "/usr/bin/sh", "../lib/shells/dash", "/usr/lib", "/opt/lib");
        assertEquals(Optional.of(new Path.Way(List.of("/bin", "/usr/bin/sh", "/usr/lib"), "/opt/lib/shells/dash")),
                walk("/bin/sh", links));
    }

    @Test
    void dotsAfterALinkAreThoseOfItsTarget() {
        assertEquals("/opt/x", Path.resolve("/link/../x", at -> at.equals("/link") ? Optional.of("/opt/deep") : Optional.empty())
                .orElseThrow());
    }

    @Test
    void circlesHaveNoEnd() {
        assertEquals(Optional.empty(), walk("/a", Map.of("/a", "b", "/b", "a")));
        assertEquals(Optional.empty(), walk("/a/x", Map.of("/a", "a/b")));
    }

    @Test
    void pathsHaveParentsAndNames() {
        assertEquals("/a", Path.parent("/a/b"));
        assertEquals("/", Path.parent("/a"));
        assertEquals("/", Path.parent("/"));
        assertEquals("b", Path.name("/a/b"));
    }
}
