package stockade.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stockade.config.Position;
import stockade.config.Setting;
import stockade.life.Parameters;
import stockade.linux.Bytes;

/**
 * A jail that a command line describes.
 *
 * @param command in the foreground, with its arguments
 * @param fourArguments whether it is by path, hostname, addresses and command
 */
record Words(List<Setting> settings, Parameters parameters, Optional<List<String>> command, boolean fourArguments) {

    /**
     * The form of four arguments: path, hostname, addresses of either family between commas, command.
     *
     * @param options what flags have said
     */
    static Words ofFourArguments(List<Setting> options, List<String> words) {
        if (words.size() < 4 || !words.get(0).startsWith("/")) {
            throw new UsageException();
        }
        var ip4 = new ArrayList<String>();
        var ip6 = new ArrayList<String>();
        for (var address : Bytes.parts(words.get(2), ',')) {
            (address.indexOf(':') >= 0 ? ip6 : ip4).add(address);
        }
        var settings = new ArrayList<>(options);
        settings.add(setting("path", List.of(words.get(0))));
        settings.add(setting("host.hostname", List.of(words.get(1))));
        settings.add(setting("ip4.addr", ip4));
        settings.add(setting("ip6.addr", ip6));
        return new Words(settings, Parameters.of(settings), Optional.of(words.subList(3, words.size())), true);
    }

    /** The form of name=value; "command" takes the rest of the words. */
    static Words of(List<Setting> options, List<String> words) {
        var settings = new ArrayList<>(options);
        for (int i = 0; i < words.size(); i++) {
            var word = words.get(i);
            if (word.startsWith("command=")) {
                var command = new ArrayList<String>();
                command.add(word.substring("command=".length()));
                command.addAll(words.subList(i + 1, words.size()));
                return new Words(settings, Parameters.of(settings), Optional.of(command), false);
            }
            int equals = word.indexOf('=');
            settings.add(equals < 0 ? setting(word, List.of())
                    : setting(word.substring(0, equals), List.of(word.substring(equals + 1))));
        }
        return new Words(settings, Parameters.of(settings), Optional.empty(), false);
    }

    private static Setting setting(String name, List<String> values) {
        return new Setting(name, values, Position.COMMAND_LINE);
    }
}
