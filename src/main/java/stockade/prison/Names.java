package stockade.prison;

import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Files;
import stockade.linux.KernelException;

/**
 * Which jail has which name other than its jid: a symbolic link to the jid, which is believed if that jail's record has the
 * name. Part of the {@link Registry}.
 */
final class Names {
    static final String LINKS = Registry.ROOT + "/name/";

    private Names() {
    }

    /** The jid of the jail that has a name or had it. */
    static Optional<Jid> holder(String name) {
        return Files.readLinkIfPresent(link(name)).flatMap(Registry::jid);
    }

    /** A link that a killed process left, of a jail that does not have the name, is no obstacle. */
    static void requireFree(JailName name) {
        if (holder(name.text()).flatMap(Registry::recorded).filter(holder -> holder.name().equals(name.text())).isPresent()) {
            throw new JailException("\"" + name + "\" already exists");
        }
        Files.unlinkIfPresent(link(name.text()));
    }

    static void claim(Jid jid, String name) {
        Files.symlink(jid.toString(), link(name));
    }

    static void release(Jail jail) {
        if (!jail.name().equals(jail.jid().toString())) {
            Files.unlinkIfPresent(link(jail.name()));
        }
    }

    /** Gives a jail another name, which it has when its record is rewritten. */
    static void change(Jail before, Jail after, Runnable rewriting) {
        requireFree(new JailName(after.name()));
        forget(before.jid(), fileName(before.name()));
        Files.replace(change(after.jid()), 0600, fileName(before.name()) + "\n" + fileName(after.name()));
        try {
            claim(after.jid(), after.name());
            rewriting.run();
        } catch (KernelException e) {
            Files.unlinkIfPresent(link(after.name()));
            Files.unlink(change(after.jid()));
            throw e;
        }
        release(before);
        Files.unlink(change(after.jid()));
    }

    /** Forgets all names of a jail: whoever gave it another one may have been killed at it. */
    static void forget(Jid jid) {
        forget(jid, "");
    }

    /** @param kept the file name of one that it keeps */
    private static void forget(Jid jid, String kept) {
        if (Files.exists(change(jid))) {
            for (var name : Bytes.split(Files.read(change(jid)), '\n')) {
                if (!name.equals(kept) && Files.readLinkIfPresent(LINKS + name).equals(Optional.of(jid.toString()))) {
                    Files.unlink(LINKS + name);
                }
            }
        }
    }

    /** The file that has a jail's names of before and after, while it gets another. */
    private static String change(Jid jid) {
        return Registry.directory(jid) + "/names";
    }

    private static String link(String name) {
        return LINKS + fileName(name);
    }

    /** A name as a file name: bytes that a path can't have, or that would hide it, as %XX. */
    static String fileName(String name) {
        var s = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '/' || c == '%' || c == '.') {
                s.append('%').append(Integer.toHexString(0x100 | c).substring(1));
            } else {
                s.append(c);
            }
        }
        return s.toString();
    }
}
