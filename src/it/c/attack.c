/*
 * Tries one thing that a jail must not do and says how it went: "done", or the name of the errno.
 * What it can do to a host is undone at once or harmless, for every attack is also made outside a jail.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static long number(const char *text) {
    return strtol(text, NULL, 0);
}

/* Mounts and namespaces. */

static long try_mount(char **a) {
    long r = mount("attack", "/mnt", "tmpfs", 0, NULL);
    if (r == 0) {
        umount2("/mnt", MNT_DETACH);
    }
    return r;
}

static long try_bind(char **a) {
    long r = mount("/", "/mnt", NULL, MS_BIND | MS_REC, NULL);
    if (r == 0) {
        umount2("/mnt", MNT_DETACH);
    }
    return r;
}

static long try_umount(char **a) {
    mount("attack", "/mnt", "tmpfs", 0, NULL);
    return umount2("/mnt", MNT_DETACH);
}

static long try_pivot_root(char **a) {
    return syscall(SYS_pivot_root, "/mnt", "/mnt");
}

static long try_fsopen(char **a) {
    return syscall(SYS_fsopen, "tmpfs", 0);
}

static long try_open_tree(char **a) {
    return syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */);
}

static long try_move_mount(char **a) {
    return syscall(SYS_move_mount, AT_FDCWD, "/mnt", AT_FDCWD, "/mnt", 0);
}

static long try_mount_setattr(char **a) {
    return syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, NULL, 0);
}

static long try_unshare(char **a) {
    return unshare(number(a[0]));
}

static long try_setns(char **a) {
    int fd = open("/proc/self/ns/uts", O_RDONLY);
    return fd < 0 ? fd : setns(fd, 0);
}

static long try_clone(char **a) {
    long pid = syscall(SYS_clone, number(a[0]) | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0) {
        _exit(0);
    }
    if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
    return pid;
}

static long try_clone3(char **a) {
    struct { unsigned long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } args = {0};
    args.exit_signal = SIGCHLD;
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) {
        _exit(0);
    }
    if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
    return pid;
}

/* The kernel and the machine. */

static long try_mknod(char **a) {
    long r = mknod("/tmp/attack-device", S_IFCHR | 0666, makedev(1, 5));
    return r < 0 ? r : unlink("/tmp/attack-device");
}

static long try_sethostname(char **a) {
    return sethostname("attacked", 8);
}

static long try_setdomainname(char **a) {
    return setdomainname("attacked", 8);
}

static long try_settimeofday(char **a) {
    struct timezone now;
    syscall(SYS_gettimeofday, NULL, &now);
    return syscall(SYS_settimeofday, NULL, &now);
}

static long try_adjtimex(char **a) {
    struct timex now = {0};
    adjtimex(&now);
    now.modes = ADJ_TICK;
    return adjtimex(&now);
}

static long try_init_module(char **a) {
    return syscall(SYS_init_module, "no module", 9, "");
}

static long try_delete_module(char **a) {
    return syscall(SYS_delete_module, "no_such_module", O_NONBLOCK);
}

static long try_kexec_load(char **a) {
    return syscall(SYS_kexec_load, 0, 17L, NULL, 1L << 40);
}

static long try_bpf(char **a) {
    union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
}

static long try_keyctl(char **a) {
    return syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -2 /* process keyring */, 1);
}

static long try_add_key(char **a) {
    return syscall(SYS_add_key, "user", "attack", "x", 1L, -2);
}

static long try_request_key(char **a) {
    syscall(SYS_add_key, "user", "attack", "x", 1L, -2);
    return syscall(SYS_request_key, "user", "attack", NULL, -2);
}

static long try_userfaultfd(char **a) {
    return syscall(SYS_userfaultfd, 0);
}

static long try_perf_event_open(char **a) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK};
    return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static long try_open_by_handle_at(char **a) {
    struct { struct file_handle handle; char bytes[128]; } h = {.handle.handle_bytes = 128};
    int mount_id;
    int root = open("/", O_RDONLY);
    if (name_to_handle_at(AT_FDCWD, "/", &h.handle, &mount_id, 0) < 0) {
        return -1;
    }
    return open_by_handle_at(root, &h.handle, O_RDONLY);
}

static long try_io_uring_setup(char **a) {
    struct io_uring_params params = {0};
    return syscall(SYS_io_uring_setup, 1, &params);
}

