package stockade.command;

import java.util.List;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.KernelException;
import stockade.linux.Printable;
import stockade.linux.Signals;
import stockade.prison.JailException;
import stockade.role.Failure;

/** The commands, each of which the one binary is when it is called by that name. */
public enum Program {
    CHROOT("chroot", """
            usage: chroot [-g group] [-G group,group,...] [-u user] [-n] newroot [command]
            """) {
        @Override
        int run(List<String> words) {
            return ChrootCommand.run(words);
        }
    },

    JAIL("jail", """
            usage: jail [-dhilqv] [-J jid_file] [-n jailname] [-s securelevel]
                        [-u username | -U username] path hostname ip[,...] command ...
                   jail [-dhilqv] [-J jid_file] [-u username | -U username]
                        -[cmr] param=value ... [command=command ...]
                   jail [-diqv] [-f file] [-J jid_file] [-p limit] -[cmr] [jail ...]
                   jail [-qv] [-f file] [-p limit] -r jail ...
                   jail [-qv] [-p limit] -R jail ...
                   jail [-f file] -e separator [jail ...]
            """) {
        @Override
        int run(List<String> words) {
            return JailCommand.run(words);
        }
    },

    JLS("jls", """
            usage: jls [--libxo options] [-adhNnqsv] [-j jail] [parameter ...]
                   jls -c -j jail
            """) {
        @Override
        int run(List<String> words) {
            return JlsCommand.run(words);
        }
    },

    JPS("jps", """
            usage: jps [-cq] [-J jail[,jail ...]]
            """) {
        @Override
        int run(List<String> words) {
            return JpsCommand.run(words);
        }
    },

    JEXEC("jexec", """
            usage: jexec [-l] [-d working-directory] [-e name=value] [-u username | -U username] jail [command ...]
            """) {
        @Override
        int run(List<String> words) {
            return JexecCommand.run(words);
        }
    },

    MKJAIL("mkjail", """
            usage: mkjail [-Hn] path program ...
                   mkjail -l program ...
                   mkjail -b suite path [mirror]
                   mkjail -t archive path
            """) {
        @Override
        int run(List<String> words) {
            return MkjailCommand.run(words);
        }
    },

    SYSCTL("sysctl", """
            usage: sysctl [-dehiNnqtx] [-f filename] name[=value] ...
                   sysctl [-dehNnqtx] -a
            """) {
        @Override
        int run(List<String> words) {
            return SysctlCommand.run(words);
        }
    };

    private final String command;
    private final String usage;

    Program(String command, String usage) {
        this.command = command;
        this.usage = usage;
    }

    /** Does what the words say. Returns the exit status. */
    abstract int run(List<String> words);

    /**
     * Runs the command that a command line names, by the last part of argv[0] or by the word behind it. What
     * goes wrong is said in one line on stderr. Returns the exit status.
     */
    public static int main(List<String> commandLine) {
        for (int i = 0; i < Math.min(2, commandLine.size()); i++) {
            var name = commandLine.get(i).substring(commandLine.get(i).lastIndexOf('/') + 1);
            for (var program : values()) {
                if (program.command.equals(name)) {
                    return program.runAndExplain(commandLine.subList(i + 1, commandLine.size()));
                }
            }
        }
        var commands = new StringBuilder();
        for (var program : values()) {
            commands.append(commands.isEmpty() ? "" : " | ").append(program.command);
        }
        complain("usage: stockade " + commands + " [argument ...]\n");
        return 1;
    }

    private int runAndExplain(List<String> words) {
        try {
            if (this != CHROOT) { // whose command gets what there is
                Signals.resetAction(Signals.SIGCHLD);
            }
            return run(words);
        } catch (UsageException e) {
            complain((e.getMessage().isEmpty() ? "" : e.getMessage() + "\n") + usage);
        } catch (RuntimeException e) {
            complain(command + ": " + Printable.line(Failure.reason(e)) + "\n");
        }
        return 1;
    }

    /** Says what went wrong; if stderr can't be written to, the exit status alone has to tell. */
    public static void complain(String words) {
        try {
            Descriptor.STDERR.write(words);
        } catch (KernelException e) {
            return;
        }
    }

    /** Only root may: the message is what the system call that jails are made with on FreeBSD gives. */
    static void requireRoot(String call) {
        if (Credentials.effectiveUid() != 0) {
            throw new JailException(call + ": Operation not permitted");
        }
    }
}
