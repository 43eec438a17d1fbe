/*
 * Tries to get out of a root directory in one of the known ways, and then looks for a file of the outside by climbing:
 * "out" if it is there, "inside" if not, or the name of the errno of a step that was refused. In each, a root below
 * is made first, as a process that was put into one would find it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *secret;

static void check(long result) {
    if (result < 0) {
        puts(strerrorname_np(errno));
        exit(0);
    }
}

/* Climbs from the working directory and looks. A directory that has been moved away has no parent: ENOENT. */
static void look(void) {
    for (int i = 0; i < 40; i++) {
        if (chdir("..") < 0) {
            break;
        }
    }
    puts(access(secret + 1, F_OK) == 0 ? "out" : "inside");
    exit(0);
}

static void nest(void) {
    mkdir("/nest", 0755);
    mkdir("/nest/in", 0755);
}

/* The working directory stays above the new root. */
static void working_directory(void) {
    check(chroot("/nest"));
    look();
}

static void saved_descriptor(void) {
    int up = open("/", O_RDONLY | O_DIRECTORY);
    check(up);
    check(chroot("/nest"));
    check(fchdir(up));
    look();
}

static void saved_path_descriptor(void) {
    int up = open("/", O_PATH);
    check(up);
    check(chroot("/nest"));
    check(fchdir(up));
    look();
}

/* Whoever started this chose it. */
static void here(void) {
    look();
}

/* Which whoever started this left open. */
static void inherited_descriptor(void) {
    check(fchdir(9));
    look();
}

/* Somebody above passes a directory to somebody below, after the chroot. */
static void passed_descriptor(void) {
    int pair[2];
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    char byte = 0;
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (fork() == 0) {
        check(chroot("/nest"));
        check(chdir("/"));
        check(write(pair[1], "", 1));
        check(recvmsg(pair[1], &message, 0));
        int up;
        memcpy(&up, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof up);
        check(fchdir(up));
        look();
    }
    if (read(pair[0], &byte, 1) == 1) {
        int up = open("/", O_RDONLY | O_DIRECTORY);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &up, sizeof up);
        sendmsg(pair[0], &message, 0);
    }
    wait(NULL);
    exit(0);
}

/* Somebody above moves the directory in which somebody below is out of the lower root. */
static void moved_directory(void) {
    int pair[2];
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    char byte;
    if (fork() == 0) {
        check(chroot("/nest"));
        check(chdir("/in"));
        check(write(pair[1], "", 1));
        check(read(pair[1], &byte, 1));
        look();
    }
    if (read(pair[0], &byte, 1) == 1) {
        rename("/nest/in", "/moved");
        check(write(pair[0], "", 1));
    }
    wait(NULL);
    rmdir("/moved");
    exit(0);
}

/* The host moves the directory in which this is out of the tree: it says so on stdin. */
static void moved_by_the_host(void) {
    char byte;
    check(chdir("/nest/in"));
    puts("ready");
    fflush(stdout);
    check(read(0, &byte, 1));
    look();
}

static void *chroot_in_thread(void *unused) {
    check(chroot("/nest"));
    puts("done");
    exit(0);
}

/* The four ways to call chroot(2) with a directory open. */
static void thread(void) {
    pthread_t thread;
    check(open("/", O_RDONLY | O_DIRECTORY));
    pthread_create(&thread, NULL, chroot_in_thread, NULL);
    pthread_join(thread, NULL);
}

static void child(void) {
    check(open("/", O_RDONLY | O_DIRECTORY));
    if (fork() == 0) {
        chroot_in_thread(NULL);
    }
    wait(NULL);
}

/* As a user that has nothing but the right to call chroot(2), on whose descriptors nobody else may look. */
static void other_user(void) {
    check(open("/", O_RDONLY | O_DIRECTORY));
    check(syscall(SYS_prctl, 8 /* PR_SET_KEEPCAPS */, 1, 0, 0, 0));
    check(setresuid(1000, 1000, 1000));
    struct { unsigned version; int pid; } header = {0x20080522, 0};
    struct { unsigned effective, permitted, inheritable; } data[2] = {{1 << 18, 1 << 18, 0}};
    check(syscall(SYS_capset, &header, data));
    chroot_in_thread(NULL);
}

static void int80(void) {
    check(open("/", O_RDONLY | O_DIRECTORY));
    // that ABI has pointers of 32 bits
    char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    strcpy(path, "/nest");
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(61L), "b"(path) : "memory");
    errno = result < 0 ? (int) -result : 0;
    check(result < 0 ? -1 : 0);
    puts("done");
}

/* The children that a process does not know of are none to wait for. */
static void wait_for_any(void) {
    check(wait(NULL));
    puts("done");
}

/* With no directory open: what any daemon does. */
static void plain(void) {
    check(chroot("/nest"));
    check(chdir("/"));
    puts("done");
}

static void open_and_plain(void) {
    check(open("/", O_RDONLY | O_DIRECTORY));
    plain();
}

/* Asks again and again, a line of stdin each: whether chroot(2) is to be had with a directory open. */
static void repeat(void) {
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        if (fork() == 0) {
            open_and_plain();
            exit(0);
        }
        wait(NULL);
        fflush(stdout);
    }
}

static const struct { const char *name; void (*way)(void); } ways[] = {
    {"working_directory", working_directory}, {"saved_descriptor", saved_descriptor},
    {"saved_path_descriptor", saved_path_descriptor}, {"inherited_descriptor", inherited_descriptor}, {"here", here},
    {"passed_descriptor", passed_descriptor}, {"moved_directory", moved_directory},
    {"moved_by_the_host", moved_by_the_host}, {"thread", thread}, {"child", child}, {"other_user", other_user},
    {"int80", int80}, {"plain", plain}, {"open_and_plain", open_and_plain}, {"repeat", repeat},
    {"wait", wait_for_any},
};

int main(int argc, char **argv) {
    secret = argc > 2 ? argv[2] : "/secret";
    nest();
    for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(argv[1], ways[i].name) == 0) {
            ways[i].way();
            return 0;
        }
    }
    fprintf(stderr, "escape: no such way\n");
    return 2;
}
