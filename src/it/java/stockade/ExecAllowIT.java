package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** exec.allow: a jail's root tries to run other programs than those that were named; each way works in a jail without it. */
class ExecAllowIT {
    private static final String ALLOWED = "/bin/busybox,/bin/run,/bin/forge,/usr/bin/bash";
    private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";

    private final Tree tree = newTree();

    private static Tree newTree() {
        return Tree.busybox().program("/usr/bin/bash", "/usr/bin/printf").copy(Path.of("/bin/busybox"), "opt/echo")
                .copy(Path.of("/usr/bin/printf"), "usr/lib/tools/printf").directory("usr/local").directory("tmp/root")
                .script("opt/script", "#!/bin/sh\necho ran\n");
    }

    @RegisterExtension
    final Host host = new Host();

    /** At once, for there are many, and they are large. */
    @AfterEach
    void removeTree() {
        remove(tree);
    }

    private static void remove(Tree tree) {
        Tree.output("rm", "-rf", tree.toString());
    }

    private Result jail(Object... parameters) {
        return jailIn(tree, parameters);
    }

    private Result jailIn(Tree tree, Object... parameters) {
        return host.jail(Stream.concat(Stream.of("-c", "name=www", "path=" + tree), Stream.of(parameters)).toArray());
    }

    private Result limited(String allowed, String... command) {
        return jail(command("exec.allow=" + allowed, command));
    }

    private static Object[] command(String parameter, String... command) {
        var words = new ArrayList<Object>(List.of(parameter));
        words.add("command=" + command[0]);
        words.addAll(List.of(command).subList(1, command.length));
        return words.toArray();
    }

    private static String last(Result result) {
        var lines = (result.out() + result.errors()).strip().split("\n");
        return lines[lines.length - 1];
    }

