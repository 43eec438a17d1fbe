package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the shells offer. */
class CompletionIT {
    private static final String BASH = Path.of("completion/bash/jail").toAbsolutePath().toString();
    private static final String ZSH = Path.of("completion/zsh/_jail").toAbsolutePath().toString();

    /** As bash breaks words. */
    private static final String BREAKS = " \t\n\"'><=;|&(:";

    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", Host.BIN + ":" + System.getenv("PATH"));

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    @TempDir
    Path directory;

    /** What zsh notes of its functions, which takes it long to find out. */
    @TempDir
    static Path shared;

    private String file;

    @BeforeEach
    void declare() throws IOException {
        file = Files.writeString(directory.resolve("jail.conf"), "www { }\nweb { path = /x; }\n7 { name = seven; }\n").toString();
        Files.createDirectory(directory.resolve("tree"));
    }

    /** What bash offers for the last of the words, each as bash takes it: "name", "=" and "value" are three. */
    private List<String> offered(String... words) {
        return offeredWith(BREAKS, words);
    }

    private List<String> offeredWith(String breaks, String... words) {
        var command = new ArrayList<>(List.of("bash", "--norc", "-ec", """
                . "$0"
                COMP_WORDBREAKS=$1
                shift
                COMP_WORDS=("$@")
                COMP_CWORD=$(($# - 1))
                function=$(complete -p "$1")
                function=${function#*-F }
                ${function% *} "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}" || :
                printf '%s\\n' "${COMPREPLY[@]}"
                """, BASH, breaks));
        command.addAll(List.of(words));
        return host.start(command, ENVIRONMENT).end().said().lines().filter(line -> !line.isEmpty()).toList();
    }

    /** What zsh offers at the end of a line that is typed on a terminal: what is listed is also written to a file. */
    private Set<String> offeredByZsh(String line) {
        return host.start(List.of("zsh", "-fec", """
                zmodload zsh/zpty
                offers=$1/offers
                zpty shell zsh -fi
                zpty -w shell "PS1=; fpath=($0 \\$fpath); autoload -Uz compinit; compinit -u -d $3/dump; compdef _jail jail jexec jls jps mkjail
                    compadd() {
                        if (( ! \\$@[(I)-[OAD]*] )); then
                            local -a offers; builtin compadd -O offers \\"\\$@\\"; print -rl -- \\$offers >>$offers
                        fi
                        builtin compadd \\"\\$@\\"
                    }
                    finish() { print >>$offers.end }; zle -N finish; bindkey '^I' list-choices '^X' finish"
                zpty -nw shell "$2"$'\\t\\x18'
                until [[ -e $offers.end ]]; do zpty -rt shell _ || sleep 0.1; done
                zpty -d shell
                cat $offers
                rm $offers $offers.end
                """, Path.of(ZSH).getParent().toString(), directory.toString(), line, shared.toString()), ENVIRONMENT).end().said().lines()
                .filter(offer -> !offer.isEmpty()).collect(Collectors.toCollection(TreeSet::new));
    }

    private Tree runWww() {
        var tree = Tree.busybox();
        host.jail("-c", "name=www", "path=" + tree, "persist").said();
        return tree;
    }

