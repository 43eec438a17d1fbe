package stockade.confine;

import stockade.linux.Errno;
import stockade.linux.FileFlags;
import stockade.linux.InetSocket;
import stockade.linux.InterfaceRequest;
import stockade.linux.Processes;
import stockade.linux.Seccomp;
import stockade.linux.SystemCall;
import stockade.prison.Jail;

/**
 * The system calls that no process of a jail may make, and those that the usher answers. All that is
 * not named here is left to the kernel's own checks against the jail's user namespace, and the filter is not
 * even run for it: the kernel caches that such a call is always allowed (kernel/seccomp.c, since 5.11).
 */
public final class SystemCallFilter {
    private static final int NEW_NAMESPACE = Processes.CLONE_NEWNS | Processes.CLONE_NEWCGROUP | Processes.CLONE_NEWUTS
            | Processes.CLONE_NEWIPC | Processes.CLONE_NEWUSER | Processes.CLONE_NEWPID | Processes.CLONE_NEWNET;

    /**
     * Of btrfs (include/uapi/linux/btrfs.h): SNAP_CREATE, SNAP_CREATE_V2, SUBVOL_CREATE, SUBVOL_CREATE_V2, SUBVOL_SETFLAGS, SNAP_DESTROY,
     * SNAP_DESTROY_V2. A snapshot is of a whole subvolume, and whether it is the caller's is asked of the mount that it is to be made in, by
     * which the jail's root has whatever is the disk's root's (fs/btrfs/ioctl.c, 6.18).
     */
    private static final int[] OF_SUBVOLUMES = {0x50009401, 0x50009417, 0x5000940e, 0x50009418, 0x4008941a, 0x5000940f, 0x5000943f};
    /** The older name of a packet socket: socket(2) takes AF_INET with this type for AF_PACKET (net/socket.c, __sock_create). */
    private static final int SOCK_PACKET = 10;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int SOCK_NONBLOCK = 04000;
    private static final int TIOCSTI = 0x5412;
    private static final int TIOCLINUX = 0x541c;
    private static final int TIOCSETD = 0x5423;
    private static final int TIOCCONS = 0x541d;
    /** Routes, interfaces, drivers (linux/sockios.h, wireless.h): a socket handed in would tell of the host's, or change it. */
    private static final int FIRST_ROUTE_IOCTL = 0x890b;
    private static final int LAST_INTERFACE_IOCTL = 0x8bff;

    /** First and last of those that change of a device what nothing gives back (linux/sockios.h, wireless.h). */
    private static final int[][] DEVICE_IOCTLS = {
        {0x8946, 0x894a}, // ethtool, MII registers, WAN
        {0x8971, 0x8971}, // SIOCSIFMAP
        {0x8990, 0x8995}, // bonding
        {0x89b0, 0x89b1}, // hardware time stamps
        {0x89f0, 0x89ff}, // SIOCDEVPRIVATE: as each driver likes
        {0x8b00, 0x8bff}, // wireless
    };

    /** The jail's init, whose user its root is: there is no other pid namespace in a jail. */
    private static final int INIT = 1;

    /** What changes limits and scheduling of another process: of those that its first argument says. */
    private static final int[] OF_A_PROCESS = {SystemCall.PRLIMIT64, SystemCall.SCHED_SETPARAM, SystemCall.SCHED_SETSCHEDULER,
        SystemCall.SCHED_SETATTR, SystemCall.SCHED_SETAFFINITY};

    private static final int PRIO_PGRP = 1;
    private static final int PRIO_USER = 2;
    private static final int IOPRIO_WHO_PGRP = 2;
    private static final int IOPRIO_WHO_USER = 3;

    private static final int NETLINK_ROUTE = 0;
    private static final int MAP_LOCKED = 0x2000;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int SHM_EXEC = 0100000;
    private static final int PTRACE_POKETEXT = 4;
    private static final int PTRACE_POKEDATA = 5;
    private static final int READ_IMPLIES_EXEC = 0x0400000;
    /** As an argument of personality(2). */
    private static final int ASK_PERSONALITY = -1;

    /** Never: other mounts and namespaces, the kernel itself, its clocks and keys, handles that skip a path. */
    private static final int[] NOT_PERMITTED = {
        SystemCall.MOUNT, SystemCall.UMOUNT2, SystemCall.PIVOT_ROOT, SystemCall.OPEN_TREE, SystemCall.OPEN_TREE_ATTR,
        SystemCall.MOVE_MOUNT, SystemCall.FSOPEN, SystemCall.FSCONFIG, SystemCall.FSMOUNT, SystemCall.FSPICK,
        SystemCall.MOUNT_SETATTR, SystemCall.SETNS, SystemCall.INIT_MODULE, SystemCall.FINIT_MODULE,
        SystemCall.DELETE_MODULE, SystemCall.KEXEC_LOAD, SystemCall.KEXEC_FILE_LOAD, SystemCall.BPF,
        SystemCall.PERF_EVENT_OPEN, SystemCall.USERFAULTFD, SystemCall.ADD_KEY, SystemCall.REQUEST_KEY,
        SystemCall.KEYCTL, SystemCall.REBOOT, SystemCall.SWAPON, SystemCall.SWAPOFF, SystemCall.ACCT,
        SystemCall.QUOTACTL, SystemCall.QUOTACTL_FD, SystemCall.IOPL, SystemCall.IOPERM, SystemCall.SETTIMEOFDAY,
        SystemCall.CLOCK_SETTIME, SystemCall.VHANGUP, SystemCall.OPEN_BY_HANDLE_AT,
        SystemCall.FANOTIFY_INIT, SystemCall.MOVE_PAGES, SystemCall.MODIFY_LDT,
        // its IORING_OP_SOCKET would go round the socket families below
        SystemCall.IO_URING_SETUP, SystemCall.IO_URING_ENTER, SystemCall.IO_URING_REGISTER,
    };

