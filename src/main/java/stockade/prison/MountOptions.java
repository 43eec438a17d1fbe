package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Mounts;

/**
 * The options of a mount, as fstab(5) has them between commas. Of two that exclude each other the later counts. No device
 * node ever works in a jail, so that nodev need not be said.
 *
 * @param attributes what any mount can have, MOUNT_ATTR_*. They are added to those that what is mounted has already
 * @param others     those that are for the file system
 */
public record MountOptions(int attributes, List<Option> others) {
    /** An option of a file system, such as size=1m. */
    public record Option(String name, Optional<String> value) {
        @Override
        public String toString() {
            return name + value.map(v -> "=" + v).orElse("");
        }
    }

    /** Those that say when a host mounts what, which is when a jail starts; and what always holds. */
    private static final List<String> WITHOUT_EFFECT = List.of("auto", "noauto", "late", "failok", "nofail", "defaults", "nodev");

    private static final int ACCESS_TIME = Mounts.ATTR_NOATIME | Mounts.ATTR_STRICTATIME;

    static MountOptions parse(String text) {
        int attributes = 0;
        var others = new ArrayList<Option>();
        for (var word : Bytes.parts(text, ',')) {
            switch (word) {
                case "ro", "rdonly" -> attributes |= Mounts.ATTR_RDONLY;
                case "rw" -> attributes &= ~Mounts.ATTR_RDONLY;
                case "nosuid" -> attributes |= Mounts.ATTR_NOSUID;
                case "suid" -> attributes &= ~Mounts.ATTR_NOSUID;
                case "noexec" -> attributes |= Mounts.ATTR_NOEXEC;
                case "exec" -> attributes &= ~Mounts.ATTR_NOEXEC;
                case "nosymfollow" -> attributes |= Mounts.ATTR_NOSYMFOLLOW;
                case "symfollow" -> attributes &= ~Mounts.ATTR_NOSYMFOLLOW;
                case "nodiratime" -> attributes |= Mounts.ATTR_NODIRATIME;
                case "diratime" -> attributes &= ~Mounts.ATTR_NODIRATIME;
                case "noatime" -> attributes = attributes & ~ACCESS_TIME | Mounts.ATTR_NOATIME;
                case "strictatime" -> attributes = attributes & ~ACCESS_TIME | Mounts.ATTR_STRICTATIME;
                case "atime", "relatime" -> attributes &= ~ACCESS_TIME;
                default -> {
                    if (!word.isEmpty() && !WITHOUT_EFFECT.contains(word)) {
                        others.add(option(word));
                    }
                }
            }
        }
        return new MountOptions(attributes, List.copyOf(others));
    }

    private static Option option(String word) {
        int equals = word.indexOf('=');
        return equals < 0 ? new Option(word, Optional.empty())
                : new Option(word.substring(0, equals), Optional.of(word.substring(equals + 1)));
    }

    public boolean isReadOnly() {
        return (attributes & Mounts.ATTR_RDONLY) != 0;
    }

    /** @throws JailException if there is an option for the file system that is none of these */
    void requireOnly(List<String> names) {
        for (var option : others) {
            if (!names.contains(option.name)) {
                throw new JailException("mount option <" + option + "> is unknown");
            }
        }
    }
}
