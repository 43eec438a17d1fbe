/*
 * Does what a jail needs a permission for and says how it went: "done", or the name of the errno. Words are taken
 * from the command line or, with "-", from each line of stdin, so that one process can be asked again and again.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static char page[4096] __attribute__((aligned(4096)));

static long try_sethostname(char **a) {
    return sethostname(a[0], strlen(a[0]));
}

static long try_setdomainname(char **a) {
    return setdomainname(a[0], strlen(a[0]));
}

static long try_names(char **a) {
    return sethostname("x", atoi(a[0]));
}

static long try_name_nowhere(char **a) {
    return syscall(SYS_sethostname, 8, 4);
}

/* A segment is made, written through, found again by its key, and removed. */
static long try_shm(char **a) {
    int id = shmget(0x570c, 4096, IPC_CREAT | 0600);
    if (id < 0) {
        return -1;
    }
    char *memory = shmat(id, NULL, 0);
    if (memory == (void *) -1) {
        return -1;
    }
    strcpy(memory, "shared");
    int again = shmget(0x570c, 0, 0);
    shmdt(memory);
    shmctl(id, IPC_RMID, NULL);
    return again == id ? 0 : -1;
}

static long try_msg(char **a) {
    struct { long type; char text[4]; } message = {1, "hi"}, received;
    int id = msgget(IPC_PRIVATE, 0600);
    if (id < 0) {
        return -1;
    }
    long result = msgsnd(id, &message, 4, 0) < 0 ? -1 : msgrcv(id, &received, 4, 1, 0);
    msgctl(id, IPC_RMID, NULL);
    return result;
}

static long try_sem(char **a) {
    int id = semget(IPC_PRIVATE, 1, 0600);
    if (id < 0) {
        return -1;
    }
    struct sembuf up = {0, 1, 0}, down = {0, -1, 0};
    struct timespec second = {1, 0};
    long result = semop(id, &up, 1) < 0 ? -1 : semtimedop(id, &down, 1, &second);
    semctl(id, 0, IPC_RMID);
    return result;
}

/* Each call that has an identifier to work on: they are as absent as those that make one. */
static long try_ipc(char **a) {
    return syscall(atol(a[0]), 0, 0, 0, 0, 0);
}

static long try_socket(char **a) {
    int fd = socket(atoi(a[0]), atoi(a[1]), atoi(a[2]));
    if (fd >= 0) {
        close(fd);
    }
    return fd;
}

static long try_socketpair(char **a) {
    int fds[2];
    return socketpair(atoi(a[0]), SOCK_STREAM, 0, fds);
}

static long change_flags(const char *path, int set) {
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    int flags;
    if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0) {
        return -1;
    }
    flags = set ? flags | set : flags & ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
    long result = ioctl(fd, FS_IOC_SETFLAGS, &flags);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static long try_immutable(char **a) {
    return change_flags(a[0], FS_IMMUTABLE_FL);
}

static long try_append(char **a) {
    return change_flags(a[0], FS_APPEND_FL);
}

static long try_mutable(char **a) {
    return change_flags(a[0], 0);
}

static long try_nodump(char **a) {
    return change_flags(a[0], FS_NODUMP_FL);
}

static long try_both(char **a) {
    return change_flags(a[0], FS_IMMUTABLE_FL | FS_NODUMP_FL);
}

