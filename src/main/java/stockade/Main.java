package stockade;

import stockade.command.Program;
import stockade.linux.Bytes;
import stockade.linux.Descriptor;
import stockade.linux.Processes;

/** The entry of the one binary that is all the commands. */
public final class Main {
    private Main() {
    }

    /** The arguments given are not used: TeaVM's are cut at a byte that is not of the locale's charset. */
    public static void main(String[] unused) {
        int status = 1;
        try {
            Descriptor.ensureStandard();
            status = Program.main(Bytes.splitAtNul(Processes.commandLine()));
        } catch (Throwable e) {
            Program.complain("stockade: internal error: " + e.getClass().getName() + "\n");
        }
        Processes.exit(status);
    }
}
