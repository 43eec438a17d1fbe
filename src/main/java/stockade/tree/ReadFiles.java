package stockade.tree;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;

/** The files below this process's own root, each program among them looked at once. They may be hostile: sizes and kinds are checked. */
final class ReadFiles implements ObjectFiles {
    private static final int MAX_CONTENT = 8 << 20;

    private final List<String> levels;
    private final Map<String, Optional<ObjectFile>> known = new HashMap<>();

    /** @param levels see {@link ObjectFiles#levels()} */
    ReadFiles(List<String> levels) {
        this.levels = levels;
    }

    @Override
    public Optional<ObjectFile> read(String path) {
        var before = known.get(path);
        if (before == null) {
            before = look(path);
            if (!(before.orElse(null) instanceof ObjectFile.Data)) { // of which there are many, and none is looked at again
                known.put(path, before);
            }
        }
        return before;
    }

    private static Optional<ObjectFile> look(String path) {
        try (var file = Files.open(path, Files.O_RDONLY | Files.O_NONBLOCK)) {
            return Optional.of(Files.stat(file).isRegular() ? ObjectFile.of(source(file)) : new ObjectFile.Data());
        } catch (KernelException e) {
            return e.errno() == Errno.EACCES ? Optional.of(new ObjectFile.Unreadable()) : Optional.empty();
        }
    }

    private static Elf.Source source(Descriptor file) {
        return (position, length) -> {
            var part = new byte[length];
            int n = file.readAt(position, part, 0, length);
            return n == length ? part : Arrays.copyOf(part, n);
        };
    }

    @Override
    public byte[] content(String path) {
        try (var file = Files.open(path, Files.O_RDONLY | Files.O_NONBLOCK)) {
            var stat = Files.stat(file);
            return stat.isRegular() && stat.size() <= MAX_CONTENT ? file.readAll((int) stat.size() + 1) : new byte[0];
        } catch (KernelException e) {
            return new byte[0];
        }
    }

    @Override
    public List<String> list(String path) {
        try {
            return Files.list(path);
        } catch (KernelException e) {
            return List.of();
        }
    }

    @Override
    public String realPath(String path) {
        return path.startsWith("/") ? Path.resolve(path, Files::linkTarget).orElse(path) : path;
    }

    @Override
    public List<String> levels() {
        return levels;
    }
}
