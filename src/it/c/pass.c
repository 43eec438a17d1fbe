/*
 * Sockets passed from one jail to another: "pass give PATH" hands a new TCP socket to whoever connects to a local socket at
 * PATH; "pass take PATH connect|bind ADDRESS PORT" and "pass take PATH device" do something with the one they get: "done", or
 * the errno's name.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path, argv[2], sizeof name.sun_path - 1);
    char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (strcmp(argv[1], "give") == 0) {
        unlink(argv[2]);
        if (bind(local, (struct sockaddr *) &name, sizeof name) < 0 || listen(local, 8) < 0) {
            return 1;
        }
        puts("ready");
        fflush(stdout);
        for (int peer; (peer = accept(local, NULL, NULL)) >= 0; close(peer)) {
            int given = socket(AF_INET, SOCK_STREAM, 0);
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            *header = (struct cmsghdr) {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof given)};
            memcpy(CMSG_DATA(header), &given, sizeof given);
            sendmsg(peer, &message, 0);
            close(given);
        }
        return 0;
    }
    if (connect(local, (struct sockaddr *) &name, sizeof name) < 0 || recvmsg(local, &message, 0) < 1) {
        return 1;
    }
    int taken;
    memcpy(&taken, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof taken);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(argc > 5 ? atoi(argv[5]) : 0)};
    if (argc > 5) {
        inet_pton(AF_INET, argv[4], &to.sin_addr);
    }
    int result = strcmp(argv[3], "connect") == 0 ? connect(taken, (struct sockaddr *) &to, sizeof to)
            : strcmp(argv[3], "bind") == 0 ? bind(taken, (struct sockaddr *) &to, sizeof to)
            : setsockopt(taken, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
    puts(result < 0 ? strerrorname_np(errno) : "done");
    return 0;
}
