package stockade.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import stockade.confine.ChrootTree;
import stockade.linux.Bytes;
import stockade.linux.Credentials;
import stockade.linux.Errno;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.linux.Processes;
import stockade.linux.Seccomp;
import stockade.linux.UnixSocket;
import stockade.prison.JailException;
import stockade.prison.Mib;
import stockade.prison.Mib.Entry;
import stockade.role.Account;
import stockade.role.Execution;
import stockade.usher.Usher;

/** chroot(8): changes the root directory and becomes a command. */
final class ChrootCommand {
    private Optional<List<Integer>> groups = Optional.empty();
    private OptionalInt group = OptionalInt.empty();
    private OptionalInt user = OptionalInt.empty();
    private boolean noNewPrivileges;

    private ChrootCommand() {
    }

    static int run(List<String> words) {
        var command = new ChrootCommand();
        var rest = command.parse(words);
        var root = rest.get(0);
        try {
            command.enter(root);
        } catch (KernelException e) {
            throw new JailException(root + ": " + (e.getMessage().startsWith(root) ? e.errno().text() : e.getMessage()));
        }
        command.becomeUser();
        new Execution(root, "").run(rest.subList(1, rest.size()), Processes.environment());
        return 1;
    }

    private List<String> parse(List<String> words) {
        Optional<String> groupNames = Optional.empty();
        Optional<String> groupName = Optional.empty();
        Optional<String> userName = Optional.empty();
        var options = new Options("chroot", words, "G:g:nu:");
        for (char option; (option = options.next()) != 0;) {
            switch (option) {
                case 'G' -> groupNames = Optional.of(options.value());
                case 'g' -> groupName = Optional.of(options.value());
                case 'n' -> noNewPrivileges = true;
                default -> userName = Optional.of(options.value());
            }
        }
        var rest = options.rest();
        if (rest.isEmpty() || List.of(groupNames, groupName, userName).contains(Optional.of(""))) {
            throw new UsageException();
        }
        // looked up here: inside, the databases may be somebody else's
        group = groupName.map(name -> id("group", name, Account::gid)).orElse(OptionalInt.empty());
        groups = groupNames.map(ChrootCommand::groups);
        user = userName.map(name -> id("user", name, Account::uid)).orElse(OptionalInt.empty());
        return rest;
    }

    private static OptionalInt id(String kind, String name, Function<String, OptionalInt> find) {
        var found = find.apply(name);
        if (found.isEmpty()) {
            throw new JailException("no such " + kind + " `" + name + "'");
        }
        return found;
    }

    private static List<Integer> groups(String names) {
        var groups = new ArrayList<Integer>();
        for (var name : Bytes.split(names, ',')) {
            if (!name.isEmpty()) {
                groups.add(id("group", name, Account::gid).getAsInt());
            }
        }
        return groups;
    }

    private void enter(String root) {
        var rule = Seccomp.askSupervisor(Entry.CHROOT_ALLOW_OPEN_DIRECTORIES.ordinal());
        if (rule.isPresent()) {
            Files.changeRoot(root); // within another chroot or a jail: its usher decides
            Files.changeDirectory("/");
        } else {
            enterFromHost(root);
        }
        if (noNewPrivileges) {
            Credentials.setNoNewPrivileges();
        }
    }

    private static void enterFromHost(String root) {
        Files.changeDirectory(root); // its errors come first
        if (Credentials.effectiveUid() != 0) {
            throw new KernelException(root, Errno.EPERM);
        }
        Processes.requireOwnProc(); // the usher reads there
        keepDirectoriesOut(root);
        try (var usher = Usher.forChroot()) {
            ChrootTree.enter(".");
            try (var listener = Seccomp.install(ChrootTree.filter())) {
                UnixSocket.send(usher, new byte[1], listener);
            }
        }
    }

    /** Directories that the command would inherit lead out: the MIB says what to do about them. */
    private static void keepDirectoriesOut(String root) {
        try (var mib = Mib.open()) {
            int rule = mib.value(Entry.CHROOT_ALLOW_OPEN_DIRECTORIES);
            var open = rule == 0 || rule == 1 ? inheritedDirectories() : List.<Integer>of();
            if (rule == 0 && !open.isEmpty()) {
                throw new KernelException(root, Errno.EPERM);
            }
            if (!open.isEmpty()) {
                withhold(open);
            }
        }
    }

    /** Their numbers. The one that was read to find them has been closed by the time it is looked at. */
    private static List<Integer> inheritedDirectories() {
        var open = new ArrayList<Integer>();
        for (var number : Files.list("/proc/self/fd")) {
            if (Files.isDirectory("/proc/self/fd/" + number)) {
                open.add(Bytes.decimal(number));
            }
        }
        return open;
    }

    private static void withhold(List<Integer> directories) {
        try (var nothing = Files.open("/dev/null", Files.O_RDWR)) {
            directories.forEach(nothing::duplicateTo);
        }
    }

    private void becomeUser() {
        groups.ifPresent(Credentials::setGroups);
        group.ifPresent(Credentials::setGid);
        user.ifPresent(Credentials::setUid);
    }
}
