package stockade.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Printable;
import stockade.linux.Processes;
import stockade.prison.Cgroup;
import stockade.prison.Jail;
import stockade.prison.JailProcess;
import stockade.prison.Registry;
import stockade.prison.Survey;
import stockade.role.UserNames;

/** jps(8): lists the processes of jails. */
final class JpsCommand {
    private static final String HEADER = "  JID USER         PID   JPID STAT      TIME COMMAND\n";
    private static final int FULL = 1 << 16;

    private final boolean programs;
    private final boolean onlyPids;
    private final StringBuilder out = new StringBuilder();

    private JpsCommand(boolean programs, boolean onlyPids) {
        this.programs = programs;
        this.onlyPids = onlyPids;
    }

    static int run(List<String> words) {
        Optional<String> only = Optional.empty();
        boolean programs = false;
        boolean onlyPids = false;
        var options = new Options("jps", words, "cJ:q");
        for (char option; (option = options.next()) != 0;) {
            switch (option) {
                case 'c' -> programs = true;
                case 'J' -> only = Optional.of(options.value());
                default -> onlyPids = true;
            }
        }
        if (!options.rest().isEmpty()) {
            throw new UsageException();
        }
        Program.requireRoot("jail_get");
        Processes.requireOwnProc();
        var jails = only.map(JpsCommand::named).orElseGet(JpsCommand::all);
        new JpsCommand(programs, onlyPids).list(jails);
        return 0;
    }

    private static List<Jail> all() {
        var jails = new ArrayList<Jail>();
        Survey.take().forEach(listed -> jails.add(listed.jail()));
        return jails;
    }

    private static List<Jail> named(String jails) {
        return Bytes.parts(jails, ',').stream()
                .map(jail -> Registry.find(jail).orElseThrow(() -> JexecCommand.notFound(jail))).distinct().toList();
    }

    private void list(List<Jail> jails) {
        if (!onlyPids) {
            out.append(HEADER);
        }
        for (var jail : jails) {
            var names = Optional.<UserNames>empty();
            for (int pid : Cgroup.processes(jail)) {
                var process = JailProcess.find(jail.jid(), pid);
                if (process.isPresent()) {
                    names = names.or(() -> Optional.of(UserNames.of(jail)));
                    append(jail, process.get(), names.get());
                }
                flush(FULL); // a jail can have more processes than fit into memory with all that they say of themselves
            }
        }
        flush(1);
    }

    private void flush(int least) {
        if (out.length() >= least) {
            Descriptor.STDOUT.write(out.toString());
            out.setLength(0);
        }
    }

    private void append(Jail jail, JailProcess process, UserNames names) {
        if (onlyPids) {
            out.append(process.pid()).append('\n');
            return;
        }
        right(jail.jid().toString(), 5);
        left(names.name(process.uid()), 8);
        right(Integer.toString(process.pid()), 7);
        right(Integer.toString(process.innerPid()), 6);
        left(process.state(), 4);
        right(time(process.ticks()), 9);
        out.append(Printable.line(command(process))).append('\n');
    }

    /** The command line, or the name of the program in brackets if there is none; with -c always the name. */
    private String command(JailProcess process) {
        return programs ? process.name() : process.arguments().isEmpty() ? "[" + process.name() + "]" : process.arguments();
    }

    private void right(String text, int width) {
        out.append(" ".repeat(Math.max(0, width - text.length()))).append(text).append(' ');
    }

    private void left(String text, int width) {
        out.append(text).append(" ".repeat(Math.max(0, width - text.length()))).append(' ');
    }

    /** Minutes, seconds and hundredths. */
    private static String time(long ticks) {
        return ticks / 6000 + ":" + twoDigits(ticks / 100 % 60) + "." + twoDigits(ticks % 100);
    }

    private static String twoDigits(long number) {
        return (number < 10 ? "0" : "") + number;
    }
}
