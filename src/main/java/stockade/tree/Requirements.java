package stockade.tree;

import java.util.Optional;
import java.util.function.Consumer;
import stockade.linux.Bytes;

/** What a program lacks in its tree. Nothing of the tree is ever executed to learn about it; asked from inside. */
public final class Requirements {
    private Requirements() {
    }

    /**
     * The first file that an executable needs and does not have: its interpreter, or a library by name.
     * Empty if nothing is missing, or if it can't be told.
     *
     * @param libraryPath the LD_LIBRARY_PATH that it would run with, or empty
     */
    public static Optional<String> firstMissing(String program, String libraryPath) {
        return Closure.of(program, Bytes.parts(libraryPath.replace(';', ':'), ':'), Loader.Sight.CACHED,
                new ReadFiles(Processor.LEVELS)).needs().stream()
                .filter(need -> need.path().isEmpty()).findFirst().map(Closure.Need::name);
    }
}
