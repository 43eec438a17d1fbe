/*
 * Raw sockets (raw(7)): "sniff PROTOCOL [bind ADDRESS | disconnect | connect ADDRESS]" says "ready" and then
 * SOURCE>DESTINATION of each packet that it gets to see until its stdin ends; "send PROTOCOL SOURCE DESTINATION" sends one
 * packet with a header of its own making; "listen ADDRESS PORT" and "send_udp ADDRESS PORT" are plain UDP; "plain PROTOCOL DESTINATION" one with the kernel's; "forge SOURCE DESTINATION
 * ROUTED PORT" a datagram of UDP whose header says one destination and which is routed to another; "icmp TYPE DESTINATION"
 * an ICMP message. "errors PROTOCOL [ADDRESS]" says "ready" and then what packets met errors. "option TYPE LEVEL NAME
 * [PROTOCOL]" sets an option of a socket of that type to 1. "done", or the errno's name.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static long check(long result) {
    if (result < 0) {
        puts(strerrorname_np(errno));
        exit(0);
    }
    return result;
}

static struct sockaddr_in address(const char *text) {
    struct sockaddr_in a = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1) {
        exit(2);
    }
    return a;
}

static void sniff(int fd, char **a) {
    if (a[0] && strcmp(a[0], "disconnect") == 0) {
        struct sockaddr none = {.sa_family = AF_UNSPEC};
        check(connect(fd, &none, sizeof none));
    } else if (a[0]) {
        struct sockaddr_in to = address(a[1]);
        check((strcmp(a[0], "bind") == 0 ? bind : connect)(fd, (struct sockaddr *) &to, sizeof to));
    }
    puts("ready");
    fflush(stdout);
    while (1) {
        struct pollfd p[2] = {{fd, POLLIN, 0}, {0, POLLIN, 0}};
        poll(p, 2, -1);
        if (p[0].revents) {
            struct { struct iphdr header; char data[2048]; } packet;
            check(recv(fd, &packet, sizeof packet, 0));
            char source[32], destination[32];
            inet_ntop(AF_INET, &packet.header.saddr, source, 32);
            inet_ntop(AF_INET, &packet.header.daddr, destination, 32);
            printf("%s>%s\n", source, destination);
            fflush(stdout);
        } else if (p[1].revents) {
            char byte;
            if (read(0, &byte, 1) <= 0) {
                puts("end");
                return;
            }
        }
    }
}

static int forge(char **a) {
    int fd = check(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    struct sockaddr none = {.sa_family = AF_UNSPEC}; // so that it has no address of its own any more
    check(connect(fd, &none, sizeof none));
    struct sockaddr_in from = address(a[0]), header = address(a[1]), to = address(a[2]);
    struct { struct iphdr ip; struct udphdr udp; char data[8]; } packet = {
        .ip = {.version = 4, .ihl = 5, .ttl = 9, .tot_len = htons(36), .protocol = IPPROTO_UDP,
            .saddr = from.sin_addr.s_addr, .daddr = header.sin_addr.s_addr},
        .udp = {.uh_sport = htons(53), .uh_dport = htons(atoi(a[3])), .uh_ulen = htons(16)}, .data = "forged!"};
    check(sendto(fd, &packet, sizeof packet, 0, (struct sockaddr *) &to, sizeof to));
    puts("done");
    return 0;
}

static int icmp(char **a) {
    int fd = check(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    struct icmphdr message = {.type = atoi(a[0])};
    message.checksum = htons(0xffff - (message.type << 8));
    struct sockaddr_in to = address(a[1]);
    check(sendto(fd, &message, sizeof message, 0, (struct sockaddr *) &to, sizeof to));
    puts("done");
    return 0;
}

static int errors(char **a) {
    int fd = check(socket(AF_INET, SOCK_RAW, atoi(a[0])));
    int on = 1;
    check(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on));
    check(setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof on));
    if (a[1]) {
        struct sockaddr_in own = address(a[1]);
        check(bind(fd, (struct sockaddr *) &own, sizeof own));
    }
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
    struct { struct iphdr header; char data[2048]; } packet;
    char control[512];
    struct iovec vector = {&packet, sizeof packet};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) > 0) {
        printf("%s\n", inet_ntoa((struct in_addr) {packet.header.saddr}));
    }
    puts("end");
    return 0;
}

/* No raw socket: one that is to get no forged datagram. */
static int listen_udp(char **a) {
    int fd = check(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in own = address(a[0]);
    own.sin_port = htons(atoi(a[1]));
    check(bind(fd, (struct sockaddr *) &own, sizeof own));
    sniff(fd, a + 2);
    return 0;
}

static int send_udp(char **a) {
    int fd = check(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in to = address(a[0]);
    to.sin_port = htons(atoi(a[1]));
    check(sendto(fd, "12345678901234567890", 20, 0, (struct sockaddr *) &to, sizeof to));
    puts("done");
    return 0;
}

static int option(char **a) {
    int fd = check(socket(AF_INET, atoi(a[0]), a[3] ? atoi(a[3]) : 0));
    int level = atoi(a[1]), name = atoi(a[2]);
    struct ip_mreqn group = {.imr_multiaddr = {inet_addr("239.1.2.3")}, .imr_ifindex = 1};
    int on = 1;
    check(level == 0 && name == IP_ADD_MEMBERSHIP ? setsockopt(fd, level, name, &group, sizeof group)
            : level == 1 && name == SO_BINDTODEVICE ? setsockopt(fd, level, name, "lo", 3)
            : setsockopt(fd, level, name, &on, sizeof on));
    puts("done");
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    static const struct { const char *name; int (*way)(char **); } ways[] = {
        {"forge", forge}, {"icmp", icmp}, {"errors", errors}, {"option", option}, {"listen", listen_udp}, {"send_udp", send_udp}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(argv[1], ways[i].name) == 0) {
            return ways[i].way(argv + 2);
        }
    }
    int protocol = atoi(argv[2]);
    int fd = check(socket(AF_INET, SOCK_RAW, protocol));
    if (strcmp(argv[1], "sniff") == 0) {
        sniff(fd, argv + 3);
        return 0;
    }
    if (strcmp(argv[1], "plain") == 0) {
        struct sockaddr_in to = address(argv[3]);
        check(sendto(fd, "12345678", 8, 0, (struct sockaddr *) &to, sizeof to));
        puts("done");
        return 0;
    }
    int on = 1;
    check(setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof on));
    struct sockaddr_in from = address(argv[3]), to = address(argv[4]);
    struct { struct iphdr header; char data[8]; } packet = {.header = {.version = 4, .ihl = 5, .ttl = 9,
        .tot_len = htons(28), .protocol = protocol, .saddr = from.sin_addr.s_addr, .daddr = to.sin_addr.s_addr}};
    check(sendto(fd, &packet, sizeof packet, 0, (struct sockaddr *) &to, sizeof to));
    puts("done");
    return 0;
}
