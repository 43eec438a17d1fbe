/*
 * Tries one thing that would lead across a jail's border and says how it went: "done", or the name of the errno. What it
 * does to a host is harmless, for each is also made where nothing confines it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
#define PIDFD_GET_USER_NAMESPACE _IO(0xFF, 9)

static long number(const char *text) {
    return strtol(text, NULL, 0);
}

/* A supervisor of one's own, who would be asked before the jail's. */
static long try_listener(char **a) {
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {1, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* A filter that allows all, over the jail's. */
static long try_allow_all(char **a) {
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {1, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    return r < 0 ? r : unshare(CLONE_NEWUTS);
}

/*
 * A child whose harmless call a tracer makes into another: number, first and second argument. With a filter it asks for
 * the tracer, and the change comes after the jail's filter has been asked.
 */
static long trace(long call, long first, long second, int by_filter) {
    int pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        if (by_filter) {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog program = {4, code};
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
                _exit(1);
            }
        }
        long r = syscall(SYS_getppid);
        _exit(r < 0 ? errno : 0);
    }
    int status;
    waitpid(pid, &status, 0);
    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
    ptrace(by_filter ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL, NULL);
    while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
        struct user_regs_struct registers;
        ptrace(PTRACE_GETREGS, pid, NULL, &registers);
        if (registers.orig_rax == SYS_getppid && (long) registers.rax == -ENOSYS) {
            registers.orig_rax = call;
            registers.rdi = first;
            registers.rsi = second;
            ptrace(PTRACE_SETREGS, pid, NULL, &registers);
        }
        ptrace(by_filter ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL, NULL);
    }
    if (WIFSIGNALED(status)) {
        printf("killed by %d\n", WTERMSIG(status));
        exit(0);
    }
    errno = WEXITSTATUS(status);
    return errno == 0 ? 0 : -1;
}

static long try_traced(char **a) {
    return trace(number(a[0]), number(a[1]), 0, 0);
}

static long try_traced_later(char **a) {
    return trace(number(a[0]), number(a[1]), 0, 1);
}

/* The kernel looks at 32 bits of a request, a filter at 64. */
static long try_wide_ioctl(char **a) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
        return -1;
    }
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    char argument[16] = {1};
    return syscall(SYS_ioctl, slave, 0x7700000000L | number(a[0]), argument);
}

/* A hierarchy of cgroups of version 1, with its release_agent, that nobody else has. */
static long try_release_agent(char **a) {
    if (mount("none", "/mnt", "cgroup", 0, "none,name=stockade-it-breach") < 0) {
        return -1;
    }
    int fd = open("/mnt/release_agent", O_WRONLY);
    int error = errno;
    close(fd);
    umount2("/mnt", 0);
    errno = error;
    return fd;
}

static long try_mount(char **a) {
    long r = mount("none", "/mnt", a[0], 0, NULL);
    if (r == 0) {
        umount2("/mnt", MNT_DETACH);
    }
    return r;
}

/* Whoever is at the other end of stdin. */
static int peer(void) {
    int fd;
    socklen_t size = sizeof fd;
    if (getsockopt(0, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) < 0) {
        perror("SO_PEERPIDFD");
        exit(1);
    }
    return fd;
}

static long try_peer_signal(char **a) {
    return syscall(SYS_pidfd_send_signal, peer(), 0, NULL, 0);
}

static long try_peer_descriptor(char **a) {
    return syscall(SYS_pidfd_getfd, peer(), 0, 0);
}

static long try_peer_namespace(char **a) {
    return ioctl(peer(), PIDFD_GET_USER_NAMESPACE, 0);
}

static long try_peer_join(char **a) {
    return setns(peer(), CLONE_NEWUTS);
}

static long try_peer_advise(char **a) {
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *page = 1;
    struct iovec all = {page, 4096};
    return syscall(SYS_process_madvise, peer(), &all, 1, MADV_COLD, 0) == 4096 ? 0 : -1;
}

static long try_capability_of_file(char **a) {
    // revision 2, effective, CAP_NET_RAW and as many as named
    unsigned value[5] = {0x02000001, 1u << number(a[1]), 0, 0, 0};
    return syscall(SYS_setxattr, a[0], "security.capability", value, sizeof value, 0);
}

/* Any process of the machine that this does not share a pid namespace with is nobody's to be named. */
static long try_group_signal(char **a) {
    return killpg(number(a[0]), 0);
}

static long try_owner_of_signals(char **a) {
    return fcntl(0, F_SETOWN, number(a[0]));
}

static long try_kcmp(char **a) {
    return syscall(SYS_kcmp, getpid(), number(a[0]), 0, 0, 0);
}

static const struct { const char *name; long (*breach)(char **); } breaches[] = {
    {"listener", try_listener}, {"allow_all", try_allow_all}, {"traced", try_traced}, {"traced_later", try_traced_later},
    {"wide_ioctl", try_wide_ioctl}, {"release_agent", try_release_agent}, {"mount", try_mount},
    {"peer_signal", try_peer_signal}, {"peer_descriptor", try_peer_descriptor}, {"peer_namespace", try_peer_namespace},
    {"peer_join", try_peer_join}, {"peer_advise", try_peer_advise},
    {"file_capability", try_capability_of_file},
    {"group_signal", try_group_signal}, {"owner_of_signals", try_owner_of_signals}, {"kcmp", try_kcmp},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof breaches / sizeof *breaches; i++) {
        if (strcmp(argv[1], breaches[i].name) == 0) {
            errno = 0;
            puts(breaches[i].breach(argv + 2) < 0 ? strerrorname_np(errno) : "done");
            return 0;
        }
    }
    fprintf(stderr, "breach: no such breach\n");
    return 2;
}
