package stockade.tree;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** glibc's list of libraries, /etc/ld.so.cache (the format of 2.2 and later, sysdeps/generic/dl-cache.h). */
final class LibraryCache {
    static final String PATH = "/etc/ld.so.cache";
    private static final String MAGIC = "glibc-ld.so.cache1.1";
    private static final int COUNT = 20;
    private static final int ENTRIES = 48;
    private static final int ENTRY_SIZE = 24;

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
        return stockade.linux.Bytes.toString(cache, at, end);
    }
}
