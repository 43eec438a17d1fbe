package stockade.tree;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import stockade.linux.Bytes;

/** What libraries load by names that no program has in it: modules, tables, certificates. */
final class Companions {
    /** Of what came with a program: others' programs, what is read by people, what others read. */
    private static final List<String> OF_NO_USE = List.of("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/games/",
            "/usr/include/", "/usr/share/doc", "/usr/share/man/", "/usr/share/info/", "/usr/share/locale/",
            "/usr/share/lintian/", "/usr/share/bug/", "/usr/share/bash-completion/", "/usr/share/zsh/",
            "/usr/share/fish/", "/usr/share/applications/", "/usr/share/pixmaps/", "/usr/share/icons/",
            "/usr/share/metainfo/", "/usr/share/menu/", "/usr/share/apport/", "/usr/share/pkgconfig/",
            "/usr/share/gdb/", "/usr/lib/debug/", "/usr/lib/systemd/", "/lib/systemd/", "/lib/udev/", "/usr/lib/udev/",
            "/usr/lib/sysusers.d/", "/etc/init.d/", "/etc/default/", "/etc/cron", "/etc/logrotate.d/", "/etc/ufw/",
            "/etc/apparmor.d/", "/etc/systemd/", "/etc/runit/", "/etc/sv/", "/usr/share/runit/", "/var/log/runit/", "/usr/share/vim/",
            "/usr/share/binfmts/", "/usr/lib/binfmt.d/", "/usr/lib/valgrind/", "/var/lib/dpkg/");
    private static final List<String> TERMINALS = List.of("a/ansi", "d/dumb", "l/linux", "r/rxvt", "r/rxvt-unicode-256color",
            "s/screen", "s/screen-256color", "t/tmux", "t/tmux-256color", "v/vt100", "v/vt102", "v/vt220", "x/xterm",
            "x/xterm-256color", "x/xterm-color", "x/xterm-mono");
    private static final List<String> CHARACTER_SETS = List.of("gconv-modules", "gconv-modules.cache",
            "gconv-modules.d/gconv-modules-extra.conf", "ISO8859-1.so", "ISO8859-15.so", "CP1252.so", "UTF-7.so",
            "UTF-16.so", "UTF-32.so");

    private final Contents contents;
    private final ObjectFiles files;
    private final Map<String, String> libraries;
    private final Set<String> services = new HashSet<>();

    /** @param libraries those of the contents, by name */
    Companions(Contents contents, ObjectFiles files, Map<String, String> libraries) {
        this.contents = contents;
        this.files = files;
        this.libraries = libraries;
    }

    /** Whether what a program came with serves it. */
    static boolean isOfUse(String path) {
        var directory = path + "/";
        return !path.equals("/.") && !path.endsWith(".a") && OF_NO_USE.stream().noneMatch(directory::startsWith);
    }

    /** @param programs those that the tree is for */
    void addAll(Set<String> programs) {
        directory("libc.so.6").ifPresent(this::addForC);
        if (has("libssl.") || has("libgnutls.") || has("libnss3.") || programs.stream().anyMatch(p -> p.endsWith("/java"))) {
            addForEncryption();
        }
        if (has("libtinfo.") || has("libtinfow.") || has("libncurses.") || has("libncursesw.")) {
            addTerminals();
        }
        if (has("libpam.")) {
            programs.forEach(program -> addService(Path.name(program)));
            addService("other");
            contents.addAll("/etc/security");
            contents.addReadable("/etc/environment");
        }
    }

    private boolean has(String prefix) {
        return libraries.keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    private java.util.Optional<String> directory(String library) {
        return java.util.Optional.ofNullable(libraries.get(library)).map(Path::parent);
    }

    /** Of glibc: what looks up names, ends threads, converts texts; the one locale that knows UTF-8 and no language. */
    private void addForC(String directory) {
        for (var module : List.of("libnss_files.so.2", "libnss_dns.so.2", "libgcc_s.so.1")) {
            contents.add(directory + "/" + module);
        }
        for (var file : CHARACTER_SETS) {
            contents.add(directory + "/gconv/" + file);
        }
        for (var locale : List.of("/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8")) {
            contents.addAll(locale);
        }
        for (var table : List.of("/etc/localtime", "/etc/services", "/etc/protocols")) {
            contents.add(table);
        }
    }

    private void addForEncryption() {
        for (var path : List.of("/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted")) {
            contents.addAll(path);
        }
        for (var path : List.of("/etc/ssl/openssl.cnf", "/usr/lib/ssl/certs", "/usr/lib/ssl/openssl.cnf",
                "/etc/pki/tls/openssl.cnf")) {
            contents.addReadable(path);
        }
        directory("libcrypto.so.3").ifPresent(directory -> contents.addAll(directory + "/ossl-modules"));
    }

    private void addTerminals() {
        for (var directory : List.of("/lib/terminfo", "/usr/share/terminfo", "/etc/terminfo")) {
            TERMINALS.forEach(terminal -> contents.add(directory + "/" + terminal));
        }
    }

    /** A service of PAM (pam.d(5)): its rules, those that they include, and the modules that they name. */
    private void addService(String name) {
        var path = "/etc/pam.d/" + name;
        if (!services.add(name) || contents.addReadable(path).isEmpty()) {
            return;
        }
        for (var line : Bytes.split(Bytes.toString(files.content(path)), '\n')) {
            var words = Bytes.split(line.replace('\t', ' '), ' ').stream().filter(word -> !word.isEmpty()).toList();
            for (int i = 0; i < words.size() && !words.get(i).startsWith("#"); i++) {
                var word = words.get(i);
                if (word.endsWith(".so")) {
                    addModule(word);
                } else if ((word.equals("@include") || word.equals("include") || word.equals("substack"))
                        && i + 1 < words.size()) {
                    addService(words.get(i + 1));
                }
            }
        }
    }

    private void addModule(String name) {
        if (name.startsWith("/")) {
            contents.add(name);
            return;
        }
        for (var directory : List.of("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib",
                "/usr/lib")) {
            if (contents.add(directory + "/security/" + name).isPresent()) {
                return;
            }
        }
    }
}