    /**
     * As on a kernel without them, so that programs fall back to what a filter can see: to clone with its flags in a
     * register, to the ioctls for a file's flags, from asynchronous to ordinary reading and writing. That has 65536 slots
     * (fs.aio-max-nr) for the whole machine, which no user's limit keeps: one process of a jail could take them all.
     */
    private static final int[] NOT_THERE = {SystemCall.CLONE3, SystemCall.FILE_SETATTR, SystemCall.IO_SETUP};

    /** What the usher decides whatever the arguments. */
    private static final int[] ASKED = {
        SystemCall.SHMGET, SystemCall.SHMAT, SystemCall.SHMCTL, SystemCall.SHMDT, SystemCall.MSGGET, SystemCall.MSGSND,
        SystemCall.MSGRCV, SystemCall.MSGCTL, SystemCall.SEMGET, SystemCall.SEMOP, SystemCall.SEMCTL,
        SystemCall.SEMTIMEDOP, SystemCall.MLOCK, SystemCall.MLOCK2, SystemCall.MLOCKALL, SystemCall.MUNLOCK,
        SystemCall.MUNLOCKALL, SystemCall.MEMFD_SECRET, SystemCall.SETHOSTNAME, SystemCall.SETDOMAINNAME,
        SystemCall.CHROOT, SystemCall.SYSLOG,
    };

    private SystemCallFilter() {
    }

    /** Whose the internet sockets of a jail are. */
    enum Sockets {
        /** The host's, by way of the usher, who has a say in bind(2). */
        SHARED,
        /** Likewise, and in listen(2) and connect(2). */
        SHARED_SEVERAL,
        /** The jail's own. */
        OWN,
        /** Likewise, and interfaces of the host's are among what they reach. */
        OWN_WITH_INTERFACES;

        static Sockets of(Jail jail) {
            return !jail.interfaces().isEmpty() ? OWN_WITH_INTERFACES
                    : jail.vnet() ? OWN
                    : jail.steered() ? SHARED_SEVERAL : SHARED;
        }
    }

    /** Where a jail's machine code comes from. */
    enum Code {
        /** Anywhere. */
        ANY,
        /**
         * Files only, and none but those that are on mounts for it and that nobody can write to: no memory can be made
         * executable. Without this the dynamic loader runs any file, whatever the mount, whose code is made by
         * relocations in memory that the file asks for (a segment of no bytes, PF_X).
         */
        OF_FILES;

        static Code of(Jail jail) {
            return jail.limitsPrograms() ? OF_FILES : ANY;
        }
    }

