/*
 * hunt NAME: waits for a process that runs a program of that name, from outside of this process's root, keeps the program's
 * file, waits for it to end and tries what would change the program: "open done truncate done chmod done link done", or the
 * names of the errnos. What it writes is in the padding of an ELF header.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {PADDING = 15, MOST_PIDS = 400};

static const char *told(long result) {
    return result < 0 ? strerrorname_np(errno) : "done";
}

static int catch(const char *name, int *pid) {
    char path[64], program[4096];
    for (;;) {
        for (*pid = getpid() + 1; *pid < getpid() + MOST_PIDS; ++*pid) {
            sprintf(path, "/proc/%d/exe", *pid);
            int fd = open(path, O_RDONLY);
            if (fd < 0) {
                continue;
            }
            sprintf(path, "/proc/self/fd/%d", fd);
            long n = readlink(path, program, sizeof program - 1);
            program[n < 0 ? 0 : n] = 0;
            const char *last = strrchr(program, '/');
            if (last != NULL && strcmp(last + 1, name) == 0) {
                return fd;
            }
            close(fd);
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    puts("ready");
    fflush(stdout);
    int pid;
    int fd = catch(argv[1], &pid);
    char path[64];
    struct stat file;
    sprintf(path, "/proc/self/fd/%d", fd);
    if (fstat(fd, &file) < 0) {
        return 1;
    }
    int out = -1;
    for (int i = 0; i < 300 && (out = open(path, O_WRONLY)) < 0 && errno == ETXTBSY; i++) {
        usleep(10000);
    }
    printf("open %s", told(out < 0 ? out : pwrite(out, "X", 1, PADDING)));
    printf(" truncate %s", told(truncate(path, file.st_size)));
    printf(" chmod %s", told(chmod(path, file.st_mode)));
    long linked = linkat(AT_FDCWD, path, AT_FDCWD, "/tmp/linked", AT_SYMLINK_FOLLOW);
    printf(" link %s\n", told(linked));
    unlink("/tmp/linked");
    return 0;
}