    /** A script for busybox's shell; the last line of what it says in a jail with exec.allow, and in one without. */
    @ParameterizedTest
    @CsvSource(delimiterString = " :: ", value = {
        // the program itself, a copy, and other names
        "run exec /opt/echo :: EACCES :: ran",
        "run exec /usr/bin/printf :: EACCES :: ran",
        "run exec /lib/x86_64-linux-gnu/libc.so.6 | grep -oE 'EACCES|GNU C Library' | head -n 1 :: EACCES :: GNU C Library",
        "run descriptor /opt/echo :: EACCES :: ran",
        "cp /bin/busybox /tmp/echo && run exec /tmp/echo :: EACCES :: ran",
        "cp /bin/busybox /dev/shm/echo && run exec /dev/shm/echo :: EACCES :: EACCES",
        "ln -s /opt/echo /tmp/echo && run exec /tmp/echo :: EACCES :: ran",
        "ln /opt/echo /opt/ran && run exec /opt/ran :: EACCES :: ran",
        "mkdir -p /tmp/root/bin && cp /bin/busybox /tmp/root/bin/ && chroot /tmp/root /bin/busybox echo ran 2>&1 | grep -o 'ran\\|denied' :: denied :: ran",
        "run unnamed /tmp /opt/echo :: EACCES :: ran",
        "run memfd /opt/echo :: ENOSYS :: ran",
        // programs that may be executed, and what they are made of, replaced
        "run write /usr/bin/bash :: EROFS :: done",
        "run write " + LOADER + " :: EROFS :: done",
        "run rename /usr/bin/bash /usr/bin/sh :: EROFS :: done",
        "run rename /opt/echo /usr/bin/bash :: EXDEV :: done",
        "run rename /bin /hidden :: EROFS :: done",
        "run rename /bin /tmp/hidden :: EXDEV :: done",
        "run exchange /bin /opt :: EROFS :: done",
        "run rename /opt /hidden :: EROFS :: done",
        "run link /bin/busybox /tmp/busybox :: EXDEV :: done",
        "run mkdir /lib32 :: EROFS :: done",
        "run mkdir /usr/local/lib :: EROFS :: done",
        "rm -f /usr/bin/printf 2>/dev/null; test -e /usr/bin/printf && echo there || echo gone :: there :: gone",
        // scripts
        "run exec /opt/script :: EACCES :: ran",
        "printf '#!/bin/sh\\necho ran\\n' >/tmp/script; chmod 755 /tmp/script; run exec /tmp/script :: EACCES :: ran",
        "sh /opt/script :: ran :: ran",
        // the dynamic loader
        LOADER + " /usr/bin/printf ran 2>&1 | grep -oE 'failed to map|ran' :: failed to map :: ran",
        LOADER + " /usr/lib/tools/printf ran 2>&1 | grep -oE 'failed to map|ran' :: failed to map :: ran",
        "cp /usr/bin/printf /tmp/; " + LOADER + " /tmp/printf ran 2>&1 | grep -oE 'failed to map|ran' :: failed to map :: ran",
        "cp /usr/bin/printf /dev/shm/; " + LOADER + " /dev/shm/printf ran 2>&1 | grep -oE 'failed to map|ran' :: failed to map :: failed to map",
        "run memfd_loader " + LOADER + " /usr/bin/printf :: ENOSYS :: ran",
        LOADER + " /usr/bin/bash -c 'echo ran' :: ran :: ran",
        "cp /lib/x86_64-linux-gnu/libtinfo.so.6 /tmp/; LD_PRELOAD=/tmp/libtinfo.so.6 /usr/bin/bash -c 'echo ran' 2>&1 | grep -oE 'cannot be preloaded|ran' | head -n 1 :: cannot be preloaded :: ran",
        "forge /tmp/forged.so; LD_PRELOAD=/tmp/forged.so /usr/bin/bash -c 'echo kept out' 2>/dev/null :: kept out :: ran",
        // memory
        "run map /opt/echo :: EPERM :: done",
        "run map_later /opt/echo :: EACCES :: done",
        "run map /dev/zero :: EPERM :: done",
        "run map /usr/bin/bash :: done :: done",
        "run map_writable /usr/bin/bash :: EACCES :: done",
        "run memory :: EACCES :: done",
        "run shared_memory :: EACCES :: done",
        "run memory_later :: EACCES :: done",
        "run memory_by_key :: EACCES :: done",
        "run stack :: EACCES :: done",
        "run personality :: EACCES :: done",
        "run ask_personality :: done :: done",
        "run poke_text :: EACCES :: done",
        "run poke_data :: EACCES :: done",
        "run write /proc/self/mem :: EROFS :: done",
        // what is not about programs goes on
        "mkdir /tmp/a /tmp/b; echo x >/tmp/a/f; run rename /tmp/a/f /tmp/b/f :: done :: done",
        "mkdir /tmp/a /tmp/b; echo x >/tmp/a/f; run link /tmp/a/f /tmp/b/f :: done :: done",
        "echo ran >/opt/new; cat /opt/new :: ran :: ran",
    })
    void aWayToRunAnother(String script, String limited, String free) {
        assertEquals(limited, last(jail(command("exec.allow=" + ALLOWED, "/bin/sh", "-c", script))));
        var another = newTree();
        assertEquals(free, last(jailIn(another, command("host.hostname=free", "/bin/sh", "-c", script))));
        remove(another);
    }

    @Test
    void sharedMemoryOfSystemV() {
        assertEquals("EACCES", jail("allow.sysvipc", "exec.allow=/bin/run", "command=/bin/run", "shm").said());
        assertEquals("done", jail("allow.sysvipc", "command=/bin/run", "shm").said());
    }

    @Test
    void namedProgramsRun() {
        assertEquals("ran", limited("/opt/echo", "/opt/echo", "ran").said());
        assertEquals("ran", limited("/usr/bin/printf", "/usr/bin/printf", "ran").said());
        assertEquals("ran", limited("/bin/echo", "/bin/echo", "ran").said()); // a link to busybox
        assertEquals("ran", limited("/opt/script", "/opt/script").said()); // and its interpreter
        assertEquals("ran", limited("/usr/lib/tools/printf", "/usr/lib/tools/printf", "ran").said());
        assertEquals("ran", jail("exec.allow=" + ALLOWED, "command=/usr/bin/bash", "-c", "/bin/busybox echo ran").said());
        assertEquals("ran", host.jail("-U", "user", "-c", "path=" + tree, "exec.allow=/usr/bin/bash", "command=/usr/bin/bash",
                "-c", "echo ran").said());
    }