    static byte[] program(Sockets sockets, Code code) {
        boolean own = sockets == Sockets.OWN || sockets == Sockets.OWN_WITH_INTERFACES;
        var filter = new FilterProgram();
        for (int call : NOT_PERMITTED) {
            filter.onCall(call, FilterProgram.refuse(Errno.EPERM));
        }
        for (int call : NOT_THERE) {
            filter.onCall(call, FilterProgram.refuse(Errno.ENOSYS));
        }
        for (int call : ASKED) {
            filter.onCall(call, FilterProgram.ASK_USHER);
        }
        for (int call : OF_A_PROCESS) {
            filter.equal(0, INIT, FilterProgram.refuse(Errno.EPERM)).endCall(call);
        }
        keepPriority(filter, SystemCall.SETPRIORITY, PRIO_PGRP, PRIO_USER);
        keepPriority(filter, SystemCall.IOPRIO_SET, IOPRIO_WHO_PGRP, IOPRIO_WHO_USER);
        if (code == Code.OF_FILES) {
            keepCodeToFiles(filter);
        }
        if (!own) {
            filter.onCall(SystemCall.BIND, FilterProgram.ASK_USHER);
            filter.equal(2, InetSocket.IPV6_V6ONLY, FilterProgram.ASK_USHER) // of whatever level
                    .unequal(1, InetSocket.SOL_SOCKET, FilterProgram.ALLOW)
                    .equal(2, InetSocket.SO_REUSEADDR, FilterProgram.ASK_USHER)
                    .equal(2, InetSocket.SO_REUSEPORT, FilterProgram.ASK_USHER).endCall(SystemCall.SETSOCKOPT);
        }
        if (sockets == Sockets.SHARED_SEVERAL) {
            filter.onCall(SystemCall.LISTEN, FilterProgram.ASK_USHER).onCall(SystemCall.CONNECT, FilterProgram.ASK_USHER);
        }
        for (int call : new int[] {SystemCall.CLONE, SystemCall.UNSHARE}) {
            int timeToo = call == SystemCall.UNSHARE ? Processes.CLONE_NEWTIME : 0; // in clone(2) it is a signal's bit
            filter.anyBit(0, NEW_NAMESPACE | timeToo, FilterProgram.refuse(Errno.EPERM)).endCall(call);
        }
        for (int request : new int[] {TIOCSTI, TIOCLINUX, TIOCSETD, TIOCCONS}) {
            filter.equal(1, request, FilterProgram.refuse(Errno.EPERM));
        }
        for (int request : OF_SUBVOLUMES) {
            filter.equal(1, request, FilterProgram.refuse(Errno.EPERM));
        }
        for (int request : new int[] {FileFlags.FS_IOC_SETFLAGS, FileFlags.FS_IOC_FSSETXATTR}) {
            filter.equal(1, request, FilterProgram.ASK_USHER);
        }
        if (sockets == Sockets.OWN_WITH_INTERFACES) {
            for (var range : DEVICE_IOCTLS) {
                filter.between(1, range[0], range[1], FilterProgram.refuse(Errno.EPERM));
            }
        }
        if (!own) {
            for (int request : InterfaceRequest.ALL) {
                filter.equal(1, request, FilterProgram.ASK_USHER);
            }
            filter.between(1, FIRST_ROUTE_IOCTL, LAST_INTERFACE_IOCTL, FilterProgram.refuse(Errno.EPERM));
        }
        filter.endCall(SystemCall.IOCTL);
        filter.equal(0, Seccomp.IS_SUPERVISED, FilterProgram.refuse(Seccomp.SUPERVISED))
                .otherwise(FilterProgram.ASK_USHER, SystemCall.SYSCTL);
        if (code == Code.OF_FILES) {
            filter.bothBits(2, PROT_EXEC, 3, MAP_ANONYMOUS, FilterProgram.refuse(Errno.EACCES))
                    .bothBits(2, PROT_EXEC, 2, PROT_WRITE, FilterProgram.refuse(Errno.EACCES));
        }
        filter.anyBit(3, MAP_LOCKED, FilterProgram.ASK_USHER).endCall(SystemCall.MMAP);
        filter.equal(0, InetSocket.AF_UNIX, FilterProgram.ALLOW);
        if (own) {
            for (int flags : new int[] {0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | SOCK_NONBLOCK}) {
                filter.bothEqual(0, InetSocket.AF_INET, 1, SOCK_PACKET | flags, FilterProgram.refuse(Errno.EPERM));
            }
            filter.equal(0, InetSocket.AF_INET, FilterProgram.ALLOW).equal(0, InetSocket.AF_INET6, FilterProgram.ALLOW)
                    .unequal(0, InetSocket.AF_NETLINK, FilterProgram.ASK_USHER)
                    .unequal(2, NETLINK_ROUTE, FilterProgram.ASK_USHER)
                    .endCall(SystemCall.SOCKET);
        } else {
            filter.otherwise(FilterProgram.ASK_USHER, SystemCall.SOCKET);
        }
        filter.unequal(0, InetSocket.AF_UNIX, FilterProgram.ASK_USHER).endCall(SystemCall.SOCKETPAIR);
        return filter.assemble();
    }

    /** Init's priority: by its number, or with all of the caller's group or user (0), which are init's as well. */
    private static void keepPriority(FilterProgram filter, int call, int group, int user) {
        int refused = FilterProgram.refuse(Errno.EPERM);
        filter.equal(1, INIT, refused).bothEqual(0, group, 1, 0, refused).bothEqual(0, user, 1, 0, refused).endCall(call);
    }

    /**
     * No memory becomes executable that was not, but by mmap(2) of a file, which the mount has to allow. A file in memory
     * is on none; there are none, as on a kernel without them. EACCES is what SELinux says here (execmem), so programs
     * know it. Nor is there ptrace(2) to write with, which goes into read-only pages, too (FOLL_FORCE): those of code.
     */
    private static void keepCodeToFiles(FilterProgram filter) {
        int refused = FilterProgram.refuse(Errno.EACCES);
        filter.onCall(SystemCall.MEMFD_CREATE, FilterProgram.refuse(Errno.ENOSYS));
        filter.anyBit(2, PROT_EXEC, refused).endCall(SystemCall.MPROTECT);
        filter.anyBit(2, PROT_EXEC, refused).endCall(SystemCall.PKEY_MPROTECT);
        filter.equal(0, PTRACE_POKETEXT, refused).equal(0, PTRACE_POKEDATA, refused).endCall(SystemCall.PTRACE);
        filter.anyBit(2, SHM_EXEC, refused).otherwise(FilterProgram.ASK_USHER, SystemCall.SHMAT);
        filter.equal(0, ASK_PERSONALITY, FilterProgram.ALLOW).anyBit(0, READ_IMPLIES_EXEC, refused)
                .endCall(SystemCall.PERSONALITY);
    }
}
