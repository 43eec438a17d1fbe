/*
 * "hand give SOCKET PATH" hands what it opens at PATH to whoever connects to a local socket at SOCKET. "hand take SOCKET SECRET"
 * tries with what it gets what its own rights might be enough for: to read and to write it under a name of its own, and, of a
 * directory, to make a file in it and to climb from it to the root where SECRET is: "out" or "inside".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *told(long result) {
    return result < 0 ? strerrorname_np(errno) : "done";
}

int main(int argc, char **argv) {
    if (argc != 4) {
        return 2;
    }
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path, argv[2], sizeof name.sun_path - 1);
    char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (strcmp(argv[1], "give") == 0) {
        int given = open(argv[3], O_RDONLY);
        unlink(argv[2]);
        if (given < 0 || bind(local, (struct sockaddr *) &name, sizeof name) < 0 || chmod(argv[2], 0666) < 0
                || listen(local, 8) < 0) {
            perror("hand");
            return 1;
        }
        puts("ready");
        fflush(stdout);
        for (int peer; (peer = accept(local, NULL, NULL)) >= 0; close(peer)) {
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            *header = (struct cmsghdr) {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof given)};
            memcpy(CMSG_DATA(header), &given, sizeof given);
            sendmsg(peer, &message, 0);
        }
        return 0;
    }
    if (connect(local, (struct sockaddr *) &name, sizeof name) < 0 || recvmsg(local, &message, 0) < 1) {
        puts(strerrorname_np(errno));
        return 0;
    }
    int taken;
    memcpy(&taken, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof taken);
    char path[64];
    sprintf(path, "/proc/self/fd/%d", taken);
    if (fchdir(taken) < 0) {
        printf("read %s", told(open(path, O_RDONLY)));
        printf(" write %s\n", told(open(path, O_WRONLY)));
        return 0;
    }
    int made = openat(taken, "made", O_WRONLY | O_CREAT | O_EXCL, 0600);
    printf("make %s", told(made));
    if (made >= 0) {
        unlinkat(taken, "made", 0);
    }
    for (int i = 0; i < 40 && chdir("..") == 0; i++) {
    }
    printf(" %s\n", access(argv[3] + 1, F_OK) == 0 ? "out" : "inside");
    return 0;
}
