package stockade.tree;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Files that are only told of. */
final class FakeFiles implements ObjectFiles {
    static final int I386 = 3;
    static final int X86_64 = 62;
    static final String GLIBC = "/lib64/ld-linux-x86-64.so.2";

    private final Map<String, ObjectFile> objects = new HashMap<>();
    private final Map<String, String> contents = new HashMap<>();
    private final Map<String, byte[]> bytes = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private List<String> levels = List.of();

    FakeFiles object(String path, ObjectFile object) {
        objects.put(path, object);
        return this;
    }

    /** A program of glibc's. @param paths its DT_RPATH and its DT_RUNPATH, as far as they are given */
    FakeFiles program(String path, List<String> needed, List<?>... paths) {
        return elf(path, X86_64, Optional.of(GLIBC), needed, paths);
    }

    FakeFiles library(String path, List<String> needed, List<?>... paths) {
        return elf(path, X86_64, Optional.empty(), needed, paths);
    }

    @SuppressWarnings("unchecked")
    FakeFiles elf(String path, int machine, Optional<String> interpreter, List<String> needed, List<?>... paths) {
        return object(path, new ObjectFile.Binary(new Elf(machine == X86_64, machine, interpreter, needed,
                paths.length > 0 ? (List<String>) paths[0] : List.of(), paths.length > 1 ? (List<String>) paths[1] : List.of())));
    }

    FakeFiles loader() {
        return library(GLIBC, List.of());
    }

    FakeFiles content(String path, String content) {
        contents.put(path, content);
        return this;
    }

    FakeFiles content(String path, byte[] content) {
        bytes.put(path, content);
        return this;
    }

    FakeFiles link(String path, String real) {
        links.put(path, real);
        return this;
    }

    FakeFiles levels(String... names) {
        levels = List.of(names);
        return this;
    }

    @Override
    public Optional<ObjectFile> read(String path) {
        return Optional.ofNullable(objects.get(path));
    }

    @Override
    public byte[] content(String path) {
        return bytes.containsKey(path) ? bytes.get(path) : stockade.linux.Bytes.of(contents.getOrDefault(path, ""));
    }

    @Override
    public List<String> list(String path) {
        return contents.keySet().stream().filter(file -> Path.parent(file).equals(path)).map(Path::name).sorted().toList();
    }

    @Override
    public String realPath(String path) {
        return links.getOrDefault(path, path);
    }

    @Override
    public List<String> levels() {
        return levels;
    }
}
