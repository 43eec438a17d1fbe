package stockade.prison;

import java.util.List;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/** The files by which the kernel is told of limits. All methods throw a {@link KernelException} if it refuses. */
interface ControlFiles {
    boolean exists(String path);

    String read(String path);

    void write(String path, String content);

    List<String> list(String directory);

    /** Makes a directory unless it is there. Returns whether it was made. */
    boolean makeDirectory(String path);

    /** Removes a cgroup that may be there. Returns whether it is gone: false while a process is in it. */
    boolean removeDirectory(String path);

    /** The kernel's. */
    ControlFiles KERNEL = new ControlFiles() {
        @Override
        public boolean exists(String path) {
            return Files.exists(path);
        }

        @Override
        public String read(String path) {
            return Files.read(path);
        }

        @Override
        public void write(String path, String content) {
            Files.write(path, content);
        }

        @Override
        public List<String> list(String directory) {
            return Files.list(directory);
        }

        @Override
        public boolean makeDirectory(String path) {
            return Files.makeMissingDirectory(path, 0755);
        }

        @Override
        public boolean removeDirectory(String path) {
            try {
                Files.removeDirectory(path);
                return true;
            } catch (KernelException e) {
                if (e.errno() == Errno.ENOENT) {
                    return true;
                }
                if (e.errno() == Errno.EBUSY) {
                    return false;
                }
                throw e;
            }
        }
    };
}
