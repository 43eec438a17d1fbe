package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A jail's root makes system calls that are for the host's root alone. */
class SystemCallIT {
    private static final Tree TREE = Tree.busybox();
    private static final String ADDRESS = "10.7.0.2";
    private static final int SIGSEGV = 11;
    private static final int SIGSYS = 31;
    private static final String ATTACK = Tree.probe("attack").toString();

    @RegisterExtension
    final Host host = new Host("10.7.0.1");

    private Result inJail(String attack) {
        return host.jail((Object[]) (TREE + " jail " + ADDRESS + " attack " + attack).split(" "));
    }

    private String onHost(String attack) {
        return host.run((ATTACK + " " + attack).split(" ")).said();
    }

    /** The call, its end in a jail, its end outside: "done", or an errno that is no refusal. */
    @ParameterizedTest
    @CsvSource({
        "mount, EPERM, done",
        "bind, EPERM, done",
        "umount, EPERM, done",
        "pivot_root, EPERM, EBUSY",
        "fsopen, EPERM, done",
        "open_tree, EPERM, done",
        "move_mount, EPERM, EINVAL",
        "mount_setattr, EPERM, EINVAL",
        "unshare 0x00020000, EPERM, done", // mount
        "unshare 0x02000000, EPERM, done", // cgroup
        "unshare 0x04000000, EPERM, done", // uts
        "unshare 0x08000000, EPERM, done", // ipc
        "unshare 0x10000000, EPERM, done", // user
        "unshare 0x20000000, EPERM, done", // pid
        "unshare 0x40000000, EPERM, done", // network
        "unshare 0x00000080, EPERM, done", // time
        "clone 0x00020000, EPERM, done",
        "clone 0x02000000, EPERM, done",
        "clone 0x04000000, EPERM, done",
        "clone 0x08000000, EPERM, done",
        "clone 0x10000000, EPERM, done",
        "clone 0x20000000, EPERM, done",
        "clone 0x40000000, EPERM, done",
        "clone3, ENOSYS, done",
        "setns, EPERM, done",
        "mknod, EPERM, done",
        "settimeofday, EPERM, done",
        "adjtimex, EPERM, done",
        "bpf, EPERM, done",
        "keyctl, EPERM, done",
        "add_key, EPERM, done",
        "request_key, EPERM, done",
        "userfaultfd, EPERM, done",
        "perf_event_open, EPERM, done",
        "open_by_handle_at, EPERM, done",
        "io_uring_setup, EPERM, done",
        "fanotify_init, EPERM, done",
        "ioctl 0x50009401, EPERM, ENOTTY", // btrfs: SNAP_CREATE and kin
        "ioctl 0x50009417, EPERM, ENOTTY",
        "ioctl 0x5000940e, EPERM, ENOTTY",
        "ioctl 0x50009418, EPERM, ENOTTY",
        "ioctl 0x4008941a, EPERM, ENOTTY",
        "ioctl 0x5000940f, EPERM, ENOTTY",
        "ioctl 0x5000943f, EPERM, ENOTTY",
        "tiocsti, EPERM, done",
        "syslog, EPERM, done",
        "reboot, EPERM, EINVAL",
        "swapon, EPERM, ENOENT",
        "shmget, ENOSYS, done",
        "msgget, ENOSYS, done",
        "semget, ENOSYS, done",
    })
    void systemCall(String attack, String inJail, String outside) {
        assertEquals(outside, onHost(attack));
        assertEquals(inJail, inJail(attack).said());
    }

    /** Calls that not every kernel has: without them they fail for that reason, and never for want of a right. */
    @ParameterizedTest
    @ValueSource(strings = {"init_module", "delete_module", "kexec_load", "iopl", "quotactl"})
    void systemCallThatTheKernelMayLack(String attack) {
        assertNotEquals("EPERM", onHost(attack));
        assertEquals("EPERM", inJail(attack).said());
    }

    private void assertKills(String attack, int signal) {
        assertEquals(128 + signal, inJail(attack).status());
    }

    /** A kernel without programs of 32 bits has no such interrupt for anybody. */
    @Test
    void callsOf32BitsKill() {
        if (Host.has32Bits()) {
            assertEquals("done", onHost("int80"));
            assertKills("int80", SIGSYS);
        } else {
            assertEquals(128 + SIGSEGV, host.run(ATTACK, "int80").status());
            assertKills("int80", SIGSEGV);
        }
    }

    @Test
    void callsOfX32Kill() {
        assertEquals("ENOSYS", onHost("x32"));
        assertKills("x32", SIGSYS);
    }

    @Test
    void ordinaryProcessesAndThreadsStillStart() {
        assertEquals("done", inJail("clone 0").said());
        assertEquals("done", inJail("unshare 0x400").said()); // CLONE_FILES
    }
}