    @Test
    void theCommandIsOneOfThem() {
        limited("/bin/busybox", "/opt/echo", "ran").assertFailed("jail: exec /opt/echo: Permission denied");
    }

    @Test
    void jexecIsHeldToThem() {
        var jail = host.startJail("-i", "-c", "name=www", "path=" + tree, "exec.allow=" + ALLOWED, "command=/bin/sleep", "600");
        jail.line();
        assertEquals("ran", host.jexec("www", "/bin/echo", "ran").said());
        host.jexec("www", "/opt/echo", "ran").assertFailed("jexec: exec /opt/echo: Permission denied");
        host.jexec("-U", "user", "www", "/opt/echo", "ran").assertFailed("jexec: exec /opt/echo: Permission denied");
        assertEquals(ALLOWED, host.jls("exec.allow").said());
        host.jail("-m", "name=www", "exec.allow=/opt/echo").assertFailed("jail: exec.allow cannot be changed after creation");
    }

    @Test
    void jailsWithoutItSayNothing() {
        host.background(tree, "");
        assertEquals("-", host.jls("exec.allow").said());
        assertEquals("exec.allow=", host.jls("-n", "exec.allow").said());
    }

    /** Whatever can be written to is noexec, whatever can be executed is read-only. */
    @Test
    void everyMountIsEither() {
        host.run("mount", "-t", "tmpfs", "own", tree.directory("srv/own").path("srv/own").toString()).said();
        host.run("cp", "/bin/busybox", tree.path("srv/own/echo").toString()).said();
        var mounts = limited("/bin/busybox", "/bin/cat", "/proc/self/mountinfo").said().split("\n");
        assertTrue(mounts.length > 20);
        for (var mount : mounts) {
            var options = List.of(mount.split(" ")[5].split(","));
            assertTrue(options.contains("ro") || options.contains("noexec"), mount);
        }
        assertEquals("EACCES", limited("/bin/run", "/bin/run", "exec", "/srv/own/echo").said());
        assertEquals("ran", jail("command=/bin/run", "exec", "/srv/own/echo").said());
        host.run("umount", tree.path("srv/own").toString()).said();
    }

    @Test
    void whatTheHostHasReadOnlyStaysSo() {
        var own = tree.directory("srv/own").path("srv/own").toString();
        host.run("mount", "-t", "tmpfs", "-o", "ro", "own", own).said();
        assertEquals("EROFS", limited("/bin/run", "/bin/run", "mkdir", "/srv/own/x").said());
        host.run("umount", own).said();
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " :: ", value = {
        "/bin/nope :: www: exec.allow: /bin/nope: No such file or directory",
        "/bin/busybox,/bin/nope :: www: exec.allow: /bin/nope: No such file or directory",
        "/bin :: www: exec.allow: /bin: Is a directory",
        "/etc/passwd :: www: exec.allow: /etc/passwd: Permission denied",
        "/tmp/fifo :: www: exec.allow: /tmp/fifo: Permission denied",
        "/bin/busybox/x :: www: exec.allow: /bin/busybox/x: Not a directory",
        "/tmp/loop :: www: exec.allow: /tmp/loop: Too many levels of symbolic links",
        "/tmp/link :: www: exec.allow: /tmp/link: a symbolic link that the jail could change; name /bin/busybox itself",
        "/proc/self/exe :: www: exec.allow: /proc/self/exe: No such file or directory",
        "echo :: exec.allow: not an absolute pathname: \"echo\"",
        "/bin/busybox, :: exec.allow: not an absolute pathname: \"\"",
        "'' :: exec.allow: no program",
    })
    void programsThatCantBeNamed(String program, String error) {
        tree.link("tmp/loop", "loop").link("tmp/link", "/bin/busybox");
        host.run("mkfifo", "-m", "755", tree.path("tmp/fifo").toString()).said();
        limited(program, "/bin/busybox", "true").assertFailed("jail: " + error);
        host.assertNothingLeft();
    }

