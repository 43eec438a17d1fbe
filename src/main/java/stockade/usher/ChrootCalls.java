package stockade.usher;

import stockade.linux.Errno;
import stockade.linux.SystemCall;
import stockade.prison.Mib;
import stockade.prison.Registry;

/** The answers to the calls of a chroot(8)'s processes: chroot(2), as the MIB has it at that moment. */
final class ChrootCalls {
    private final Mib mib;

    ChrootCalls(Mib mib) {
        this.mib = mib;
    }

    Answer answer(Call call) {
        if (call.number() == SystemCall.SYSCTL) {
            return Mib.Entry.of(call.intArgument(0)).<Answer>map(entry -> Answer.value(entry == Mib.Entry.CHILDREN_CUR
                    ? Registry.count() : mib.value(entry))).orElse(Answer.refuse(Errno.ENOENT));
        }
        int rule = mib.value(Mib.Entry.CHROOT_ALLOW_OPEN_DIRECTORIES);
        return Answer.proceedIf(rule != 0 && rule != 1 || !call.caller().keepsWayOutOfChroot(), Errno.EPERM);
    }
}
