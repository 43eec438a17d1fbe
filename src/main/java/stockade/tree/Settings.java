package stockade.tree;

import java.util.HashSet;
import java.util.Set;
import stockade.linux.Beneath.Attributes;
import stockade.linux.Bytes;
import stockade.linux.Files;
import stockade.linux.KernelException;

/** What every tree has: the directories that a jail mounts on or programs expect, and the least of /etc. */
final class Settings {
    private static final String HOSTS = "127.0.0.1\tlocalhost\n::1\tlocalhost\n";
    private static final String NAME_SERVICES = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
            + "services: files\nprotocols: files\n";

    private Settings() {
    }

    /** The host's users and groups. */
    static Accounts accounts(ObjectFiles files) {
        return new Accounts(Bytes.toString(files.content("/etc/passwd")), Bytes.toString(files.content("/etc/group")));
    }

    /** The directories that a jail mounts on, and those that programs expect to be able to write to. */
    static void addDirectories(Contents contents) {
        for (var directory : new String[] {"/dev", "/proc", "/run", "/var/tmp", "/tmp", "/root"}) {
            int mode = directory.endsWith("tmp") ? 01777 : directory.equals("/root") ? 0700 : 0755;
            contents.put(new Contents.Directory(directory, new Attributes(mode, 0, 0)));
        }
    }

    /** @param programs those that the tree is for; the packages' users that they name are users of the tree */
    static void add(Contents contents, Set<String> programs, Packages packages, ObjectFiles files) {
        addDirectories(contents);
        var accounts = accounts(files);
        var named = new HashSet<String>();
        for (var program : programs) {
            try (var file = Files.open(program, Files.O_RDONLY | Files.O_NONBLOCK)) {
                named.addAll(Words.among(accounts.namesOfPackages(), packages::mention, file));
            } catch (KernelException e) {
                throw new KernelException(program, e.errno());
            }
        }
        for (var name : named) {
            accounts.home(name).ifPresent(home -> addHome(home, contents));
            addRuntimeDirectories(accounts.uid(name).getAsInt(), accounts, contents, files);
        }
        var uids = new HashSet<Integer>();
        var gids = new HashSet<Integer>();
        for (var item : contents.items()) {
            switch (item) {
                case Contents.Directory directory -> {
                    uids.add(directory.attributes().uid());
                    gids.add(directory.attributes().gid());
                }
                case Contents.Copy copy -> {
                    uids.add(copy.stat().uid());
                    gids.add(copy.stat().gid());
                }
                default -> {
                    continue;
                }
            }
        }
        contents.put(new Contents.Lines("/etc/passwd", accounts.passwd(named, uids,
                shell -> contents.has(files.realPath(shell)))));
        contents.put(new Contents.Lines("/etc/group", accounts.group(named, uids, gids)));
        contents.put(new Contents.Text("/etc/nsswitch.conf", NAME_SERVICES));
        contents.put(new Contents.Text("/etc/hosts", HOSTS));
        contents.put(new Contents.Text("/etc/resolv.conf", Bytes.toString(files.content("/etc/resolv.conf"))));
    }

    /** A server's user may come with another package than the server itself, and its directories with it. */
    private static void addRuntimeDirectories(int uid, Accounts accounts, Contents contents, ObjectFiles files) {
        for (var name : files.list(RuntimeDirectories.DECLARATIONS)) {
            for (var directory : RuntimeDirectories.of(RuntimeDirectories.DECLARATIONS + "/" + name, accounts, files)) {
                if (directory.attributes().uid() == uid) {
                    contents.put(directory);
                }
            }
        }
    }

    /** Where a package's user is at home is where its servers expect a directory: to serve, or to be kept in. */
    private static void addHome(String home, Contents contents) {
        if (home.startsWith("/") && contents.add(home).isEmpty() && home.startsWith("/run/")) {
            contents.put(new Contents.Directory(home, new Attributes(0755, 0, 0))); // made when the server starts
        }
    }
}
