/*
 * Descriptors passed from one jail to another: "pass give SOCKET" hands a new TCP socket to whoever connects to a local socket
 * at SOCKET, "pass give SOCKET PATH" what it opens there. "pass take SOCKET connect|bind ADDRESS PORT" and "pass take SOCKET
 * device" do something with the socket they get: "done", or the errno's name. "pass take SOCKET reach SECRET" tries with a
 * file or directory what its own rights might be enough for: to read and to write the file under a name of its own; to make a
 * file in the directory, and to climb from it to the root where SECRET is: "out" or "inside".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char byte, control[CMSG_SPACE(sizeof(int))];
static struct iovec vector = {&byte, 1};
static struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};

static const char *told(long result) {
    return result < 0 ? strerrorname_np(errno) : "done";
}

static int give(int local, const struct sockaddr_un *name, const char *path) {
    unlink(name->sun_path);
    if (bind(local, (const struct sockaddr *) name, sizeof *name) < 0 || chmod(name->sun_path, 0666) < 0 || listen(local, 8) < 0) {
        perror("pass");
        return 1;
    }
    puts("ready");
    fflush(stdout);
    for (int peer; (peer = accept(local, NULL, NULL)) >= 0; close(peer)) {
        int given = path == NULL ? socket(AF_INET, SOCK_STREAM, 0) : open(path, O_RDONLY);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr) {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof given)};
        memcpy(CMSG_DATA(header), &given, sizeof given);
        sendmsg(peer, &message, 0);
        close(given);
    }
    return 0;
}

static void reach(int taken, const char *secret) {
    char path[64];
    sprintf(path, "/proc/self/fd/%d", taken);
    if (fchdir(taken) < 0) {
        printf("read %s", told(open(path, O_RDONLY)));
        printf(" write %s\n", told(open(path, O_WRONLY)));
        return;
    }
    int made = openat(taken, "made", O_WRONLY | O_CREAT | O_EXCL, 0600);
    printf("make %s", told(made));
    if (made >= 0) {
        unlinkat(taken, "made", 0);
    }
    for (int i = 0; i < 40 && chdir("..") == 0; i++) {
    }
    printf(" %s\n", access(secret + 1, F_OK) == 0 ? "out" : "inside");
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path, argv[2], sizeof name.sun_path - 1);
    if (strcmp(argv[1], "give") == 0) {
        return give(local, &name, argv[3]);
    }
    if (argc < 4) {
        return 2;
    }
    if (connect(local, (struct sockaddr *) &name, sizeof name) < 0 || recvmsg(local, &message, 0) < 1) {
        puts(strerrorname_np(errno));
        return 1;
    }
    int taken;
    memcpy(&taken, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof taken);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(argc > 5 ? atoi(argv[5]) : 0)};
    if (argc > 5) {
        inet_pton(AF_INET, argv[4], &to.sin_addr);
    }
    if (strcmp(argv[3], "reach") == 0 && argc > 4) {
        reach(taken, argv[4]);
    } else if (strcmp(argv[3], "connect") == 0) {
        puts(told(connect(taken, (struct sockaddr *) &to, sizeof to)));
    } else if (strcmp(argv[3], "bind") == 0) {
        puts(told(bind(taken, (struct sockaddr *) &to, sizeof to)));
    } else {
        puts(told(setsockopt(taken, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3)));
    }
    return 0;
}
