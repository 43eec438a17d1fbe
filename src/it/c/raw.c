/*
 * Raw sockets (raw(7)): "sniff PROTOCOL [bind ADDRESS | disconnect | connect ADDRESS]" says "ready" and then
 * SOURCE>DESTINATION of each packet that it gets to see until its stdin ends; "send PROTOCOL SOURCE DESTINATION" sends one
 * packet with a header of its own making; "plain PROTOCOL DESTINATION" one with the kernel's. "done", or the errno's name.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
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

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
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
