/* floor TREE HOSTNAME JID CGROUP-PARENT COMMAND...
 *
 * What the kernel alone asks of a jail: about the shortest C program that makes one as Stockade does, its host
 * users being JID << 16 + uid. Three processes as there (this one, pid 1, the command), the same namespaces, owner
 * mapping, mounts, masks, system call filter (as long, and with a listener) and capabilities, and a cgroup. It has
 * no registry, no warden's service, no address and no checks: it is a yardstick, not a jail.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum { FILTERED_CALLS = 80, USERS = 65536 };

static const uint64_t kept_capabilities = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8
    | 1 << 10 | 1 << 15 | 1 << 18 | 1 << 19 | 1 << 29 | 1UL << 31;

static const char *const devices[] = { "null", "zero", "full", "random", "urandom", "tty" };
static const char *const masked_files[] = { "kcore", "keys", "key-users", "kmsg", "kallsyms", "sysrq-trigger",
    "timer_list", "sched_debug", "latency_stats", "vmallocinfo", "kpagecount", "kpageflags", "kpagecgroup" };
static const char *const masked_directories[] = { "acpi", "scsi", "bus", "fs", "irq", "driver", "asound" };

#define COUNT(array) (sizeof(array) / sizeof *(array))

static long must(long result, const char *what)
{
    if (result < 0)
        err(1, "%s", what);
    return result;
}

static void write_file(const char *path, const char *text)
{
    int file = must(open(path, O_WRONLY | O_CLOEXEC), path);
    must(write(file, text, strlen(text)), path);
    close(file);
}

static int clone_mount(int directory, const char *path, int flags)
{
    return syscall(SYS_open_tree, directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

static void set_attributes(int mount, uint64_t attributes, int user_namespace, int flags)
{
    struct mount_attr attr = { .attr_set = attributes, .userns_fd = user_namespace };
    must(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | flags, &attr, sizeof attr), "mount_setattr");
}

static void attach(int mount, const char *path)
{
    must(syscall(SYS_move_mount, mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH), path);
    close(mount);
}

static void cover(const char *source, const char *path)
{
    if (faccessat(AT_FDCWD, path, F_OK, 0) != 0)
        return;
    int copy = must(clone_mount(AT_FDCWD, source, 0), source);
    set_attributes(copy, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0);
    attach(copy, path);
}

static void touch(const char *path)
{
    close(must(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666), path));
}

static void mount_all(int tree)
{
    char path[64];
    int device[COUNT(devices)];
    for (size_t i = 0; i < COUNT(devices); i++) {
        snprintf(path, sizeof path, "/dev/%s", devices[i]);
        device[i] = must(clone_mount(AT_FDCWD, path, 0), path);
    }
    int context = must(syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC), "fsopen");
    must(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "fsconfig");
    int proc = must(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC,
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC), "fsmount");
    close(context);

    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
    must(syscall(SYS_move_mount, tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
    must(fchdir(tree), "fchdir");
    must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    must(umount2(".", MNT_DETACH), "umount");
    must(chdir("/"), "chdir");
    close(tree);

    must(mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755"), "/dev");
    for (size_t i = 0; i < COUNT(devices); i++) {
        snprintf(path, sizeof path, "/dev/%s", devices[i]);
        touch(path);
        attach(device[i], path);
    }
    must(mkdir("/dev/shm", 0), "/dev/shm");
    must(chmod("/dev/shm", 01777), "/dev/shm");
    must(mkdir("/dev/pts", 0755), "/dev/pts");
    must(mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
        "newinstance,ptmxmode=0666,mode=0620,gid=5"), "/dev/pts");
    must(symlink("pts/ptmx", "/dev/ptmx"), "/dev/ptmx");
    must(symlink("/proc/self/fd", "/dev/fd"), "/dev/fd");
    must(symlink("fd/0", "/dev/stdin"), "/dev/stdin");
    must(symlink("fd/1", "/dev/stdout"), "/dev/stdout");
    must(symlink("fd/2", "/dev/stderr"), "/dev/stderr");

    attach(proc, "/proc");
    cover("/proc/sys", "/proc/sys");
    must(mount("tmpfs", "/proc/irq", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=555,size=4k"), "/proc/irq");
    touch("/proc/irq/empty");
    for (size_t i = 0; i < COUNT(masked_files); i++) {
        snprintf(path, sizeof path, "/proc/%s", masked_files[i]);
        cover("/proc/irq/empty", path);
    }
    must(unlink("/proc/irq/empty"), "/proc/irq/empty");
    for (size_t i = 0; i < COUNT(masked_directories); i++) {
        snprintf(path, sizeof path, "/proc/%s", masked_directories[i]);
        cover("/proc/irq", path);
    }
}

static void filter_calls(void)
{
    struct sock_filter code[2 * FILTERED_CALLS + 5], *c = code;
    *c++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    *c++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    *c++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    *c++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < FILTERED_CALLS; i++) {
        /* calls that no program makes here, so that the filter is as long and the program runs */
        *c++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1000 + i, 0, 1);
        *c++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    }
    *c++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = { c - code, code };
    close(must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
        SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program), "seccomp"));
}

