package stockade.confine;

import stockade.linux.Bytes;
import stockade.linux.Files;
import stockade.linux.KernelException;
import stockade.prison.JailException;
import stockade.prison.Resource;
import stockade.prison.ResourceLimits;

/** The limits of System V IPC, by sysctls of an ipc namespace: whoever opens them sees their own (Linux 5.19 lets them be set). */
final class IpcLimits {
    private static final String SYSCTLS = "/proc/sys/kernel/";
    private static final long PAGE = 4096;

    private IpcLimits() {
    }

    /** Sets those of this process's namespace. To be done while the host's /proc is there, whose /proc/sys can be written. */
    static void set(ResourceLimits limits) {
        for (var resource : limits.amounts().keySet()) {
            if (resource.means() instanceof Resource.Means.Ipc(String sysctl, int field)) {
                limits.amount(resource).ifPresent(amount -> set(resource, sysctl, field, amount));
            }
        }
    }

    private static void set(Resource resource, String sysctl, int field, long amount) {
        long number = resource == Resource.SHMSIZE ? amount / PAGE : amount;
        try {
            Files.write(SYSCTLS + sysctl, with(Files.read(SYSCTLS + sysctl), field, number));
        } catch (KernelException e) {
            throw new JailException(resource.label() + ": " + e.getMessage());
        }
    }

    /** The numbers of a sysctl with another in the place of one. */
    static String with(String numbers, int field, long number) {
        var changed = new StringBuilder();
        int at = 0;
        for (var word : Bytes.split(numbers.replace('\n', '\t'), '\t')) {
            if (!word.isEmpty()) {
                changed.append(at == field ? Long.toString(number) : word).append('\t');
                at++;
            }
        }
        return changed.toString();
    }
}
