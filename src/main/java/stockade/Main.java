package stockade;

import stockade.command.Program;
import stockade.linux.Descriptor;
import stockade.linux.Processes;

/** The entry of the one binary that is all the commands. */
public final class Main {
    private Main() {
    }

    /** The words given are only counted: TeaVM cuts them at a byte that is not of the locale's charset. */
    public static void main(String[] words) {
        int status = 1;
        try {
            Descriptor.ensureStandard();
            status = Program.main(Processes.commandLine(words.length + 1));
        } catch (Throwable e) {
            Program.complain("stockade: internal error: " + e.getClass().getName() + "\n");
        }
        Processes.exit(status);
    }
}