    @Test
    void interpretersThatAreMissing() {
        tree.script("opt/perl", "#!/usr/bin/perl\n");
        limited("/opt/perl", "/opt/perl").assertFailed("jail: www: exec.allow: /opt/perl: needs /usr/bin/perl, which is not "
                + "under " + tree + " (mkjail adds it)");
        tree.path("lib64/ld-linux-x86-64.so.2").toFile().delete();
        limited("/usr/bin/bash", "/usr/bin/bash").assertFailed("jail: www: exec.allow: /usr/bin/bash: needs " + LOADER
                + ", which is not under " + tree + " (mkjail adds it)");
    }

    /** What a kernel says that has no Landlock; that has it turned off; that has the first version of it, more or less. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "444 38; needs Landlock (Linux 5.19): Function not implemented",
        "444 95; needs Landlock (Linux 5.19): Operation not supported",
        "444 0; needs Landlock (Linux 5.19): this kernel has version 0 of it",
        "445 22; landlock_add_rule /: Invalid argument",
        "446 1; landlock_restrict_self: Operation not permitted",
    })
    void noJailWithoutLandlock(String call, String error) {
        var without = List.of((Tree.probe("without") + " " + call + " " + Host.BIN + "/jail").split(" "));
        var words = List.of("-c", "name=www", "path=" + tree, "exec.allow=/opt/echo", "command=/opt/echo", "ran");
        host.run(Stream.concat(without.stream(), words.stream()).toArray(String[]::new))
                .assertFailed("jail: www: exec.allow: " + error);
        host.assertNothingLeft();
        assertEquals("ran", host.run(Stream.concat(without.stream(), words.stream().filter(word -> !word.startsWith("exec")))
                .toArray(String[]::new)).said());
    }

    /** What is loaded while it runs, and not named by any program, can be loaded. */
    @Test
    void pythonLoadsItsModules() {
        var python = Tree.output("realpath", "/usr/bin/python3").strip();
        var library = "/usr/lib/" + python.substring(python.lastIndexOf('/') + 1);
        var modules = Host.list(Path.of(library, "lib-dynload")).stream()
                .filter(name -> name.matches("_(ssl|ctypes|hashlib|sqlite3)\\..*")).map(name -> library + "/lib-dynload/" + name);
        tree.all(library).program(Stream.concat(Stream.of(python), modules).toArray(String[]::new));
        var script = "import ssl, ctypes, sqlite3; print(ctypes.CDLL(None).getpid() > 0, sqlite3.connect(':memory:')"
                + ".execute('select 1').fetchone())";
        assertEquals("True (1,)", limited(python, python, "-c", script).said());
        assertEquals("[Errno 13] Permission denied: '/opt/echo'", limited(python, python, "-c", """
                import os
                try: os.execv('/opt/echo', ['echo', 'ran'])
                except OSError as e: print(str(e) + ": '/opt/echo'")
                """).said());
    }

    @Test
    void perlLoadsItsModules() {
        var modules = Tree.output("perl", "-MConfig", "-e", "print $Config{archlib}").strip();
        var base = Files.isDirectory(Path.of("/usr/lib/x86_64-linux-gnu/perl-base"))
                ? "/usr/lib/x86_64-linux-gnu/perl-base" : modules;
        tree.program("/usr/bin/perl").all(base);
        assertEquals("3", limited("/usr/bin/perl", "/usr/bin/perl", "-MPOSIX=floor", "-e", "print floor(3.7)").out());
    }

