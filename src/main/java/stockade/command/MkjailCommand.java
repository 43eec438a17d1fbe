package stockade.command;

import java.util.List;
import stockade.linux.Descriptor;
import stockade.linux.Printable;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;
import stockade.tree.TreeMaker;

/** mkjail(8): makes the trees that jails and chroots have as their root. */
final class MkjailCommand {
    private MkjailCommand() {
    }

    /** What kind of tree is asked for, by a flag that excludes the others. */
    private enum Kind {
        OF_PROGRAMS, LIST, BOOTSTRAP, ARCHIVE
    }

    static int run(List<String> words) {
        var options = new Options("mkjail", words, "bHlnt:");
        var kind = Kind.OF_PROGRAMS;
        var archive = "";
        boolean links = false;
        boolean preview = false;
        for (char option; (option = options.next()) != 0;) {
            switch (option) {
                case 'H' -> links = true;
                case 'n' -> preview = true;
                default -> {
                    if (kind != Kind.OF_PROGRAMS) {
                        throw new UsageException();
                    }
                    kind = option == 'l' ? Kind.LIST : option == 'b' ? Kind.BOOTSTRAP : Kind.ARCHIVE;
                    archive = option == 't' ? options.value() : archive;
                }
            }
        }
        var operands = options.rest();
        if (kind != Kind.OF_PROGRAMS && (links || preview)) {
            throw new UsageException();
        }
        return switch (kind) {
            case OF_PROGRAMS -> make(operands, links, preview);
            case LIST -> list(atLeast(1, operands));
            case BOOTSTRAP -> {
                var path = path(atLeast(2, atMost(3, operands)).get(1));
                TreeMaker.bootstrap(operands.get(0), path, operands.stream().skip(2).findFirst());
                yield 0;
            }
            case ARCHIVE -> {
                TreeMaker.unpack(archive, path(atLeast(1, atMost(1, operands)).get(0)));
                yield 0;
            }
        };
    }

    private static List<String> atLeast(int count, List<String> operands) {
        if (operands.size() < count) {
            throw new UsageException();
        }
        return operands;
    }

    private static List<String> atMost(int count, List<String> operands) {
        if (operands.size() > count) {
            throw new UsageException();
        }
        return operands;
    }

    /** Where a tree is to be. */
    private static String path(String operand) {
        Program.requireRoot(operand);
        Files.umask(022);
        return TreeMaker.absolute(operand);
    }

    private static int make(List<String> operands, boolean links, boolean preview) {
        var programs = atLeast(2, operands).subList(1, operands.size());
        if (preview) {
            TreeMaker.preview(TreeMaker.absolute(operands.get(0)), programs, links,
                    step -> Descriptor.STDOUT.write(Printable.line(step) + "\n"));
        } else {
            TreeMaker.make(path(operands.get(0)), programs, links);
        }
        return 0;
    }

    private static int list(List<String> programs) {
        int status = 0;
        for (var program : programs) {
            try {
                var needs = TreeMaker.list(program);
                Descriptor.STDOUT.write((programs.size() > 1 ? Printable.line(program) + ":\n" : "") + needs);
            } catch (KernelException | JailException e) {
                Program.complain("mkjail: " + Printable.line(e.getMessage()) + "\n");
                status = 1;
            }
        }
        return status;
    }
}