static long try_xflags(char **a) {
    struct fsxattr attributes;
    int fd = open(a[0], O_RDONLY);
    if (fd < 0 || ioctl(fd, FS_IOC_FSGETXATTR, &attributes) < 0) {
        return -1;
    }
    attributes.fsx_xflags ^= FS_XFLAG_IMMUTABLE;
    long result = ioctl(fd, FS_IOC_FSSETXATTR, &attributes);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

/* Of stdin, which may be a file of somebody else's. */
static long try_immutable_stdin(char **a) {
    int flags;
    if (ioctl(0, FS_IOC_GETFLAGS, &flags) < 0) {
        return -1;
    }
    flags |= FS_IMMUTABLE_FL;
    return ioctl(0, FS_IOC_SETFLAGS, &flags);
}

static long try_project(char **a) {
    struct fsxattr attributes;
    int fd = open(a[0], O_RDONLY);
    if (fd < 0 || ioctl(fd, FS_IOC_FSGETXATTR, &attributes) < 0) {
        return -1;
    }
    attributes.fsx_projid = 77;
    return ioctl(fd, FS_IOC_FSSETXATTR, &attributes);
}

static long try_create(char **a) {
    int fd = open(a[0], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd >= 0) {
        close(fd);
    }
    return fd;
}

static long try_port(char **a) {
    int fd = socket(AF_INET, atoi(a[1]) == 17 ? SOCK_DGRAM : SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(a[0]))};
    if (fd < 0) {
        return -1;
    }
    long result = bind(fd, (struct sockaddr *) &address, sizeof address);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static long try_mlock(char **a) {
    return mlock(page, sizeof page);
}

static long try_mlock2(char **a) {
    return syscall(SYS_mlock2, page, sizeof page, MLOCK_ONFAULT);
}

static long try_munlock(char **a) {
    return munlock(page, sizeof page);
}

static long try_mlockall(char **a) {
    return mlockall(MCL_CURRENT);
}

static long try_munlockall(char **a) {
    return munlockall();
}

static long try_map_locked(char **a) {
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    return memory == MAP_FAILED ? -1 : munmap(memory, 4096);
}

/* memfd_secret(2), whose memory is locked; a kernel that was told to can lack it. */
static long try_secret(char **a) {
    int fd = syscall(447, 0);
    return fd < 0 && errno == ENOSYS ? 0 : fd;
}

static long try_shm_lock(char **a) {
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    if (id < 0) {
        return -1;
    }
    long result = shmctl(id, SHM_LOCK, NULL);
    int error = errno;
    shmctl(id, IPC_RMID, NULL);
    errno = error;
    return result;
}

/* syslog(2): SYSLOG_ACTION_READ_ALL, SYSLOG_ACTION_SIZE_BUFFER, SYSLOG_ACTION_CLEAR, SYSLOG_ACTION_CONSOLE_OFF */
static long try_messages(char **a) {
    static char buffer[1 << 16];
    int n = klogctl(3, buffer, sizeof buffer);
    return n < 0 ? -1 : n == 0 || buffer[0] == '<' || buffer[0] == '[' ? 0 : (errno = EBADMSG, -1);
}

static long try_message_call(char **a) {
    return klogctl(atoi(a[0]), page, sizeof page);
}

static long try_messages_nowhere(char **a) {
    return syscall(SYS_syslog, 3, 8, 4096);
}

static const struct { const char *name; long (*attempt)(char **); } attempts[] = {
    {"sethostname", try_sethostname}, {"setdomainname", try_setdomainname}, {"names", try_names},
    {"name_nowhere", try_name_nowhere}, {"shm", try_shm}, {"msg", try_msg}, {"sem", try_sem}, {"ipc", try_ipc},
    {"socket", try_socket}, {"socketpair", try_socketpair}, {"immutable", try_immutable}, {"append", try_append},
    {"mutable", try_mutable}, {"nodump", try_nodump}, {"both", try_both}, {"xflags", try_xflags}, {"project", try_project},
    {"immutable_stdin", try_immutable_stdin}, {"create", try_create}, {"port", try_port}, {"mlock", try_mlock},
    {"mlock2", try_mlock2}, {"munlock", try_munlock}, {"mlockall", try_mlockall}, {"munlockall", try_munlockall},
    {"map_locked", try_map_locked}, {"secret", try_secret}, {"shm_lock", try_shm_lock}, {"messages", try_messages},
    {"message_call", try_message_call}, {"messages_nowhere", try_messages_nowhere},
};

static void attempt(char **words) {
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        if (strcmp(words[0], attempts[i].name) == 0) {
            errno = 0;
            puts(attempts[i].attempt(words + 1) < 0 ? strerrorname_np(errno) : "done");
            fflush(stdout);
            return;
        }
    }
    fprintf(stderr, "permit: %s: unknown\n", words[0]);
    exit(2);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "-") != 0) {
        attempt(argv + 1);
        return 0;
    }
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        char *words[8] = {0};
        char *rest = line;
        for (int i = 0; i < 7 && (words[i] = strsep(&rest, " \n")) && words[i][0]; i++) {
        }
        attempt(words);
    }
    return 0;
}
