package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import stockade.linux.Beneath.Attributes;

class RuntimeDirectoriesTest {
    private final Accounts accounts = new Accounts("server:x:100:101::/:/bin/sh\n", "group:x:101:\n");

    private List<Contents.Directory> parse(String text) {
        return RuntimeDirectories.parse(text, accounts::uid, accounts::gid);
    }

    private static Contents.Directory directory(String path, int mode, int uid, int gid) {
        return new Contents.Directory(path, new Attributes(mode, uid, gid));
    }

    @Test
    void linesAreDirectoriesWithTheirOwners() {
        assertEquals(List.of(directory("/run/server", 02775, 100, 101), directory("/run/x", 0755, 0, 0),
                directory("/run/y", 0700, 0, 0), directory("/run/z", 0755, 0, 0)), parse("""
                # Type Path Mode User Group Age
                d /run/server 2775 server group - -
                D! /run/x
                d	/run/y  ~0700	gone gone
                d /run/z - - - 10d
                """));
    }

    @Test
    void otherKindsAndSpecifiersArePassedOver() {
        assertEquals(List.of(), parse("f /run/file 0644\nL /run/link - - - - target\nd /run/%i 0755\nd relative\nd\n\n"));
    }

    @Test
    void pathsAreThoseWithoutLinks() {
        var files = new FakeFiles().link("/var/run/server", "/run/server").content("/usr/lib/tmpfiles.d/server.conf",
                "d /var/run/server 0755 root root");
        assertEquals(List.of(directory("/run/server", 0755, 0, 0)),
                RuntimeDirectories.of("/usr/lib/tmpfiles.d/server.conf", accounts, files));
    }

    @Test
    void declarationsAreOfOnePlace() {
        assertTrue(RuntimeDirectories.isDeclaration("/usr/lib/tmpfiles.d/server.conf"));
        assertFalse(RuntimeDirectories.isDeclaration("/usr/lib/tmpfiles.d/README"));
        assertFalse(RuntimeDirectories.isDeclaration("/etc/server.conf"));
    }
}
