package stockade.tree;

import java.util.List;
import java.util.Optional;

/** The files that loaders look at, below one root. None of it is ever executed. */
interface ObjectFiles {
    /** What a file is; empty if there is none. */
    Optional<ObjectFile> read(String path);

    /** A file of a sane size; empty if there is none. */
    byte[] content(String path);

    /** The names in a directory; none if there is no such directory. */
    List<String> list(String path);

    /** The path of a file without symbolic links. */
    String realPath(String path);

    /** The subdirectories for better processors that a loader looks into, the best first. */
    List<String> levels();
}
