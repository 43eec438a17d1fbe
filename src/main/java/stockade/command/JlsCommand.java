package stockade.command;

import java.util.List;
import java.util.Optional;
import stockade.command.jls.Columns;
import stockade.command.jls.Encoding;
import stockade.command.jls.Form;
import stockade.command.jls.Output;
import stockade.command.jls.Repetition;
import stockade.command.jls.Summary;
import stockade.command.jls.Table;
import stockade.linux.Descriptor;
import stockade.linux.KernelException;
import stockade.prison.JailException;
import stockade.prison.Listed;
import stockade.prison.Parameter;
import stockade.prison.Registry;
import stockade.prison.Survey;
import stockade.role.Undertaker;

/** jls(8): lists jails. */
final class JlsCommand {
    private Optional<String> only = Optional.empty();
    private boolean check;
    private boolean names;
    private boolean titled;
    private boolean named;
    private boolean quoted;
    private boolean repeatable;
    private boolean verbose;

    private JlsCommand() {
    }

    static int run(List<String> words) {
        var commandLine = Encoding.parse(words);
        var command = new JlsCommand();
        var options = new Options("jls", commandLine.rest(), "acdhj:Nnqsv");
        for (char option; (option = options.next()) != 0;) {
            command.take(option, options);
        }
        return command.list(options.rest(), commandLine.encoding());
    }

    /** Of options that exclude each other the last one counts, as with FreeBSD's. */
    private void take(char option, Options options) {
        switch (option) {
            case 'c' -> check = true;
            case 'h' -> {
                titled = true;
                repeatable = false;
                verbose = false;
            }
            case 'j' -> only = Optional.of(options.value());
            case 'N' -> names = true;
            case 'n' -> {
                named = true;
                verbose = false;
            }
            case 'q' -> quoted = true;
            case 's' -> {
                named = true;
                quoted = true;
                repeatable = true;
                titled = false;
                verbose = false;
            }
            case 'v' -> {
                verbose = true;
                titled = false;
                named = false;
                repeatable = false;
            }
            default -> { // -a and -d are about dying jails, which there are not
            }
        }
    }

    private int list(List<String> labels, Encoding encoding) {
        if (check && only.isEmpty()) {
            throw new JailException("-j jail to check must be provided for -c");
        }
        var form = form(labels);
        Program.requireRoot("jail_get");
        if (check) {
            return Registry.find(only.get()).isPresent() ? 0 : 1;
        }
        Output out = (bytes, length) -> Descriptor.STDOUT.write(bytes, 0, length);
        if (only.isPresent()) {
            listOne(only.get(), form, encoding, out);
            return 0;
        }
        var survey = Survey.take();
        if (!survey.dead().isEmpty()) {
            Undertaker.buryDead();
        }
        form.list(survey, encoding, out);
        return 0;
    }

    private Form form(List<String> labels) {
        if (labels.isEmpty() && !titled && !named) {
            return verbose ? new Summary() : new Table(names);
        }
        var all = repeatable ? Repetition.parameters() : Parameter.told();
        var parameters = labels.isEmpty() || labels.contains("all") ? all
                : labels.stream().distinct().map(Parameter::of).toList();
        return new Columns(parameters, titled, named, quoted, repeatable);
    }

    private static void listOne(String jail, Form form, Encoding encoding, Output out) {
        var found = Registry.find(jail).orElseThrow(() -> JexecCommand.notFound(jail));
        try {
            form.list(look -> look.accept(new Listed(found, true)), encoding, out);
        } catch (KernelException e) {
            throw Registry.find(jail).isEmpty() ? JexecCommand.notFound(jail) : e; // it has just ended
        }
    }
}