static void drop_capabilities(void)
{
    for (int i = 0; i <= CAP_LAST_CAP; i++)
        if (!(kept_capabilities >> i & 1))
            prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    uint32_t low = kept_capabilities, high = kept_capabilities >> 32;
    struct __user_cap_data_struct data[2] = { { low, low, 0 }, { high, high, 0 } };
    must(syscall(SYS_capset, &header, data), "capset");
}

static void be_init(int channel, const char *hostname, char **command)
{
    int tree;
    union {
        char bytes[CMSG_SPACE(sizeof tree)];
        struct cmsghdr align;
    } control;
    char byte;
    struct iovec iov = { &byte, 1 };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
        .msg_controllen = sizeof control };
    must(recvmsg(channel, &message, MSG_CMSG_CLOEXEC), "recvmsg");
    memcpy(&tree, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof tree);
    must(syscall(SYS_setgroups, 0, NULL), "setgroups");
    must(syscall(SYS_setresgid, 0, 0, 0), "setresgid");
    must(syscall(SYS_setresuid, 0, 0, 0), "setresuid");
    mount_all(tree);
    must(sethostname(hostname, strlen(hostname)), "sethostname");
    filter_calls();
    drop_capabilities();
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    syscall(SYS_close_range, 3, ~0U, 0);
    pid_t pid = must(fork(), "fork");
    if (pid == 0) {
        setsid();
        execv(command[0], command);
        err(127, "%s", command[0]);
    }
    int status;
    must(waitpid(pid, &status, 0), "wait");
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Sends a descriptor as recvmsg in be_init takes it. */
static void send_descriptor(int channel, int descriptor)
{
    union {
        char bytes[CMSG_SPACE(sizeof descriptor)];
        struct cmsghdr align;
    } control = { .align = { CMSG_LEN(sizeof descriptor), SOL_SOCKET, SCM_RIGHTS } };
    memcpy(CMSG_DATA(&control.align), &descriptor, sizeof descriptor);
    struct iovec iov = { "", 1 };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
        .msg_controllen = sizeof control };
    must(sendmsg(channel, &message, 0), "sendmsg");
}

int main(int argc, char **argv)
{
    if (argc < 6)
        errx(2, "usage: floor tree hostname jid cgroup-parent command ...");
    const char *path = argv[1], *hostname = argv[2], *parent = argv[4];
    char file[128], map[64], cgroup[256];
    snprintf(cgroup, sizeof cgroup, "%s/floor-%d", parent, getpid());
    must(mkdir(cgroup, 0755), cgroup);
    int directory = must(open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC), cgroup);

    int channel[2];
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), "socketpair");
    struct clone_args args = { .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC
        | CLONE_NEWCGROUP | CLONE_NEWNET | CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = directory };
    pid_t init = must(syscall(SYS_clone3, &args, sizeof args), "clone3");
    if (init == 0)
        be_init(channel[1], hostname, argv + 5);

    snprintf(map, sizeof map, "0 %u %u", (1U << 31) + ((unsigned)atoi(argv[3]) << 16), (unsigned)USERS);
    snprintf(file, sizeof file, "/proc/%d/uid_map", init);
    write_file(file, map);
    snprintf(file, sizeof file, "/proc/%d/gid_map", init);
    write_file(file, map);
    snprintf(file, sizeof file, "/proc/%d/ns/user", init);
    int users = must(open(file, O_RDONLY | O_CLOEXEC), file);
    int tree = must(clone_mount(AT_FDCWD, path, AT_RECURSIVE), path);
    set_attributes(tree, MOUNT_ATTR_IDMAP | MOUNT_ATTR_NODEV, users, AT_RECURSIVE);
    send_descriptor(channel[0], tree);
    close(tree);

    int status;
    must(waitpid(init, &status, 0), "wait");
    must(rmdir(cgroup), cgroup);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