    private void endWww() {
        host.jail("-r", "www").said();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jail", "jexec", "jls", "jps", "mkjail"})
    void theFlagsAreThoseOfTheCommand(String command) {
        var usage = host.run(Host.BIN + "/" + command, "-?").errors();
        var flags = Pattern.compile("[\\[ |]-\\[?(\\w+)").matcher(usage).results()
                .flatMap(match -> match.group(1).chars().mapToObj(letter -> "-" + (char) letter))
                .collect(Collectors.toCollection(TreeSet::new));
        if (usage.contains("--libxo")) {
            flags.add("--libxo");
        }
        assertEquals(flags, new TreeSet<>(offered(command, "-")));
    }

    @Test
    void declaredJailsAndParameters() {
        assertEquals(List.of("www", "web"), offered("jail", "-f", file, "-c", "w"));
        assertEquals(List.of("www", "web"), offered("jail", "-f" + file, "-rc", "w"));
        assertEquals(List.of("7"), offered("jail", "-f", file, "-e", " ", "7"));
        assertEquals(List.of("host.hostname="), offered("jail", "-c", "host"));
        assertEquals(List.of("persist", "path="), offered("jail", "-c", "p"));
        assertEquals(List.of("allow.nomlock"), offered("jail", "-m", "name", "=", "www", "allow.nom"));
        assertTrue(offered("jail", "-cm", "").containsAll(List.of("vnet", "exec.start=", "rctl.maxproc=", "allow.mlock")));
    }

    @Test
    void valuesOfParameters() {
        assertEquals(List.of("new"), offered("jail", "-c", "vnet", "=", "n"));
        assertEquals(List.of("true", "false"), offered("jail", "-c", "persist", "="));
        assertEquals(List.of(directory + "/tree"), offered("jail", "-c", "path", "=", directory + "/"));
        assertEquals(List.of("mount.fstab=" + file), offeredWith(" \t\n", "jail", "-c", "mount.fstab=" + file.substring(0, file.length() - 2)));
        assertEquals(List.of("web,www"), offered("jail", "-f", file, "-c", "depend", "=", "web,ww"));
        assertEquals(List.of("lo"), offered("jail", "-c", "interface", "=", "l"));
        assertEquals(List.of("root"), offered("jail", "-c", "exec.system_user", "=", "roo"));
        assertEquals(List.of(), offered("jail", "-c", "host.hostname", "=", "w"));
    }

    @Test
    void fourArguments() {
        assertEquals(List.of(directory + "/tree"), offered("jail", "-n", "x", directory + "/"));
        assertEquals(List.of(), offered("jail", directory + "/tree", ""));
        assertEquals(List.of("root"), offered("jail", "-U", "roo"));
        assertEquals(List.of(file), offered("jail", "-J", file.substring(0, file.length() - 2)));
    }

    @Test
    void jailsThatRun() {
        runWww();
        var jid = host.jls("jid").said();
        for (var command : List.of(List.of("jexec", ""), List.of("jls", "-j", ""), List.of("jail", "-R", ""),
                List.of("jail", "-c", "jid", "="), List.of("jps", "-J", ""))) {
            assertEquals(List.of("www", jid), offered(command.toArray(String[]::new)), command.toString());
        }
        assertEquals(List.of("www", "web"), offered("jail", "-f", file, "-r", "w"), "each once");
        assertEquals(List.of(jid + ",www"), offered("jps", "-J", jid + ",w"));
        endWww();
    }

    /** A jail chooses the names of its files, which are nothing to be run on the host. */
    @Test
    void programsOfAJail() {
        var tree = runWww();
        tree.file("usr/bin/zz2", "").file("bin/zz1", "").file("bin/zz;reboot", "").file("bin/zz\u001b[2J", "")
                .file("bin/zz$(echo executed >&2)", "");
        assertEquals(List.of("zz1", "zz2"), offered("jexec", "-l", "www", "zz"));
        assertEquals(List.of(), offered("jexec", "www", "ls", "z"));
        assertEquals(List.of(), offered("jexec", "nosuch", "l"));
        endWww();
    }

    @Test
    void listings() {
        assertEquals(List.of("ip4.addr", "ip4.saddrsel"), offered("jls", "-n", "name", "ip4."));
        assertEquals(List.of("all", "allow.adjtime"), offered("jls", "al").subList(0, 2));
        assertEquals(List.of("json"), offered("jls", "--libxo", "=", "j"));
        assertEquals(List.of("json,pretty"), offered("jls", "--libxo", "json,p"));
    }

    @Test
    void trees() {
        assertEquals(List.of(directory + "/tree"), offered("mkjail", directory + "/"));
        assertTrue(offered("mkjail", "-n", directory + "/tree", "busybo").contains("busybox"));
        assertEquals(List.of(file), offered("mkjail", "-t", file.substring(0, file.length() - 2)));
        assertEquals(List.of(directory + "/tree"), offered("mkjail", "-t", file, directory + "/t"));
        assertEquals(List.of(), offered("mkjail", "-b", "b"));
        assertEquals(List.of(directory + "/tree"), offered("mkjail", "-b", "trixie", directory + "/t"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jail", "jexec", "jls", "jps", "mkjail"})
    void zshHasTheSameFlags(String command) {
        assertEquals(new TreeSet<>(offered(command, "-")),
                offeredByZsh(command + " -").stream().map(flag -> flag.replace("=", "")).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void zshOffersTheSame() {
        runWww();
        var jid = host.jls("jid").said();
        var declared = offeredByZsh("jail -f " + file + " -c w");
        assertTrue(declared.containsAll(List.of("www", "web")), declared.toString());
        assertEquals(Set.of("www", jid), offeredByZsh("jexec "));
        assertEquals(Set.of("new"), offeredByZsh("jail -c vnet=n"));
        assertTrue(offeredByZsh("jail -c name=x allow.noml").contains("allow.nomlock"));
        assertTrue(offeredByZsh("jexec -l www ").containsAll(List.of("busybox", "sh")));
        assertEquals(Set.of("ip4", "ip4.addr", "ip4.saddrsel"), offeredByZsh("jls -n ip4"));
        assertEquals(Set.of("json"), offeredByZsh("jls --libxo=j"));
        endWww();
    }
}
