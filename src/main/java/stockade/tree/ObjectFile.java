package stockade.tree;

import stockade.linux.Bytes;

/** What a regular file is to the kernel that is to execute it, or to a loader. */
sealed interface ObjectFile {
    int HEAD = 256; // BINPRM_BUF_SIZE: how much of a file's first line the kernel looks at

    /** Program or library. */
    record Binary(Elf elf) implements ObjectFile {
    }

    /**
     * @param interpreter the program that is to read it
     * @param argument    what it is called with, before the script's path; empty for none
     */
    record Script(String interpreter, String argument) implements ObjectFile {
    }

    /** An ELF file that is not a whole and sound one. */
    record Damaged() implements ObjectFile {
    }

    /** Anything else. */
    record Data() implements ObjectFile {
    }

    /** One that may not be read: what it is can't be told. */
    record Unreadable() implements ObjectFile {
    }

    static ObjectFile of(Elf.Source source) {
        var head = source.read(0, HEAD);
        if (head.length >= 2 && head[0] == '#' && head[1] == '!') {
            return script(Bytes.toString(head, 2, head.length));
        }
        return Elf.read(source).<ObjectFile>map(Binary::new).orElse(
                head.length >= 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F'
                        ? new Damaged() : new Data());
    }

    private static ObjectFile script(String head) {
        int end = 0;
        while (end < head.length() && head.charAt(end) != '\n' && head.charAt(end) != 0) {
            end++;
        }
        var line = Bytes.trim(head.substring(0, end));
        int blank = 0;
        while (blank < line.length() && !Bytes.isBlank(line.charAt(blank))) {
            blank++;
        }
        return line.isEmpty() ? new Data() : new Script(line.substring(0, blank), Bytes.trim(line.substring(blank)));
    }
}
