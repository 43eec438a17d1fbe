package stockade.tree;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;

/**
 * What a program or library says that it needs to run (elf(5)): its interpreter, and the libraries that the
 * interpreter is to load.
 *
 * @param machine     e_machine; libraries of another machine do not serve
 * @param interpreter PT_INTERP
 * @param needed      DT_NEEDED, in order
 * @param rpath       the directories of DT_RPATH, $ORIGIN and its like not yet replaced; those below it look there, too
 * @param runpath     likewise of DT_RUNPATH, which is for its own needs alone
 */
public record Elf(boolean is64Bit, int machine, Optional<String> interpreter, List<String> needed,
        List<String> rpath, List<String> runpath) {
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int PT_INTERP = 3;
    private static final int DT_NULL = 0;
    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_STRSZ = 10;
    private static final int DT_RPATH = 15;
    private static final int DT_RUNPATH = 29;
    private static final int MAX_SEGMENTS = 512;
    private static final int MAX_PART = 1 << 20;
    private static final int MAX_STRING = 4096; // PATH_MAX

    /** A file to read from. Returns fewer bytes where the file ends earlier. */
    public interface Source {
        byte[] read(long position, int length);
    }

    private record Segment(int type, long offset, long address, long fileSize) {
    }

    /** Reads a file; empty if it is not an ELF file, or not a whole and sound one. */
    public static Optional<Elf> read(Source source) {
        try {
            return parse(source);
        } catch (IndexOutOfBoundsException | java.nio.BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Elf> parse(Source source) {
        var header = source.read(0, 64);
        if (header.length < 52 || header[0] != 0x7f || header[1] != 'E' || header[2] != 'L' || header[3] != 'F') {
            return Optional.empty();
        }
        boolean is64 = header[4] == 2;
        var order = header[5] == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        var h = ByteBuffer.wrap(header).order(order);
        int machine = h.getShort(18) & 0xffff;
        var segments = segments(source, is64, order, is64 ? h.getLong(32) : h.getInt(28) & 0xffffffffL,
                h.getShort(is64 ? 54 : 42) & 0xffff, h.getShort(is64 ? 56 : 44) & 0xffff);
        var interpreter = segments.stream().filter(s -> s.type == PT_INTERP).findFirst()
                .map(s -> string(part(source, s.offset, s.fileSize), 0));
        var needed = new ArrayList<String>();
        var paths = new String[2];
        segments.stream().filter(s -> s.type == PT_DYNAMIC).findFirst()
                .ifPresent(dynamic -> readDynamic(source, is64, order, segments, dynamic, needed, paths));
        return Optional.of(new Elf(is64, machine, interpreter, List.copyOf(needed), directories(paths[0]),
                directories(paths[1])));
    }

    private static List<String> directories(String path) {
        return path == null ? List.of() : Bytes.parts(path, ':');
    }

    /** Whether one is for the same kind of machine as another, so that they can be in one process. */
    boolean goesWith(Elf other) {
        return is64Bit == other.is64Bit && machine == other.machine;
    }

    private static List<Segment> segments(Source source, boolean is64, ByteOrder order, long table, int entrySize,
            int count) {
        if (count > MAX_SEGMENTS || count > 0 && entrySize < (is64 ? 56 : 32)) {
            throw new IllegalArgumentException("program header");
        }
        var buffer = ByteBuffer.wrap(part(source, table, (long) entrySize * count)).order(order);
        var segments = new ArrayList<Segment>();
        for (int i = 0; i < count; i++) {
            int at = i * entrySize;
            segments.add(is64
                    ? new Segment(buffer.getInt(at), buffer.getLong(at + 8), buffer.getLong(at + 16),
                            buffer.getLong(at + 32))
                    : new Segment(buffer.getInt(at), buffer.getInt(at + 4) & 0xffffffffL,
                            buffer.getInt(at + 8) & 0xffffffffL, buffer.getInt(at + 16) & 0xffffffffL));
        }
        return segments;
    }

    private static void readDynamic(Source source, boolean is64, ByteOrder order, List<Segment> segments,
            Segment dynamic, List<String> needed, String[] paths) {
        var entries = ByteBuffer.wrap(part(source, dynamic.offset, dynamic.fileSize)).order(order);
        int word = is64 ? 8 : 4;
        var tags = new ArrayList<long[]>();
        long table = -1;
        long tableSize = 0;
        while (entries.remaining() >= 2 * word) {
            long tag = is64 ? entries.getLong() : entries.getInt();
            long value = is64 ? entries.getLong() : entries.getInt() & 0xffffffffL;
            if (tag == DT_NULL) {
                break;
            } else if (tag == DT_STRTAB) {
                table = fileOffset(segments, value);
            } else if (tag == DT_STRSZ) {
                tableSize = value;
            } else {
                tags.add(new long[] {tag, value});
            }
        }
        if (table < 0) {
            return;
        }
        for (var tag : tags) {
            if (tag[0] == DT_NEEDED) {
                needed.add(string(source, table, tableSize, tag[1]));
            } else if (tag[0] == DT_RPATH) {
                paths[0] = string(source, table, tableSize, tag[1]);
            } else if (tag[0] == DT_RUNPATH) {
                paths[1] = string(source, table, tableSize, tag[1]);
            }
        }
    }

    /** A string of a table, which itself may be of any size: that of a library in C++ has megabytes. */
    private static String string(Source source, long table, long tableSize, long at) {
        if (at < 0 || at >= tableSize) {
            throw new IllegalArgumentException("string outside the table");
        }
        var strings = source.read(table + at, (int) Math.min(tableSize - at, MAX_STRING));
        var string = string(strings, 0);
        if (string.length() == strings.length) {
            throw new IllegalArgumentException("string without an end");
        }
        return string;
    }

    private static long fileOffset(List<Segment> segments, long address) {
        for (var segment : segments) {
            if (segment.type == PT_LOAD && address >= segment.address && address - segment.address < segment.fileSize) {
                return segment.offset + address - segment.address;
            }
        }
        throw new IllegalArgumentException("string table outside the file");
    }

    private static byte[] part(Source source, long position, long length) {
        if (position < 0 || length < 0 || length > MAX_PART) {
            throw new IllegalArgumentException("part of " + length + " bytes");
        }
        var part = source.read(position, (int) length);
        if (part.length < length) {
            throw new IllegalArgumentException("truncated");
        }
        return part;
    }

    private static String string(byte[] strings, long at) {
        if (at < 0 || at >= strings.length) {
            throw new IllegalArgumentException("string outside the table");
        }
        int end = (int) at;
        while (end < strings.length && strings[end] != 0) {
            end++;
        }
        return Bytes.toString(strings, (int) at, end);
    }
}
