package stockade.config;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import stockade.linux.Errno;
import stockade.linux.KernelException;

/** Files that are only said to be there. */
final class FakeSource implements Source {
    private final Map<String, String> files = new HashMap<>();

    FakeSource file(String path, String content) {
        files.put(path, content);
        return this;
    }

    @Override
    public String content(String path, int most) {
        var content = files.get(path);
        if (content == null) {
            throw new KernelException(path, Errno.ENOENT);
        }
        if (content.length() > most) {
            throw new KernelException(path, Errno.EFBIG);
        }
        return content;
    }

    @Override
    public String standardInput(int most) {
        return content(Configuration.STDIN, most);
    }

    @Override
    public boolean exists(String path) {
        return files.containsKey(path);
    }

    @Override
    public List<String> names(String directory) {
        var names = new LinkedHashSet<String>();
        for (var path : files.keySet()) {
            if (path.startsWith(directory)) {
                var name = path.substring(directory.length());
                name = name.contains("/") ? name.substring(0, name.indexOf('/')) : name;
                if (!name.isEmpty()) {
                    names.add(name);
                }
            }
        }
        return List.copyOf(names);
    }
}
