/*
 * Reads paths from stdin, a line each, and says of each whether it can be written to: "written PATH", with the value that it
 * has, so that nothing changes; "opened PATH", where the value can't be read or is not taken; else the errno's name.
 * "sweep open" only opens them, "sweep values" tells their values.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static long value(const char *path, char *into, size_t size) {
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    long n = fd < 0 ? -1 : read(fd, into, size);
    close(fd);
    return n;
}

int main(int argc, char **argv) {
    char path[4096], content[65536];
    while (fgets(path, sizeof path, stdin)) {
        path[strcspn(path, "\n")] = 0;
        if (argc > 1 && strcmp(argv[1], "values") == 0) {
            long n = value(path, content, sizeof content);
            printf("%s ", path);
            for (long i = 0; i < n; i++) {
                printf("%02x", (unsigned char) content[i]);
            }
            puts("");
            continue;
        }
        int fd = open(path, O_WRONLY | O_NONBLOCK);
        if (fd < 0) {
            printf("%s %s\n", strerrorname_np(errno), path);
            continue;
        }
        long n = argc > 1 ? -1 : value(path, content, sizeof content);
        printf("%s %s\n", n > 0 && write(fd, content, n) > 0 ? "written" : "opened", path);
        close(fd);
    }
    return 0;
}
