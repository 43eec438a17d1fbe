package stockade.command;

import java.util.List;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;
import stockade.tree.TreeMaker;

/** mkjail(8): makes the trees that jails and chroots have as their root. */
final class MkjailCommand {
    private MkjailCommand() {
    }

    static int run(List<String> words) {
        var options = new Options("mkjail", words, "Hln");
        boolean links = false;
        boolean list = false;
        boolean preview = false;
        for (char option; (option = options.next()) != 0;) {
            switch (option) {
                case 'H' -> links = true;
                case 'l' -> list = true;
                default -> preview = true;
            }
        }
        var operands = options.rest();
        if (list) {
            if (links || preview || operands.isEmpty()) {
                throw new UsageException();
            }
            return list(operands);
        }
        if (operands.size() < 2) {
            throw new UsageException();
        }
        var path = TreeMaker.absolute(operands.get(0));
        var programs = operands.subList(1, operands.size());
        if (preview) {
            TreeMaker.preview(path, programs).forEach(step -> Descriptor.STDOUT.write(Program.printable(step) + "\n"));
            return 0;
        }
        Program.requireRoot("mkjail");
        Files.umask(0);
        TreeMaker.make(path, programs, links);
        return 0;
    }

    private static int list(List<String> programs) {
        int status = 0;
        for (var program : programs) {
            try {
                var needs = TreeMaker.list(program);
                Descriptor.STDOUT.write((programs.size() > 1 ? Program.printable(program) + ":\n" : "") + needs);
            } catch (KernelException | JailException e) {
                Program.complain("mkjail: " + Program.printable(e.getMessage()) + "\n");
                status = 1;
            }
        }
        return status;
    }
}
