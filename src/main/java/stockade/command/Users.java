package stockade.command;

import java.util.Optional;
import stockade.prison.JailException;
import stockade.role.Account;
import stockade.role.Command;

/** Whom -u and -U name. */
final class Users {
    private Users() {
    }

    /** -u names a user of the host, who is looked up before anything is done; -U one of the jail. */
    static Command.User of(Optional<String> hostUser, Optional<String> jailUser) {
        if (jailUser.isPresent()) {
            return new Command.User.OfJail(jailUser.get());
        }
        if (hostUser.isPresent()) {
            return new Command.User.OfHost(Account.find(hostUser.get())
                    .orElseThrow(() -> new JailException(hostUser.get() + ": no such user")));
        }
        return new Command.User.Root();
    }
}