static long try_fanotify_init(char **a) {
    return syscall(SYS_fanotify_init, 0, 0);
}

static long try_reboot(char **a) {
    return syscall(SYS_reboot, 0xfee1dead, 0x28121969, 0x0badcafe /* no command: it only asks whether it may */, NULL);
}

static long try_swapon(char **a) {
    return syscall(SYS_swapon, "/no/such/file", 0);
}

static long try_syslog(char **a) {
    char text[16];
    return syscall(SYS_syslog, 3 /* SYSLOG_ACTION_READ_ALL */, text, sizeof text);
}

static long try_iopl(char **a) {
    return syscall(SYS_iopl, 3);
}

static long try_quotactl(char **a) {
    return syscall(SYS_quotactl, 0x800001 << 8 /* Q_SYNC */, NULL, 0, NULL);
}

static long try_tiocsti(char **a) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
        return -1;
    }
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0) {
        return -1;
    }
    if (getpid() == getsid(0)) {
        if (fork() > 0) {
            int status;
            wait(&status);
            exit(WEXITSTATUS(status));
        }
    }
    setsid();
    if (ioctl(slave, TIOCSCTTY, 0) < 0) {
        return -1;
    }
    return ioctl(slave, TIOCSTI, "x");
}

static long try_shmget(char **a) {
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    return id < 0 ? id : shmctl(id, IPC_RMID, NULL);
}

static long try_msgget(char **a) {
    int id = msgget(IPC_PRIVATE, 0600);
    return id < 0 ? id : msgctl(id, IPC_RMID, NULL);
}

static long try_semget(char **a) {
    int id = semget(IPC_PRIVATE, 1, 0600);
    return id < 0 ? id : semctl(id, 0, IPC_RMID);
}

/* Leaves a segment of shared memory in its namespace, under a key. */
static long try_shm_make(char **a) {
    return shmget(number(a[0]), 4096, IPC_CREAT | IPC_EXCL | 0600);
}

static long try_shm_use(char **a) {
    int id = shmget(number(a[0]), 0, 0);
    return id < 0 ? id : shmat(id, NULL, 0) == (void *) -1 ? -1 : 0;
}

/* By the 32-bit table 20 is getpid. */
static long try_int80(char **a) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
    errno = result < 0 ? -result : 0;
    return result < 0 ? -1 : result;
}

static long try_x32(char **a) {
    return syscall(0x40000000 | SYS_getpid);
}

/* Other processes. */

static long try_signal(char **a) {
    return kill(number(a[0]), number(a[1]));
}

static long try_ptrace(char **a) {
    return ptrace(PTRACE_SEIZE, (pid_t) number(a[0]), NULL, NULL);
}

static long try_renice(char **a) {
    return setpriority(PRIO_PROCESS, number(a[0]), 5);
}

static long try_renice_user(char **a) {
    return setpriority(PRIO_USER, number(a[0]), 5);
}

static long try_renice_group(char **a) {
    return setpriority(PRIO_PGRP, number(a[0]), 5);
}

static long try_affinity(char **a) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    return sched_setaffinity(number(a[0]), sizeof set, &set);
}

static long try_prlimit(char **a) {
    struct rlimit limit;
    if (prlimit(number(a[0]), RLIMIT_NOFILE, NULL, &limit) < 0) {
        return -1;
    }
    limit.rlim_cur = limit.rlim_cur > 100 ? 100 : limit.rlim_cur;
    return prlimit(number(a[0]), RLIMIT_NOFILE, &limit, NULL);
}

static long try_pidfd_open(char **a) {
    return syscall(SYS_pidfd_open, number(a[0]), 0);
}

static long try_read_memory(char **a) {
    char here;
    struct iovec local = {&here, 1};
    struct iovec remote = {(void *) number(a[1]), 1};
    return process_vm_readv(number(a[0]), &local, 1, &remote, 1, 0);
}

/* Files. */

static long try_open(char **a) {
    char byte;
    int fd = open(a[0], O_RDONLY | O_NONBLOCK);
    return fd < 0 ? -1 : read(fd, &byte, 1) < 0 && errno != EIO && errno != EAGAIN ? -1 : fd;
}

/* Of the root directory. */
static long try_ioctl(char **a) {
    static char argument[4096];
    return ioctl(open("/", O_RDONLY), number(a[0]), argument);
}

