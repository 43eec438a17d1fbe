package stockade.confine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stockade.confine.SystemCallFilter.Code;
import stockade.confine.SystemCallFilter.Sockets;
import stockade.linux.SystemCall;

/** Runs the filter as the kernel would, on calls that no kernel is asked for. */
class SystemCallFilterTest {
    private static final int ALLOW = 0x7fff0000;
    private static final int NOTIFY = 0x7fc00000;
    private static final int KILL = 0x80000000;
    private static final int EPERM = 0x00050001;
    private static final int X86_64 = 0xc000003e;
    private static final int I386 = 0x40000003;

    private static byte[] filter(Sockets sockets) {
        return SystemCallFilter.program(sockets, Code.ANY);
    }

    private static int decide(int architecture, int number, long... arguments) {
        return decide(filter(Sockets.SHARED), architecture, number, arguments);
    }

    private static int decide(byte[] filter, int architecture, int number, long... arguments) {
        var data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putInt(number).putInt(architecture).putLong(0);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        var program = ByteBuffer.wrap(filter).order(ByteOrder.LITTLE_ENDIAN);
        int accumulator = 0;
        for (int at = 0; at < program.capacity() / 8; at++) {
            int operand = program.getInt(at * 8 + 4);
            int ifTrue = program.get(at * 8 + 2) & 0xff;
            int ifFalse = program.get(at * 8 + 3) & 0xff;
            switch (program.getShort(at * 8)) {
                case 0x20 -> accumulator = data.getInt(operand);
                case 0x05 -> at += operand;
                case 0x15 -> at += accumulator == operand ? ifTrue : ifFalse;
                case 0x35 -> at += Integer.compareUnsigned(accumulator, operand) >= 0 ? ifTrue : ifFalse;
                case 0x45 -> at += (accumulator & operand) != 0 ? ifTrue : ifFalse;
                case 0x06 -> {
                    return operand;
                }
                default -> fail("instruction " + at);
            }
        }
        return fail("ran off the end");
    }

    @Test
    void ordinaryCallsAreAllowed() {
        for (int call : new int[] {SystemCall.READ, SystemCall.OPENAT, SystemCall.PREAD64, SystemCall.FORK,
            SystemCall.EXECVE, SystemCall.KILL, SystemCall.CONNECT, SystemCall.PRCTL}) {
            assertEquals(ALLOW, decide(X86_64, call), "call " + call);
        }
    }

    @Test
    void otherAbisAreKilled() {
        assertEquals(KILL, decide(I386, SystemCall.READ));
        assertEquals(KILL, decide(X86_64, 0x40000000 | SystemCall.READ));
        assertEquals(KILL, decide(X86_64, -1));
    }

    @ParameterizedTest
    @ValueSource(ints = {SystemCall.MOUNT, SystemCall.SETNS, SystemCall.BPF, SystemCall.KEYCTL, SystemCall.REBOOT,
        SystemCall.IO_URING_SETUP, SystemCall.OPEN_BY_HANDLE_AT, SystemCall.PERF_EVENT_OPEN, SystemCall.MOVE_MOUNT})
    void whatNoJailMayDoIsRefused(int call) {
        assertEquals(EPERM, decide(X86_64, call));
    }

