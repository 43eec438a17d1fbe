package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;

/** The host's disks, from sysfs. */
final class Disks {
    private static final String DISKS = "/sys/block";

    private Disks() {
    }

    /**
     * The whole devices that have any content, loop devices included: major:minor of each. Those in memory are none, nor
     * what is only a path to another (hidden).
     */
    static List<String> numbers(ControlFiles files) {
        var numbers = new ArrayList<String>();
        for (var name : files.exists(DISKS) ? files.list(DISKS) : List.<String>of()) {
            var disk = DISKS + "/" + name + "/";
            boolean inMemory = name.startsWith("ram") || name.startsWith("zram");
            if (!inMemory && !value(files, disk + "size").equals("0") && !value(files, disk + "hidden").equals("1")) {
                numbers.add(value(files, disk + "dev"));
            }
        }
        return numbers;
    }

    private static String value(ControlFiles files, String file) {
        return files.exists(file) ? Bytes.trim(files.read(file).replace('\n', ' ')) : "";
    }
}
