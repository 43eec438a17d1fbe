package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import stockade.linux.Errno;
import stockade.linux.KernelException;

/** A cgroup file system without a kernel: what is written is noted, and enabling a controller shows in the file. */
final class FakeFiles implements ControlFiles {
    final Map<String, String> files = new TreeMap<>();
    final TreeSet<String> directories = new TreeSet<>();
    final TreeSet<String> busy = new TreeSet<>();
    final List<String> done = new ArrayList<>();

    FakeFiles with(String path, String content) {
        files.put(path, content);
        return this;
    }

    @Override
    public boolean exists(String path) {
        return files.containsKey(path) || directories.contains(path) || directories.contains(path.substring(0, path.lastIndexOf('/')))
                || !list(path).isEmpty();
    }

    @Override
    public String read(String path) {
        if (!files.containsKey(path)) {
            throw new KernelException(path, Errno.ENOENT);
        }
        return files.get(path);
    }

    @Override
    public void write(String path, String content) {
        if (busy.contains(path)) {
            throw new KernelException("write " + path, Errno.EBUSY);
        }
        done.add(path + ": " + content);
        if (path.endsWith("/cgroup.subtree_control")) {
            files.merge(path, content.substring(1), (all, one) -> all.strip().isEmpty() ? one : all.strip() + " " + one);
        }
    }

    @Override
    public List<String> list(String directory) {
        return files.keySet().stream().filter(path -> path.startsWith(directory + "/"))
                .map(path -> path.substring(directory.length() + 1).split("/")[0]).distinct().toList();
    }

    @Override
    public boolean makeDirectory(String path) {
        if (directories.add(path)) {
            done.add("mkdir " + path);
            return true;
        }
        return false;
    }

    @Override
    public boolean removeDirectory(String path) {
        if (busy.contains(path) || directories.stream().anyMatch(other -> other.startsWith(path + "/"))) {
            return false;
        }
        if (directories.remove(path)) {
            done.add("rmdir " + path);
        }
        return true;
    }
}