    @ParameterizedTest
    @ValueSource(ints = {SystemCall.CLONE3, SystemCall.IO_SETUP})
    void whatProgramsDoWithoutIsNotThere(int call) {
        assertEquals(ENOSYS, decide(X86_64, call));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000})
    void eachNewNamespaceIsRefusedWhateverElseIsAsked(long flag) {
        assertEquals(EPERM, decide(X86_64, SystemCall.CLONE, flag | 17));
        assertEquals(EPERM, decide(X86_64, SystemCall.UNSHARE, flag | 0x400));
        assertEquals(EPERM, decide(X86_64, SystemCall.UNSHARE, 0xdead00000000L | flag));
    }

    @Test
    void limitsAndSchedulingOfInitAreNotForTheJail() {
        for (int call : new int[] {SystemCall.PRLIMIT64, SystemCall.SCHED_SETPARAM, SystemCall.SCHED_SETSCHEDULER,
            SystemCall.SCHED_SETATTR, SystemCall.SCHED_SETAFFINITY}) {
            assertEquals(EPERM, decide(X86_64, call, 0xdead00000001L));
            assertEquals(ALLOW, decide(X86_64, call, 0, 1));
        }
        for (int call : new int[] {SystemCall.SETPRIORITY, SystemCall.IOPRIO_SET}) {
            int process = call == SystemCall.SETPRIORITY ? 0 : 1;
            assertEquals(ALLOW, decide(X86_64, call, process, 0), "its own");
            assertEquals(EPERM, decide(X86_64, call, process, 1));
            for (int all : new int[] {process + 1, process + 2}) { // of a group, of a user
                assertEquals(EPERM, decide(X86_64, call, all, 0));
                assertEquals(EPERM, decide(X86_64, call, all, 1));
                assertEquals(ALLOW, decide(X86_64, call, all, 7));
            }
        }
    }

    @Test
    void threadsAndForksAreNotNamespaces() {
        assertEquals(ALLOW, decide(X86_64, SystemCall.CLONE, 0x3d0f00));
        assertEquals(ALLOW, decide(X86_64, SystemCall.CLONE, 0x80 | 17));
        assertEquals(EPERM, decide(X86_64, SystemCall.UNSHARE, 0x80));
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 0x7fff0000", "2, 0, 0x7fc00000", "10, 0, 0x7fc00000", "16, 0, 0x7fc00000", "16, 15, 0x7fc00000",
        "17, 0, 0x7fc00000", "40, 0, 0x7fc00000", "38, 0, 0x7fc00000"})
    void socketsByFamily(int family, int protocol, String decision) {
        assertEquals(Long.decode(decision).intValue(), decide(X86_64, SystemCall.SOCKET, family, 1, protocol));
        // the kernel takes an int: what stands above it must not hide the family
        assertEquals(Long.decode(decision).intValue(),
                decide(X86_64, SystemCall.SOCKET, 0x100000000L | family, 1, 0x500000000L | protocol));
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 0x7fff0000", "2, 0, 0x7fff0000", "10, 0, 0x7fff0000", "16, 0, 0x7fff0000", "16, 15, 0x7fc00000",
        "17, 0, 0x7fc00000", "40, 0, 0x7fc00000"})
    void socketsOfAStackOfItsOwn(int family, int protocol, String decision) {
        assertEquals(Long.decode(decision).intValue(), decide(filter(Sockets.OWN),
                X86_64, SystemCall.SOCKET, family, 1, protocol));
    }

    @Test
    void socketsDoNotTellOfTheHostsInterfaces() {
        assertEquals(ALLOW, decide(X86_64, SystemCall.IOCTL, 0, 0x890a));
        for (long request : new long[] {0x890b, 0x8914, 0x8916, 0x8924, 0x8946, 0x894c, 0x89f0, 0x8bff}) {
            assertEquals(EPERM, decide(X86_64, SystemCall.IOCTL, 0, request));
        }
        for (long request : new long[] {0x8912, 0x8915, 0x8927, 0x8970}) {
            assertEquals(NOTIFY, decide(X86_64, SystemCall.IOCTL, 0, request));
        }
        assertEquals(ALLOW, decide(X86_64, SystemCall.IOCTL, 0, 0x8c00));
    }

    @Test
    void ofInterfacesThatGoBackNothingIsChangedThatStays() {
        var filter = filter(Sockets.OWN_WITH_INTERFACES);
        for (long request : new long[] {0x8946, 0x894a, 0x8971, 0x8990, 0x8995, 0x89b0, 0x89b1, 0x89f0, 0x89ff, 0x8b00, 0x8bff}) {
            assertEquals(EPERM, decide(filter, X86_64, SystemCall.IOCTL, 0, request));
            assertEquals(ALLOW, decide(filter(Sockets.OWN), X86_64, SystemCall.IOCTL, 0, request));
        }
        for (long request : new long[] {0x890b, 0x8913, 0x8914, 0x8916, 0x8922, 0x8924, 0x8945, 0x894b, 0x8972, 0x89a2}) {
            assertEquals(ALLOW, decide(filter, X86_64, SystemCall.IOCTL, 0, request));
        }
        assertEquals(ALLOW, decide(filter, X86_64, SystemCall.SOCKET, 2, 1, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {SystemCall.CHROOT, SystemCall.SETHOSTNAME, SystemCall.SETDOMAINNAME, SystemCall.SHMGET,
        SystemCall.SEMTIMEDOP, SystemCall.MSGCTL, SystemCall.MLOCK, SystemCall.MLOCK2, SystemCall.MUNLOCKALL,
        SystemCall.SYSLOG, SystemCall.SYSCTL})
    void whatThePermissionsDecideIsAsked(int call) {
        assertEquals(NOTIFY, decide(X86_64, call));
    }

    @Test
    void listenersAreTheUshersWhereThereAreSeveralAddresses() {
        assertEquals(NOTIFY, decide(X86_64, SystemCall.BIND));
        assertEquals(ALLOW, decide(X86_64, SystemCall.LISTEN));
        assertEquals(ALLOW, decide(filter(Sockets.OWN), X86_64, SystemCall.BIND));
        assertEquals(NOTIFY, decide(filter(Sockets.SHARED_SEVERAL), X86_64, SystemCall.BIND));
        assertEquals(NOTIFY, decide(filter(Sockets.SHARED_SEVERAL), X86_64, SystemCall.LISTEN));
        assertEquals(NOTIFY, decide(filter(Sockets.SHARED_SEVERAL), X86_64, SystemCall.CONNECT));
    }

    @Test
    void memoryIsAskedForOnlyToLockIt() {
        assertEquals(ALLOW, decide(X86_64, SystemCall.MMAP, 0, 4096, 3, 0x22, -1));
        assertEquals(NOTIFY, decide(X86_64, SystemCall.MMAP, 0, 4096, 3, 0x2022, -1));
    }

    @Test
    void fileFlagsAreAskedForInBothForms() {
        assertEquals(NOTIFY, decide(X86_64, SystemCall.IOCTL, 3, 0x40086602));
        assertEquals(NOTIFY, decide(X86_64, SystemCall.IOCTL, 3, 0x401c5820));
        assertEquals(ALLOW, decide(X86_64, SystemCall.IOCTL, 3, 0x80086601L));
        assertEquals(0x00050026, decide(X86_64, SystemCall.FILE_SETATTR));
    }

    /** The filter of a chroot lets all three ABIs be and asks about chroot(2) in each. */
    @ParameterizedTest
    @CsvSource({"0xc000003e, 161, 0x7fc00000", "0xc000003e, 0x400000a1, 0x7fc00000", "0x40000003, 61, 0x7fc00000",
        "0xc000003e, 156, 0x7fc00000", "0xc000003e, 61, 0x7fff0000", "0x40000003, 161, 0x7fff0000",
        "0xc000003e, 0, 0x7fff0000", "0x40000003, 3, 0x7fff0000"})
    void chrootIsAskedAboutInEachAbi(String architecture, String number, String decision) {
        assertEquals(Long.decode(decision).intValue(),
                decide(ChrootTree.filter(), Long.decode(architecture).intValue(), Long.decode(number).intValue()));
    }

    @Test
    void terminalsTakeNoInjectedInput() {
        assertEquals(EPERM, decide(X86_64, SystemCall.IOCTL, 0, 0x5412));
        assertEquals(EPERM, decide(X86_64, SystemCall.IOCTL, 0, 0xffffffff00005412L));
        assertEquals(ALLOW, decide(X86_64, SystemCall.IOCTL, 0, 0x5413));
    }

    private static final int EACCES = 0x0005000d;
    private static final int ENOSYS = 0x00050026;

    /** In a jail of some programs, and in any other. */
    @ParameterizedTest
    @CsvSource({
        "9, 0, 4096, 4, 0x22, EACCES, ALLOW", // mmap: PROT_EXEC of MAP_ANONYMOUS
        "9, 0, 4096, 5, 0x21, EACCES, ALLOW",
        "9, 0, 4096, 5, 0x2022, EACCES, NOTIFY", // and MAP_LOCKED
        "9, 0, 4096, 7, 0x02, EACCES, ALLOW", // and PROT_WRITE
        "9, 0, 4096, 5, 0x02, ALLOW, ALLOW",
        "9, 0, 4096, 3, 0x22, ALLOW, ALLOW",
        "9, 0, 4096, 3, 0x2022, NOTIFY, NOTIFY",
        "10, 0, 4096, 5, 0, EACCES, ALLOW", // mprotect
        "10, 0, 4096, 0x01000007, 0, EACCES, ALLOW", // PROT_GROWSDOWN
        "10, 0, 4096, 3, 0, ALLOW, ALLOW",
        "329, 0, 4096, 4, 1, EACCES, ALLOW", // pkey_mprotect
        "329, 0, 4096, 1, 1, ALLOW, ALLOW",
        "30, 0, 0, 0x8000, 0, EACCES, NOTIFY", // shmat with SHM_EXEC
        "30, 0, 0, 0, 0, NOTIFY, NOTIFY",
        "135, 0x0400000, 0, 0, 0, EACCES, ALLOW", // personality, READ_IMPLIES_EXEC
        "135, 0xffffffff, 0, 0, 0, ALLOW, ALLOW",
        "135, 0x0040000, 0, 0, 0, ALLOW, ALLOW",
        "319, 0, 0, 0, 0, ENOSYS, ALLOW", // memfd_create
        "59, 0, 0, 0, 0, ALLOW, ALLOW",
        "0, 0, 0, 0, 0, ALLOW, ALLOW", "165, 0, 0, 0, 0, EPERM, EPERM", "469, 0, 0, 0, 0, ENOSYS, ENOSYS",
    })
    void codeOfFilesOnly(int call, String first, String second, String third, String fourth, String limited, String free) {
        var decisions = Map.of("ALLOW", ALLOW, "NOTIFY", NOTIFY, "EACCES", EACCES, "EPERM", EPERM, "ENOSYS", ENOSYS);
        for (var sockets : Sockets.values()) {
            for (var code : Code.values()) {
                assertEquals(decisions.get(code == Code.ANY ? free : limited), decide(SystemCallFilter.program(sockets, code),
                        X86_64, call, Long.decode(first), Long.decode(second), Long.decode(third), Long.decode(fourth)));
            }
        }
    }
}