    @Test
    void gitWorksWithItsOwnPrograms() {
        var core = "/usr/lib/git-core/git";
        tree.program("/usr/bin/git", core).link("usr/lib/git-core/git-upload-pack", "git").file("root/.gitconfig", "[user]\nname=x\nemail=x@example.org\n");
        var script = "cd /root && git init -q --template= a && cd a && git commit -q --allow-empty -m first && cd .. "
                + "&& git clone -q --template= a b && git -C b log --format=%s";
        assertEquals("first", limited("/bin/busybox,/usr/bin/git," + core, "/bin/sh", "-c", "HOME=/root; export HOME; " + script).said());
    }

    @Test
    void aHardLinkAmongLibrariesIsTheSameProgram() {
        host.run("ln", tree.path("usr/bin/printf").toString(), tree.path("usr/lib/tools/same").toString()).said();
        assertEquals("ran", limited("/usr/bin/printf", "/usr/lib/tools/same", "ran").said());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/opt/lib", "$ORIGIN/../lib"})
    void librariesBesideTheProgram(String runPath) {
        tree.copy(Path.of("/usr/bin/printf"), "opt/bin/printf");
        var source = Tree.empty().file("own.c", "int own(void) { return 7; }\n").file("main.c",
                "int own(void); int main(void) { return own(); }\n");
        Tree.output("gcc", "-shared", "-o", tree.directory("opt/lib").path("opt/lib/libown.so").toString(),
                source.path("own.c").toString());
        Tree.output("gcc", "-o", tree.path("opt/bin/own").toString(), source.path("main.c").toString(), "-L" + tree + "/opt/lib",
                "-lown", "-Wl,-rpath," + runPath);
        assertEquals(7, limited("/opt/bin/own", "/opt/bin/own").status());
    }

    @Test
    void programsOfMusl() {
        var source = Tree.empty().file("ran.c", "#include <stdio.h>\nint main(void) { return puts(\"main\") < 0; }\n");
        Tree.output("musl-gcc", "-o", tree.path("opt/ran").toString(), source.path("ran.c").toString());
        tree.copy(Path.of("/lib/x86_64-linux-musl/libc.so"), "lib/ld-musl-x86_64.so.1");
        assertEquals("main", limited("/opt/ran", "/opt/ran").said());
        var loader = "/lib/ld-musl-x86_64.so.1 /opt/ran; exit 0";
        assertEquals("", limited("/bin/busybox", "/bin/sh", "-c", loader).out());
        assertEquals("main", jail("command=/bin/sh", "-c", loader).said());
    }

    /** The next jail in the same tree is to find what this one found. */
    @Test
    void nothingThatLeadsToAProgramCanBeChanged() {
        var merged = Tree.empty().directory("tmp", 01777).directory("etc").directory("proc").copy(Path.of("/bin/busybox"), "usr/bin/busybox")
                .link("bin", "usr/bin").link("usr/bin/sh", "busybox").link("lib", "usr/lib");
        var said = host.jail("-c", "path=" + merged, "exec.allow=/bin/sh", "command=/bin/sh", "-c",
                "busybox mv /bin /tmp/; busybox rm /bin /lib; busybox ln -s /tmp /usr/lib; busybox mkdir /lib64; busybox mount; exit 0");
        assertFalse(said.out().isEmpty());
        assertEquals("usr/bin", Tree.output("readlink", merged.path("bin").toString()).strip());
        assertEquals(List.of("bin"), Host.list(merged.path("usr")));
        assertEquals(List.of("bin", "etc", "lib", "proc", "tmp", "usr"), Host.list(merged.root()));
    }

    @Test
    void aDirectoryWithTooManyFiles() {
        var many = tree.directory("usr/lib/many").path("usr/lib/many").toString();
        host.run("mount", "-t", "tmpfs", "many", many).said();
        host.run("sh", "-c", "cd $0 && seq 250001 | xargs touch", many).said();
        limited("/bin/busybox", "/bin/busybox", "true").assertFailed("jail: www: exec.allow: /usr/lib/many: File too large");
        host.run("umount", many).said();
    }
}
