package stockade.config;

import java.util.List;

/** Where the text of a configuration comes from. Each char of it is a byte. */
interface Source {
    /**
     * @param most how many bytes it may have
     * @throws stockade.linux.KernelException if it can't be read, or is longer
     */
    String content(String path, int most);

    /** What is read from standard input; conditions as of {@link #content}. */
    String standardInput(int most);

    boolean exists(String path);

    /** The names in a directory, in any order; none if it can't be read or is none. */
    List<String> names(String directory);
}
