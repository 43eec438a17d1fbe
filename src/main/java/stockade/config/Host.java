package stockade.config;

import java.util.Arrays;
import java.util.List;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/** The files of the host. */
final class Host implements Source {
    /** How much is read at a time of what has no size, such as a pipe, at first. */
    private static final int LEAST = 8192;

    @Override
    public String content(String path, int most) {
        try (var file = Files.open(path, Files.O_RDONLY)) {
            return read(file, path, most, (int) Math.min(Files.stat(file).size(), most));
        }
    }

    @Override
    public String standardInput(int most) {
        return read(Descriptor.STDIN, Loader.STDIN_NAME, most, LEAST);
    }

    /** A pipe is as good as a file; what never ends is not read on. */
    private static String read(Descriptor file, String name, int most, int expected) {
        var bytes = new byte[Math.max(expected + 1, LEAST)];
        int length = 0;
        try {
            for (int n; (n = file.read(bytes, length, bytes.length - length)) > 0;) {
                length += n;
                if (length > most) {
                    throw new KernelException(name, Errno.EFBIG);
                }
                if (length == bytes.length) {
                    bytes = Arrays.copyOf(bytes, 2 * length);
                }
            }
        } catch (KernelException e) {
            throw new KernelException(name, e.errno());
        }
        return Bytes.toString(bytes, 0, length);
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(path);
    }

    @Override
    public List<String> names(String directory) {
        try {
            return Files.list(directory.isEmpty() ? "." : directory);
        } catch (KernelException e) {
            return List.of();
        }
    }
}
