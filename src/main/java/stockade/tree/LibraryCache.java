package stockade.tree;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;

/** glibc's list of libraries, /etc/ld.so.cache (the format of 2.2 and later, sysdeps/generic/dl-cache.h). */
final class LibraryCache {
    static final String PATH = "/etc/ld.so.cache";
    private static final String MAGIC = "glibc-ld.so.cache1.1";
    private static final int COUNT = 20;
    private static final int ENTRIES = 48;
    private static final int ENTRY_SIZE = 24;

    /** How often a byte of a cache can be part of its strings: a name is the end of a path, and paths are there for several kinds. */
    private static final long MAX_SHARING = 4;

    private LibraryCache() {
    }

    /** The paths that a cache has for a library's name; none if it is no such cache. */
    static List<String> paths(byte[] cache, String name) {
        var paths = new ArrayList<String>();
        if (cache.length < ENTRIES || !startsWithMagic(cache)) {
            return paths;
        }
        var buffer = ByteBuffer.wrap(cache).order(ByteOrder.LITTLE_ENDIAN);
        int count = buffer.getInt(COUNT);
        for (int i = 0; i < count && ENTRIES + (i + 1L) * ENTRY_SIZE <= cache.length; i++) {
            int entry = ENTRIES + i * ENTRY_SIZE;
            if (isString(cache, buffer.getInt(entry + 4), name)) {
                paths.add(string(cache, buffer.getInt(entry + 8)));
            }
        }
        return paths;
    }

    /**
     * A library in a cache.
     *
     * @param flags what kind of program it is for: see {@link #flags}
     */
    record Entry(String name, String path, int flags) {
    }

    /** All that is in a cache; nothing if it is no such cache, or one in which few bytes stand for more than there is room for. */
    static List<Entry> entries(byte[] cache) {
        var entries = new ArrayList<Entry>();
        long length = 0;
        if (cache.length < ENTRIES || !startsWithMagic(cache)) {
            return entries;
        }
        var buffer = ByteBuffer.wrap(cache).order(ByteOrder.LITTLE_ENDIAN);
        int count = buffer.getInt(COUNT);
        for (int i = 0; i < count && ENTRIES + (i + 1L) * ENTRY_SIZE <= cache.length; i++) {
            int entry = ENTRIES + i * ENTRY_SIZE;
            var name = string(cache, buffer.getInt(entry + 4));
            var path = string(cache, buffer.getInt(entry + 8));
            length += name.length() + path.length();
            if (length > MAX_SHARING * cache.length) {
                return List.of();
            }
            entries.add(new Entry(name, path, buffer.getInt(entry)));
        }
        return entries;
    }

    /** The flags of libraries of glibc 2 (FLAG_ELF_LIBC6) for a kind of x86 program (FLAG_X8664_LIB64 and FLAG_X8664_LIBX32). */
    static int flags(Elf library) {
        return library.is64Bit() ? 0x0303 : library.machine() == 62 ? 0x0803 : 0x0003;
    }

    /** A cache with some libraries, sorted as the loader's search by halves expects it. */
    static byte[] format(List<Entry> entries) {
        var sorted = new ArrayList<>(entries);
        sorted.sort((a, b) -> a.name.equals(b.name) ? b.flags - a.flags : compare(b.name, a.name));
        int strings = sorted.stream().mapToInt(entry -> entry.name.length() + entry.path.length() + 2).sum();
        int start = ENTRIES + sorted.size() * ENTRY_SIZE;
        var cache = ByteBuffer.allocate(start + strings).order(ByteOrder.LITTLE_ENDIAN);
        cache.put(Bytes.of(MAGIC)).putInt(sorted.size()).putInt(strings).put((byte) 2); // little-endian
        int at = start;
        for (int i = 0; i < sorted.size(); i++) {
            var entry = sorted.get(i);
            cache.position(ENTRIES + i * ENTRY_SIZE);
            cache.putInt(entry.flags).putInt(at).putInt(at + entry.name.length() + 1);
            cache.position(at);
            cache.put(Bytes.of(entry.name)).put((byte) 0).put(Bytes.of(entry.path)).put((byte) 0);
            at = cache.position();
        }
        return cache.array();
    }

    /** The loader's order of names (_dl_cache_libcmp, elf/dl-cache.c): digits by the number that they are, and after letters. */
    static int compare(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length()) {
            char x = a.charAt(i);
            char y = j < b.length() ? b.charAt(j) : 0;
            if (isDigit(x) && isDigit(y)) {
                long m = 0;
                long n = 0;
                for (; i < a.length() && isDigit(a.charAt(i)); i++) {
                    m = Math.min(m * 10 + a.charAt(i) - '0', Integer.MAX_VALUE);
                }
                for (; j < b.length() && isDigit(b.charAt(j)); j++) {
                    n = Math.min(n * 10 + b.charAt(j) - '0', Integer.MAX_VALUE);
                }
                if (m != n) {
                    return m < n ? -1 : 1;
                }
            } else if (isDigit(x) != isDigit(y)) {
                return isDigit(x) ? 1 : -1;
            } else if (x != y) {
                return x - y;
            } else {
                i++;
                j++;
            }
        }
        return j < b.length() ? -1 : 0;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean startsWithMagic(byte[] cache) {
        for (int i = 0; i < MAGIC.length(); i++) {
            if (cache[i] != MAGIC.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isString(byte[] cache, int at, String s) {
        if (at < 0 || at > cache.length - s.length() - 1) {
            return false;
        }
        for (int i = 0; i < s.length(); i++) {
            if ((cache[at + i] & 0xff) != s.charAt(i)) {
                return false;
            }
        }
        return cache[at + s.length()] == 0;
    }

    private static String string(byte[] cache, int at) {
        if (at < 0 || at >= cache.length) {
            return "";
        }
        int end = at;
        while (end < cache.length && cache[end] != 0) {
            end++;
        }
        return Bytes.toString(cache, at, end);
    }
}
