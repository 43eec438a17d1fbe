/*
 * What processes talk by. "ipc make KIND NAME" makes one and keeps it until it is killed; "ipc use KIND NAME" says whether
 * it is there for this process: "done", or the errno's name. Kinds: queue (POSIX), segment, semaphore (POSIX, in /dev/shm),
 * abstract (a local socket without a file).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int use(int make, const char *kind, const char *name) {
    int create = make ? O_CREAT | O_EXCL : 0;
    if (strcmp(kind, "queue") == 0) {
        return mq_open(name, O_RDWR | create, 0666, NULL);
    }
    if (strcmp(kind, "segment") == 0) {
        return shm_open(name, O_RDWR | create, 0666);
    }
    if (strcmp(kind, "semaphore") == 0) {
        return (make ? sem_open(name, O_CREAT | O_EXCL, 0666, 1) : sem_open(name, 0)) == SEM_FAILED ? -1 : 0;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (!make) {
        return connect(fd, (struct sockaddr *) &address, size);
    }
    return bind(fd, (struct sockaddr *) &address, size) < 0 ? -1 : listen(fd, 9);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        return 2;
    }
    int make = strcmp(argv[1], "make") == 0;
    puts(use(make, argv[2], argv[3]) < 0 ? strerrorname_np(errno) : "done");
    fflush(stdout);
    if (make) {
        getchar(); // until stdin ends
        mq_unlink(argv[3]);
        if (strcmp(argv[2], "segment") == 0) {
            shm_unlink(argv[3]);
        } else if (strcmp(argv[2], "semaphore") == 0) {
            sem_unlink(argv[3]);
        }
    }
    return 0;
}
