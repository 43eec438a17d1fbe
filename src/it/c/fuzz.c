/*
 * fuzz SEED SECONDS: makes system calls of all numbers with hostile arguments, from processes that are replaced as
 * they die or hang, and says at the end how many were made. With the same seed the calls are the same, their timing apart.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 4
#define CALLS 2000        /* by one worker */
#define LIFE 3            /* of one worker, in seconds */
#define PAGE 4096L

static uint64_t state;

static uint64_t next(void) { /* splitmix64 */
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static long below(long n) {
    return (long) (next() % (uint64_t) n);
}

static const char *const PATHS[] = {
    "/", ".", "..", "../../../../../..", "/proc/1/root/", "/proc/1/cwd", "/proc/self/exe", "/proc/self/mem", "/proc/1/mem",
    "/proc/self/root/..", "/proc/self/ns/user", "/proc/1/ns/mnt", "/proc/1/ns/net", "/proc/self/attr/current",
    "/proc/self/oom_score_adj", "/proc/self/uid_map", "/proc/self/setgroups", "/proc/1/environ", "/proc/sysrq-trigger",
    "/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/vm/drop_caches",
    "/proc/sys/net/ipv4/ip_forward", "/proc/sys/fs/binfmt_misc/register", "/proc/kcore", "/proc/kallsyms", "/proc/keys",
    "/proc/mounts", "/proc/self/mountinfo", "/sys", "/sys/fs/cgroup/release_agent", "/sys/kernel/uevent_helper",
    "/dev/null", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts/0", "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/shm/x", "/tmp/x",
    "/tmp/y", "/tmp/link", "/tmp/fifo", "/tmp/socket", "/tmp/../../x", "/etc/passwd", "/bin/busybox", "/run/stockade", "",
    "/proc/self/fd/0", "/proc/self/fd/9", "/proc/thread-self/attr/exec", "tmpfs", "proc", "overlay", "cgroup2", "user.x",
    "security.capability", "system.posix_acl_access", "trusted.overlay.opaque",
};

static const long NUMBERS[] = {
    0, 1, 2, 3, 4, 5, 7, 8, 10, 16, 17, 31, 32, 64, 100, 127, 128, 255, 256, 511, 512, 1000, 1024, 4095, 4096, 65535,
    65536, 0x10000000, 0x20000000, 0x40000000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, -1, -2, -9,
    -100 /* AT_FDCWD */, -4096, 0x800 /* O_NONBLOCK */, 0x80000 /* O_CLOEXEC */, 0x1000 /* AT_EMPTY_PATH */, 0x02000000,
    0x04000000, 0x08000000 /* CLONE_NEW… */, 0x00020000, 0x5411, 0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */, 0x8933 /* SIOCGIFINDEX */,
    0x8914 /* SIOCSIFFLAGS */, 0x8915, 0x8916, 0x890b, 0x89f0, 0xc0502100 /* SECCOMP_IOCTL_NOTIF_RECV */, 0xb701 /* NS_GET_USERNS */,
    0x40086602 /* FS_IOC_SETFLAGS */, 0xaa /* UFFDIO */, AF_UNIX, AF_INET6, AF_NETLINK, AF_PACKET, SOL_SOCKET, IPPROTO_TCP, IPPROTO_IPV6,
    0xfee1dead, 672274793 /* reboot(2) */, 0x19980330, 0x20080522 /* capset(2) */,
};

/* Kinds of descriptors, each opened anew by each worker. */
static int descriptors[32];
static int count;

static void have(int descriptor) {
    if (descriptor >= 0 && count < 32) {
        descriptors[count++] = descriptor;
    }
}

static void open_all(void) {
    int pair[2];
    have(0);
    have(open("/", O_RDONLY | O_DIRECTORY));
    have(open("/tmp", O_PATH));
    have(open("/tmp/x", O_RDWR | O_CREAT, 0644));
    have(open("/proc/self/status", O_RDONLY));
    have(open("/proc/self/ns/net", O_RDONLY));
    have(open("/proc/1", O_RDONLY));
    have(open("/dev/null", O_RDWR));
    have(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    have(open("/bin/busybox", O_RDONLY));
    have(socket(AF_INET, SOCK_STREAM, 0));
    have(socket(AF_INET, SOCK_DGRAM, 0));
    have(socket(AF_INET6, SOCK_STREAM, 0));
    have(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    have(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    have(socket(AF_UNIX, SOCK_DGRAM, 0));
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0) {
        have(pair[0]);
        have(pair[1]);
    }
    if (pipe2(pair, O_NONBLOCK) == 0) {
        have(pair[0]);
        have(pair[1]);
    }
    have(eventfd(0, EFD_NONBLOCK));
    have(epoll_create1(0));
    have(inotify_init1(IN_NONBLOCK));
    have(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    have(memfd_create("fuzz", MFD_ALLOW_SEALING));
    have((int) syscall(SYS_pidfd_open, getpid(), 0));
}

/* Memory that calls read and write: its last page can't be touched. */
static unsigned char *memory;
#define MEMORY (16 * PAGE)

static long number(void) {
    long n = NUMBERS[below(sizeof NUMBERS / sizeof *NUMBERS)];
    switch (below(8)) {
    case 0:
        return n | NUMBERS[below(sizeof NUMBERS / sizeof *NUMBERS)];
    case 1:
        return (long) next();
    case 2:
        return 1L << below(64);
    default:
        return n;
    }
}

static void *pointer(void);

static void address(unsigned char *at) {
    static const uint32_t HOSTS[] = {0, 0x0100007f, 0xffffffff, 0x010000e0, 0x0200090a, 0x0100090a, 0x0800a8c0};
    static const uint16_t FAMILIES[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNSPEC};
    uint16_t family = FAMILIES[below(6)];
    memcpy(at, &family, 2);
    if (family == AF_UNIX) {
        strcpy((char *) at + 2 + below(2), PATHS[below(sizeof PATHS / sizeof *PATHS)]);
    } else {
        uint16_t port = htons((uint16_t) below(70000));
        memcpy(at + 2, &port, 2);
        memcpy(at + (family == AF_INET ? 4 : 4 + 4 * below(5)), &HOSTS[below(7)], 4);
    }
}

/* A place in the memory with something in it that a call might take for what it expects. */
static void *pointer(void) {
    unsigned char *at = memory + 8 * below((MEMORY - 2 * PAGE) / 8);
    int i;
    switch (below(7)) {
    case 0: /* a path */
        strcpy((char *) at, PATHS[below(sizeof PATHS / sizeof *PATHS)]);
        break;
    case 1: /* words: numbers, descriptors, flags */
        for (i = 0; i < 16; i++) {
            ((int *) at)[i] = below(2) ? descriptors[below(count)] : (int) number();
        }
        break;
    case 2: /* a vector of pointers and lengths: iovec, msghdr, argv */
        for (i = 0; i < 8; i++) {
            ((uint64_t *) at)[i] = i % 2 ? (uint64_t) below(4096) : (uint64_t) (uintptr_t) (memory + below(MEMORY));
        }
        break;
    case 3:
        address(at);
        break;
    case 4: /* what earlier calls left */
        break;
    case 5: /* reaches into what can't be read */
        at = memory + MEMORY - PAGE - below(64);
        break;
    default:
        for (i = 0; i < 16; i++) {
            ((uint64_t *) at)[i] = below(3) ? (uint64_t) below(16) : next();
        }
    }
    return at;
}

static long argument(void) {
    static const uint64_t BAD[] = {0, 1, 8, 0xffff800000000000, 0xffffffff81000000, 0x00007ffffffff000, 0x8000000000000000, ~0ULL};
    long kind = below(100);
    if (kind < 30) {
        return descriptors[below(count)];
    } else if (kind < 65) {
        return (long) pointer();
    } else if (kind < 93) {
        return number();
    } else if (kind < 96) {
        return getpid() - below(3);
    } else {
        return (long) BAD[below(8)];
    }
}

/* What only ends or stops the worker, or what its children would go on from. */
static int useless(long call) {
    switch (call) {
    case SYS_exit:
    case SYS_exit_group:
    case SYS_pause:
    case SYS_rt_sigreturn:
    case SYS_rt_sigsuspend:
    case SYS_vfork:
        return 1;
    default:
        return 0;
    }
}

static int is_signal(long call) {
    return call == SYS_kill || call == SYS_tkill || call == SYS_tgkill || call == SYS_rt_sigqueueinfo || call == SYS_rt_tgsigqueueinfo;
}

static long wanted(void) {
    /* Weighted towards what Stockade answers itself, and what is known to be a way out. */
    static const long FAVOURED[] = {
        SYS_socket, SYS_bind, SYS_connect, SYS_listen, SYS_sendto, SYS_sendmsg, SYS_setsockopt, SYS_ioctl, SYS_chroot, SYS_sethostname,
        SYS_setdomainname, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_setns, SYS_unshare, SYS_clone, SYS_open_by_handle_at,
        SYS_mknodat, SYS_ptrace, SYS_process_vm_writev, SYS_keyctl, SYS_bpf, SYS_openat, SYS_write, SYS_prctl, SYS_seccomp,
        SYS_fchownat, SYS_setxattr, SYS_fcntl, SYS_kill, SYS_tgkill, SYS_prlimit64, SYS_settimeofday, SYS_clock_settime,
    };
    switch (below(10)) {
    case 0:
    case 1:
        return FAVOURED[below(sizeof FAVOURED / sizeof *FAVOURED)];
    case 2:
        return below(64) ? below(1024) : (long) (next() | 0x40000000);
    default:
        return below(470);
    }
}

static void work(uint64_t seed, uint64_t *made) {
    state = seed;
    memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(memory + MEMORY - PAGE, PAGE, PROT_NONE);
    open_all();
    pid_t self = getpid(), parent = getppid();
    struct rlimit size = {1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &size);
    struct rlimit space = {1 << 30, 1 << 30};
    setrlimit(RLIMIT_AS, &space);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < CALLS; i++) {
        long call;
        do {
            call = wanted();
        } while (useless(call));
        long a[6];
        for (int n = 0; n < 6; n++) {
            a[n] = argument();
        }
        if (is_signal(call) && (a[0] == -1 || a[0] == 0 || labs((int) a[0]) == parent)) {
            a[0] = 1; /* not the fuzzer */
        }
        __atomic_add_fetch(made, 1, __ATOMIC_RELAXED);
        if (call == SYS_clone) { /* a child on the same stack would go on from here */
            a[1] = 0;
            a[0] &= ~(CLONE_VM | CLONE_VFORK);
        }
        syscall(call, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (syscall(SYS_getpid) != self || syscall(SYS_gettid) != self) {
            syscall(SYS_exit_group, 0);
        }
    }
    _exit(0);
}

static pid_t begin(uint64_t seed, uint64_t *made) {
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        setsid();
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) { /* which has died before this was asked for */
            _exit(0);
        }
        int null = open("/dev/null", O_RDWR); /* who waits for the output does not wait for what hangs */
        dup2(null, 1);
        dup2(null, 2);
        work(seed, made);
    }
    return pid;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: fuzz SEED SECONDS\n");
        return 2;
    }
    uint64_t seed = strtoull(argv[1], NULL, 0);
    time_t end = time(NULL) + atol(argv[2]);
    uint64_t *made = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t workers[WORKERS] = {0};
    time_t since[WORKERS];
    uint64_t deaths = 0;
    mkfifo("/tmp/fifo", 0666);
    while (time(NULL) < end) {
        for (int i = 0; i < WORKERS; i++) {
            if (workers[i] > 0 && time(NULL) >= since[i] + LIFE) {
                kill(workers[i], SIGKILL);
            }
            if (workers[i] <= 0 || waitpid(workers[i], NULL, WNOHANG) == workers[i]) {
                deaths++;
                workers[i] = begin(seed + deaths * 0x100000001, made);
                since[i] = time(NULL);
            }
        }
        usleep(2000);
    }
    for (int i = 0; i < WORKERS; i++) {
        if (workers[i] > 0) {
            kill(workers[i], SIGKILL);
        }
    }
    printf("%llu calls by %llu processes\n", (unsigned long long) *made, (unsigned long long) deaths);
    return 0;
}
