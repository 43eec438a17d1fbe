package stockade.prison;

import java.util.ArrayList;
import java.util.List;
import stockade.linux.Bytes;
import stockade.linux.KernelException;
import stockade.prison.Mib.Setting;

/** A file of assignments, one a line, as sysctl.conf(5) describes it: # starts a comment outside quotes. */
public final class SysctlFile {
    private SysctlFile() {
    }

    /** A line that says something; the first line of a file is 1. */
    public record Line(int number, Assignment assignment) {
    }

    public static List<Line> lines(String content) {
        var lines = new ArrayList<Line>();
        int number = 0;
        for (var text : Bytes.split(content, '\n')) {
            number++;
            var assignment = Assignment.parse(withoutComment(text));
            if (!assignment.name().isEmpty() || assignment.value().isPresent()) {
                lines.add(new Line(number, assignment));
            }
        }
        return lines;
    }

    /** What a whole file sets. @throws JailException naming the file and the line of the first mistake */
    static List<Setting> parse(String file, String content) {
        var settings = new ArrayList<Setting>();
        for (var line : lines(content)) {
            try {
                settings.add(line.assignment.setting());
            } catch (JailException | KernelException e) {
                throw new JailException(file + ": " + e.getMessage() + " at line " + line.number);
            }
        }
        return settings;
    }

    private static String withoutComment(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '#') {
                return line.substring(0, i);
            }
        }
        return line;
    }
}
