package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoaderConfigurationTest {
    private static final String PATH = "/etc/ld.so.conf";

    private static List<String> directories(FakeFiles files) {
        return LoaderConfiguration.directories(PATH, files);
    }

    @Test
    void linesAreDirectories() {
        assertEquals(List.of("/a", "/b", "/c"),
                directories(new FakeFiles().content(PATH, "# all\n/a\n\n \t/b/ # one\n/c=libc6\nrelative\nhwcap 1 x\n")));
        assertEquals(List.of(), directories(new FakeFiles()));
    }

    @Test
    void includedFilesAreInOrderOfTheirNames() {
        assertEquals(List.of("/1", "/2", "/3"), directories(new FakeFiles()
                .content(PATH, "include ld.so.conf.d/*.conf\ninclude\t/more/single\n").content("/etc/ld.so.conf.d/b.conf", "/2")
                .content("/etc/ld.so.conf.d/a.conf", "/1").content("/etc/ld.so.conf.d/a.conf.old", "/old")
                .content("/etc/ld.so.conf.d/.hidden.conf", "/hidden").content("/more/single", "/3\n")));
    }

    @Test
    void aFileThatIncludesItselfEnds() {
        assertEquals(9, directories(new FakeFiles().content(PATH, "/a\ninclude " + PATH + "\n")).size());
    }
}
