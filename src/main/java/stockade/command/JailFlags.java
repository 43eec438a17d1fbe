package stockade.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.config.Position;
import stockade.config.Setting;
import stockade.life.Report;
import stockade.life.Request;
import stockade.life.Slots;
import stockade.linux.Bytes;

/**
 * The flags of jail(8), and the words behind them.
 *
 * @param create        -c
 * @param modify        -m
 * @param remove        -r or -R
 * @param removeRunning -R: without asking a file
 * @param settings      what flags say of parameters: -n, -s, -l, -u, -U, -h
 * @param separator     -e: exhibit what is declared
 * @param givenFile     -f
 * @param jidFile       -J
 * @param printJid      -i
 * @param verbosity     -q or -i: -1, -v: 1
 */
record JailFlags(boolean create, boolean modify, boolean remove, boolean removeRunning, List<Setting> settings,
        Optional<String> separator, Optional<String> givenFile, Optional<String> jidFile, boolean printJid, int verbosity,
        Slots slots, List<String> rest) {
    private static final String LETTERS = "cde:f:hiJ:lmn:p:qrRs:u:U:v";
    private static final String DEFAULT_FILE = "/etc/jail.conf";
    private static final int MOST_SLOTS = 4096;

    static JailFlags parse(List<String> words) {
        var letters = new StringBuilder();
        var settings = new ArrayList<Setting>();
        Optional<String> separator = Optional.empty();
        Optional<String> file = Optional.empty();
        Optional<String> jidFile = Optional.empty();
        int verbosity = 0;
        var slots = Slots.unlimited();
        var flags = new Options("jail", words, LETTERS);
        for (char flag; (flag = flags.next()) != 0;) {
            letters.append(flag);
            switch (flag) {
                case 'd' -> Program.complain(
                        "jail: the 'allow.dying' parameter and '-d' flag are deprecated and have no effect.\n");
                case 'e' -> separator = Optional.of(flags.value());
                case 'f' -> file = Optional.of(flags.value());
                case 'J' -> jidFile = Optional.of(flags.value());
                case 'i', 'q' -> verbosity = -1;
                case 'v' -> verbosity = 1;
                case 'p' -> slots = slots(flags.value());
                case 'h' -> settings.add(setting("ip_hostname", "true"));
                case 'l' -> settings.add(setting("exec.clean", "true"));
                case 'n' -> settings.add(setting("name", flags.value()));
                case 's' -> settings.add(setting("securelevel", flags.value()));
                case 'u', 'U' -> {
                    settings.add(setting("exec.jail_user", flags.value()));
                    settings.add(setting("exec.system_jail_user", flag == 'u' ? "true" : "false"));
                }
                default -> {
                    continue;
                }
            }
        }
        return new JailFlags(has(letters, 'c'), has(letters, 'm'), has(letters, 'r') || has(letters, 'R'), has(letters, 'R'),
                settings, separator, file, jidFile, has(letters, 'i'), verbosity, slots, flags.rest()).checked();
    }

    private static boolean has(StringBuilder letters, char letter) {
        return letters.indexOf(String.valueOf(letter)) >= 0;
    }

    private static Setting setting(String name, String value) {
        return new Setting(name, List.of(value), Position.COMMAND_LINE);
    }

    /** A limit of 0 or less is none. */
    private static Slots slots(String limit) {
        try {
            int most = Bytes.decimal(limit);
            return most <= 0 ? Slots.unlimited() : Slots.of(Math.min(most, MOST_SLOTS));
        } catch (NumberFormatException e) {
            throw new UsageException();
        }
    }

    private JailFlags checked() {
        boolean acts = create || modify || remove;
        boolean onlyRemoves = remove && !create && !modify;
        if (separator.isPresent() && (acts || !settings.isEmpty() || jidFile.isPresent())
                || removeRunning && (create || modify || givenFile.isPresent())
                || onlyRemoves && (printJid || !settings.isEmpty() || jidFile.isPresent()
                        || rest.stream().anyMatch(word -> word.contains("=")))
                || !create && acts && jidFile.isPresent()) {
            throw new UsageException();
        }
        return this;
    }

    /** Whether the words are path, hostname, addresses and command. */
    boolean isOldStyle() {
        return !create && !modify && !remove;
    }

    /** A file declares jails, a command line describes one. */
    void requireNoFile() {
        if (givenFile.isPresent()) {
            throw new UsageException();
        }
    }

    boolean isFileGiven() {
        return givenFile.isPresent();
    }

    String file() {
        return givenFile.orElse(DEFAULT_FILE);
    }

    Request request() {
        return new Request(create, modify, remove);
    }

    /** To whom a jail is reported that the command line describes. */
    Report report() {
        return new Report(Optional.empty(), verbosity);
    }
}
