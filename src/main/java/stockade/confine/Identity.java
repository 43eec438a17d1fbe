package stockade.confine;

import java.util.List;
import stockade.linux.Credentials;
import stockade.linux.Descriptor;
import stockade.linux.Files;
import stockade.prison.Jid;

/** Who a jail's users are: inside 0 to 65535, to the host the pair (uid, jid) in one number. */
public final class Identity {
    private Identity() {
    }

    /** For the warden: maps the users and groups of a process that is alone in its new user namespace. */
    public static void map(int pid, Jid jid) {
        Files.write("/proc/" + pid + "/uid_map", jid.idMap());
        Files.write("/proc/" + pid + "/gid_map", jid.idMap());
    }

    public static Descriptor userNamespace(int pid) {
        return Files.open("/proc/" + pid + "/ns/user", Files.O_RDONLY);
    }

    static void becomeRootOfJail() {
        Credentials.become(0, 0, List.of());
    }
}
