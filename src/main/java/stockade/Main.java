package stockade;

import stockade.command.Program;
import stockade.linux.Descriptor;
import stockade.linux.Processes;

/** The entry of the one binary that is all the commands. */
public final class Main {
    private Main() {
    }

    /** There is nothing in what is given: see scripts/link. */
    public static void main(String[] unused) {
        int status = 1;
        try {
            Descriptor.ensureStandard();
            status = Program.main(Processes.commandLine());
        } catch (Throwable e) {
            Program.complain("stockade: internal error: " + e.getClass().getName() + "\n");
        }
        Processes.exit(status);
    }
}
