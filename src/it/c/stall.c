/*
 * A file whose content comes when it is told to: "stall serve FILE HEX" mounts a file system of FUSE on FILE, which is a
 * page of those bytes and nothing else. Says "ready", then "asked" when it is read for the first time, and answers when a line
 * is on stdin.
 *
 * "stall call NAME" makes a system call with an argument in the page that is stdin: "done", or the errno's name.
 *
 * "stall lend" has a child, by name "lent", bind a socket that both have to such an argument, and ends the child at SIGUSR1. Says "calls",
 * then "gone", and "port N" should the socket ever have one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {PAGE = 4096};

static int device;

static void answer(const struct fuse_in_header *to, int error, const void *content, size_t size) {
    struct fuse_out_header header = {.len = sizeof header + size, .error = -error, .unique = to->unique};
    struct iovec parts[] = {{&header, sizeof header}, {(void *) content, size}};
    if (writev(device, parts, 2) < 0 && errno != ENOENT) {
        perror("stall");
    }
}

static int serve(const char *file, const char *hexadecimal) {
    static char page[PAGE], options[128], request[1 << 17];
    for (int i = 0; hexadecimal[2 * i] != 0; i++) {
        sscanf(hexadecimal + 2 * i, "%2hhx", page + i);
    }
    device = open("/dev/fuse", O_RDWR);
    sprintf(options, "fd=%d,rootmode=100644,user_id=0,group_id=0,allow_other", device);
    if (device < 0 || mount("stall", file, "fuse", 0, options) < 0) {
        puts(strerrorname_np(errno));
        return 1;
    }
    puts("ready");
    fflush(stdout);
    for (long n; (n = read(device, request, sizeof request)) > 0 || errno == ENOENT || errno == EINTR;) {
        struct fuse_in_header *header = (struct fuse_in_header *) request;
        struct fuse_attr_out attributes = {.attr_valid = 1000,
            .attr = {.ino = 1, .size = PAGE, .blocks = 8, .mode = S_IFREG | 0644, .nlink = 1, .blksize = PAGE}};
        struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_write = PAGE,
            .max_readahead = PAGE, .flags = FUSE_ASYNC_READ}; // who waits can be killed
        struct fuse_open_out opened = {.open_flags = FOPEN_KEEP_CACHE};
        char line[16];
        switch (header->opcode) {
            case FUSE_INIT:
                answer(header, 0, &init, sizeof init);
                break;
            case FUSE_GETATTR:
                answer(header, 0, &attributes, sizeof attributes);
                break;
            case FUSE_OPEN:
                answer(header, 0, &opened, sizeof opened);
                break;
            case FUSE_READ:
                puts("asked");
                fflush(stdout);
                if (fgets(line, sizeof line, stdin) == NULL) {
                    return 0;
                }
                answer(header, 0, page, PAGE);
                break;
            case FUSE_FORGET:
            case FUSE_INTERRUPT:
            case FUSE_BATCH_FORGET:
                break;
            case FUSE_FLUSH:
            case FUSE_RELEASE:
                answer(header, 0, NULL, 0);
                break;
            default:
                answer(header, ENOSYS, NULL, 0);
        }
    }
    return 0;
}

static int call(const char *name) {
    struct stat size; // which the kernel asks the server for
    fstat(0, &size);
    void *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 0, 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (page == MAP_FAILED || fd < 0) {
        perror("stall");
        return 1;
    }
    puts("calls");
    fflush(stdout);
    long r = strcmp(name, "bind") == 0 ? bind(fd, page, 16) : strcmp(name, "connect") == 0 ? connect(fd, page, 16)
            : sethostname(page, 8);
    puts(r < 0 ? strerrorname_np(errno) : "done");
    return 0;
}

static int lend(void) {
    struct stat size;
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    sigset_t end;
    int signal;
    fstat(0, &size);
    void *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 0, 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sigemptyset(&end);
    sigaddset(&end, SIGUSR1);
    sigprocmask(SIG_BLOCK, &end, NULL);
    pid_t child = fork();
    if (child == 0) {
        close(0); /* now, for it asks the server, too */
        prctl(PR_SET_NAME, "lent");
        bind(fd, page, 16);
        _exit(0);
    }
    puts("calls");
    fflush(stdout);
    sigwait(&end, &signal);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    puts("gone");
    fflush(stdout);
    do {
        usleep(1000);
        getsockname(fd, (struct sockaddr *) &name, &length);
    } while (name.sin_port == 0);
    printf("port %d\n", ntohs(name.sin_port));
    return 0;
}

int main(int argc, char **argv) {
    return argc == 4 && strcmp(argv[1], "serve") == 0 ? serve(argv[2], argv[3])
            : argc == 3 && strcmp(argv[1], "call") == 0 ? call(argv[2])
            : argc == 2 && strcmp(argv[1], "lend") == 0 ? lend() : 2;
}
