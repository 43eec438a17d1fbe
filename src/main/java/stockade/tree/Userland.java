package stockade.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Mounts;
import stockade.linux.Processes;
import stockade.prison.JailException;

/**
 * A whole system of Debian's. mmdebstrap(1) makes it where it is there: it takes the host's settings of apt(8), keys and
 * proxies among them. Otherwise debootstrap(8) does.
 */
final class Userland {
    private Userland() {
    }

    /**
     * @param suite  its name: a release, such as bookworm
     * @param mirror where the packages are; otherwise the tool's own default
     * @throws JailException if neither tool is there, or it fails
     */
    static void make(String suite, String directory, Optional<String> mirror) {
        if (suite.isEmpty() || suite.startsWith("-")) {
            throw new JailException("not a suite: \"" + suite + "\"");
        }
        var tool = Tool.find("mmdebstrap").or(() -> Tool.find("debootstrap")).orElseThrow(() -> new JailException(
                "neither mmdebstrap nor debootstrap is there (the packages of these names have them)"));
        var words = new ArrayList<>(List.of(suite, directory));
        mirror.ifPresent(words::add);
        tool.runAloud(words, Userland::keepMounts);
    }

    /** What is mounted in the tree meanwhile is gone with the program, however it ends. */
    private static void keepMounts() {
        Processes.unshare(Processes.CLONE_NEWNS);
        Mounts.makeAllPrivate();
    }
}