/* Gives standard input, a local socket, a name without a file. */
static long try_abstract(char **a) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path + 1, a[0], sizeof name.sun_path - 2);
    return bind(0, (struct sockaddr *) &name, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(a[0]));
}

static long try_open_to_write(char **a) {
    return open(a[0], O_WRONLY | O_NONBLOCK);
}

static long try_readlink(char **a) {
    char text[4096];
    return readlink(a[0], text, sizeof text);
}

static long try_list(char **a) {
    DIR *directory = opendir(a[0]);
    return directory == NULL ? -1 : 0;
}

static long try_chown(char **a) {
    return chown(a[0], number(a[1]), number(a[1]));
}

static long try_setuid(char **a) {
    return setresuid(number(a[0]), number(a[0]), number(a[0]));
}

static long try_capability(char **a) {
    return syscall(SYS_prctl, 23 /* PR_CAPBSET_READ */, number(a[0]), 0, 0, 0) == 1 ? 0 : (errno = EPERM, -1);
}

/* The classic way out of chroot(2): a root below the working directory leaves that one outside. */
static long try_second_chroot(char **a) {
    mkdir("/attack-chroot", 0700);
    int up = open("/", O_RDONLY | O_DIRECTORY);
    if (up < 0 || chroot("/attack-chroot") < 0 || fchdir(up) < 0) {
        return -1;
    }
    for (int i = 0; i < 20; i++) {
        if (chdir("..") < 0) {
            return -1;
        }
    }
    if (chroot(".") < 0) {
        return -1;
    }
    rmdir("/attack-chroot");
    return access(a[0], F_OK);
}

static const struct { const char *name; long (*attack)(char **); } attacks[] = {
    {"mount", try_mount}, {"bind", try_bind}, {"umount", try_umount}, {"pivot_root", try_pivot_root},
    {"fsopen", try_fsopen}, {"open_tree", try_open_tree}, {"move_mount", try_move_mount},
    {"mount_setattr", try_mount_setattr}, {"unshare", try_unshare}, {"setns", try_setns}, {"clone", try_clone},
    {"clone3", try_clone3}, {"mknod", try_mknod}, {"sethostname", try_sethostname},
    {"setdomainname", try_setdomainname}, {"settimeofday", try_settimeofday}, {"adjtimex", try_adjtimex},
    {"init_module", try_init_module}, {"delete_module", try_delete_module}, {"kexec_load", try_kexec_load},
    {"bpf", try_bpf}, {"keyctl", try_keyctl}, {"add_key", try_add_key}, {"request_key", try_request_key},
    {"userfaultfd", try_userfaultfd}, {"perf_event_open", try_perf_event_open},
    {"open_by_handle_at", try_open_by_handle_at}, {"io_uring_setup", try_io_uring_setup},
    {"fanotify_init", try_fanotify_init}, {"reboot", try_reboot}, {"swapon", try_swapon}, {"syslog", try_syslog},
    {"iopl", try_iopl}, {"quotactl", try_quotactl}, {"tiocsti", try_tiocsti}, {"shmget", try_shmget},
    {"msgget", try_msgget}, {"semget", try_semget}, {"shm_make", try_shm_make}, {"shm_use", try_shm_use},
    {"int80", try_int80}, {"x32", try_x32}, {"signal", try_signal},
    {"ptrace", try_ptrace}, {"renice", try_renice}, {"renice_user", try_renice_user},
    {"renice_group", try_renice_group}, {"affinity", try_affinity},
    {"prlimit", try_prlimit}, {"pidfd_open", try_pidfd_open}, {"read_memory", try_read_memory}, {"open", try_open},
    {"ioctl", try_ioctl}, {"abstract", try_abstract}, {"open_to_write", try_open_to_write}, {"readlink", try_readlink}, {"list", try_list}, {"chown", try_chown},
    {"setuid", try_setuid}, {"capability", try_capability}, {"second_chroot", try_second_chroot},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof attacks / sizeof *attacks; i++) {
        if (strcmp(argv[1], attacks[i].name) == 0) {
            errno = 0;
            puts(attacks[i].attack(argv + 2) < 0 ? strerrorname_np(errno) : "done");
            return 0;
        }
    }
    fprintf(stderr, "attack: no such attack\n");
    return 2;
}
