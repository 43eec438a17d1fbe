package stockade.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Processes;
import stockade.linux.Seccomp;
import stockade.prison.Assignment;
import stockade.prison.JailException;
import stockade.prison.Mib;
import stockade.prison.Mib.Access;
import stockade.prison.Mib.Entry;
import stockade.prison.Parameter;
import stockade.prison.Registry;
import stockade.prison.SysctlFile;

/** sysctl(8): reads and sets the entries of the MIB that rule jails and chroots. */
final class SysctlCommand {
    private static final String PARAMETERS = "security.jail.param";
    private static final int EX_NOINPUT = 66;

    private final StringBuilder flags = new StringBuilder();
    private int failures;

    private SysctlCommand() {
    }

    /** Something that has a value. */
    private record Leaf(String name, String description, Access access, Optional<Entry> entry, int fixed) {
        int value() {
            return entry.map(SysctlCommand::value).orElse(fixed);
        }
    }

    /** The inner nodes that have something to be said of. */
    private enum Node {
        KERN("kern", "High kernel, proc, limits &c"),
        SECURITY("security", "Security"),
        JAIL("security.jail", "Jails"),
        CHILDREN("security.jail.children", "Limits and stats on child jails"),
        PARAM(PARAMETERS, "Jail parameters"),
        ALLOW(PARAMETERS + ".allow", "Jail permission flags");

        private final String label;
        private final String description;

        Node(String label, String description) {
            this.label = label;
            this.description = description;
        }
    }

    static int run(List<String> words) {
        var command = new SysctlCommand();
        Optional<String> file = Optional.empty();
        var options = new Options("sysctl", words, "adef:hiNnqtwx");
        for (char option; (option = options.next()) != 0;) {
            if (option == 'f') {
                file = Optional.of(options.value());
            } else {
                command.flags.append(option);
            }
        }
        var rest = options.rest();
        if (command.is('N') && command.is('n') || rest.isEmpty() && file.isEmpty() && !command.is('a')) {
            throw new UsageException();
        }
        if (rest.isEmpty() && file.isEmpty()) {
            leaves().forEach(command::show);
            return 0;
        }
        if (file.isPresent() && !command.load(file.get())) {
            return EX_NOINPUT;
        }
        rest.forEach(word -> command.attempt(Assignment.parse(word), word, ""));
        return command.failures;
    }

    private boolean is(char flag) {
        return flags.indexOf(String.valueOf(flag)) >= 0;
    }

    /** Reads or sets what a file says, line by line. Returns whether it could be read. */
    private boolean load(String file) {
        String content;
        try {
            content = Files.read(file);
        } catch (KernelException e) {
            Program.complain("sysctl: " + file + ": " + e.errno().text() + "\n");
            return false;
        }
        for (var line : SysctlFile.lines(content)) {
            var assignment = line.assignment();
            attempt(assignment, assignment.name() + assignment.value().map(value -> "=" + value).orElse(""),
                    " at line " + line.number());
        }
        return true;
    }

    /** Does what one word or line asks for. A failure is said and counted, and the next one is attempted. */
    private void attempt(Assignment assignment, String word, String where) {
        try {
            if (assignment.value().isPresent() && !is('d')) {
                set(assignment);
            } else {
                read(assignment);
            }
        } catch (JailException e) {
            boolean unknown = e.getMessage().startsWith("unknown oid");
            if (!unknown || !is('i')) {
                failures++;
            }
            if (!unknown || !is('i') && !is('q')) {
                Program.complain("sysctl: " + e.getMessage() + where + "\n");
            }
        } catch (KernelException e) {
            failures++;
            Program.complain("sysctl: " + (e.errno() == Errno.EOPNOTSUPP ? word + ": value is not available"
                    : word + ": " + e.errno().text()) + where + "\n");
        }
    }

    private void read(Assignment assignment) {
        var name = Assignment.canonical(assignment.name());
        var found = leaves().stream().filter(leaf -> leaf.name.equals(name) || leaf.name.startsWith(name + ".")).toList();
        if (found.isEmpty()) {
            throw new JailException("unknown oid '" + assignment.name() + "'");
        }
        if (is('d')) {
            for (var node : Node.values()) {
                if (node.label.equals(name)) {
                    say(node.label, node.description);
                }
            }
        }
        found.forEach(this::show);
    }

    private void show(Leaf leaf) {
        if (is('N')) {
            Descriptor.STDOUT.write(leaf.name + "\n");
        } else if (is('d')) {
            say(leaf.name, leaf.description);
        } else if (is('t')) {
            say(leaf.name, leaf.access == Access.COUNT ? "unsigned integer" : "integer");
        } else {
            say(leaf.name, format(leaf.value()));
        }
    }

    private void say(String name, String value) {
        Descriptor.STDOUT.write((is('n') ? "" : name + (is('e') ? "=" : ": ")) + value + "\n");
    }

    private String format(int value) {
        if (is('x')) {
            var digits = Integer.toHexString(value);
            return (value == 0 ? "00" : "0x") + "0".repeat(8 - digits.length()) + digits;
        }
        var digits = Integer.toString(value);
        if (is('h') && hasThousandsSeparators()) {
            for (int at = digits.length() - 3; at > (value < 0 ? 1 : 0); at -= 3) {
                digits = digits.substring(0, at) + "," + digits.substring(at);
            }
        }
        return digits;
    }

    /** The C locale has none. */
    private static boolean hasThousandsSeparators() {
        for (var name : List.of("LC_ALL=", "LC_NUMERIC=", "LANG=")) {
            for (var variable : Processes.environment()) {
                if (variable.startsWith(name) && variable.length() > name.length()) {
                    var locale = variable.substring(name.length());
                    return !locale.equals("C") && !locale.startsWith("C.") && !locale.equals("POSIX");
                }
            }
        }
        return false;
    }

    private void set(Assignment assignment) {
        var name = Assignment.canonical(assignment.name());
        if (assignment.entry().isEmpty()) {
            for (var leaf : leaves()) {
                if (leaf.name.equals(name)) {
                    throw new JailException("oid '" + name + "' is read only");
                }
                if (leaf.name.startsWith(name + ".")) {
                    throw new JailException("oid '" + name + "' isn't a leaf node");
                }
            }
        }
        var setting = assignment.setting();
        if (Credentials.effectiveUid() != 0 || isSupervised()) {
            throw new KernelException(assignment.name(), Errno.EPERM);
        }
        var before = format(value(setting.entry()));
        Mib.set(setting);
        if (!is('q')) {
            say(setting.entry().label(), before + " -> " + format(value(setting.entry())));
        }
    }

    private static boolean isSupervised() {
        return Seccomp.askSupervisor(Entry.JAILED.ordinal()).isPresent();
    }

    /** An entry's value as it is for this process: within a jail or chroot, what its usher says. */
    private static int value(Entry entry) {
        return Seccomp.askSupervisor(entry.ordinal()).orElseGet(() -> {
            if (entry == Entry.CHILDREN_CUR) {
                return Registry.count();
            }
            try (var mib = Mib.open()) {
                return mib.value(entry);
            }
        });
    }

    private static List<Leaf> leaves() {
        var leaves = new ArrayList<Leaf>();
        for (var entry : Entry.values()) {
            leaves.add(new Leaf(entry.label(), entry.description(), entry.access(), Optional.of(entry), 0));
        }
        for (var parameter : Parameter.told()) {
            leaves.add(new Leaf(PARAMETERS + "." + parameter.label(), parameter.description(), Access.READ_ONLY,
                    Optional.empty(), parameter.size()));
        }
        return leaves;
    }
}
