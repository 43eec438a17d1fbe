/*
 * Listens on all addresses: "wild 4|6|46 tcp|udp PORT [reuse]" says "ready PORT" and then tells each client at which address it
 * was reached, until stdin ends. 46 is one socket for both families. UDP answers from the address that was asked.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int check(int result, const char *call) {
    if (result < 0) {
        printf("%s: %s\n", call, strerrorname_np(errno));
        exit(0);
    }
    return result;
}

static void answer_tcp(int fd) {
    int client = check(accept(fd, NULL, NULL), "accept");
    struct sockaddr_storage own;
    socklen_t size = sizeof own;
    check(getsockname(client, (struct sockaddr *) &own, &size), "getsockname");
    char text[INET6_ADDRSTRLEN + 1];
    inet_ntop(own.ss_family, own.ss_family == AF_INET ? (void *) &((struct sockaddr_in *) &own)->sin_addr
            : (void *) &((struct sockaddr_in6 *) &own)->sin6_addr, text, sizeof text);
    strcat(text, "\n");
    send(client, text, strlen(text), MSG_NOSIGNAL);
    close(client);
}

static void answer_udp(int fd) {
    char data[64], control[256];
    struct sockaddr_storage peer;
    struct iovec vector = {data, sizeof data};
    struct msghdr message = {.msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &vector, .msg_iovlen = 1,
        .msg_control = control, .msg_controllen = sizeof control};
    check(recvmsg(fd, &message, 0), "recvmsg");
    char text[INET6_ADDRSTRLEN + 1] = "nowhere";
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == IPPROTO_IP) {
            struct in_pktinfo *info = (struct in_pktinfo *) CMSG_DATA(c);
            inet_ntop(AF_INET, &info->ipi_addr, text, sizeof text);
            info->ipi_spec_dst = info->ipi_addr;
            info->ipi_ifindex = 0;
        } else {
            struct in6_pktinfo *info = (struct in6_pktinfo *) CMSG_DATA(c);
            inet_ntop(AF_INET6, &info->ipi6_addr, text, sizeof text);
            info->ipi6_ifindex = 0;
        }
    }
    strcat(text, "\n");
    vector = (struct iovec) {text, strlen(text)};
    check(sendmsg(fd, &message, 0), "sendmsg");
}

int main(int argc, char **argv) {
    if (argc < 4) {
        return 2;
    }
    int ip4 = strcmp(argv[1], "4") == 0, tcp = strcmp(argv[2], "tcp") == 0, on = 1, off = 0;
    int only6 = strcmp(argv[1], "6") == 0;
    int fd = check(socket(ip4 ? AF_INET : AF_INET6, tcp ? SOCK_STREAM : SOCK_DGRAM, 0), "socket");
    struct sockaddr_storage all = {.ss_family = ip4 ? AF_INET : AF_INET6};
    socklen_t size = ip4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    ((struct sockaddr_in *) &all)->sin_port = htons(atoi(argv[3])); // where IPv6 has it, too
    if (!ip4) {
        check(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, only6 ? &on : &off, sizeof on), "V6ONLY");
        check(setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on), "RECVPKTINFO");
    }
    if (!only6) {
        check(setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on), "PKTINFO");
    }
    if (argc > 4) {
        check(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "REUSEPORT");
    }
    check(bind(fd, (struct sockaddr *) &all, size), "bind");
    if (tcp) {
        check(listen(fd, 8), "listen");
    }
    check(getsockname(fd, (struct sockaddr *) &all, &size), "getsockname");
    printf("ready %d\n", ntohs(((struct sockaddr_in *) &all)->sin_port));
    fflush(stdout);
    while (1) {
        struct pollfd p[2] = {{fd, POLLIN, 0}, {0, POLLIN, 0}};
        poll(p, 2, -1);
        if (p[0].revents) {
            (tcp ? answer_tcp : answer_udp)(fd);
        } else if (p[1].revents) {
            return 0;
        }
    }
}
