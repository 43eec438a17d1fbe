/*
 * Uses sockets in one way and says what came of it: addresses as ADDRESS:PORT, or "CALL: ERRNO" for a call
 * that failed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int check(int result, const char *call) {
    if (result < 0) {
        printf("%s: %s\n", call, strerrorname_np(errno));
        exit(0);
    }
    return result;
}

static struct sockaddr_in address(const char *text, const char *port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1) {
        exit(2);
    }
    return a;
}

static const char *text(struct sockaddr_in a) {
    static char buffers[4][32];
    static int next;
    char *buffer = buffers[next++ % 4];
    snprintf(buffer, 32, "%s:%d", inet_ntoa(a.sin_addr), ntohs(a.sin_port));
    return buffer;
}

static struct sockaddr_in own(int fd) {
    struct sockaddr_in a;
    socklen_t size = sizeof a;
    check(getsockname(fd, (struct sockaddr *) &a, &size), "getsockname");
    return a;
}

static int open_socket(int type) {
    return check(socket(AF_INET, type, 0), "socket");
}

static void wait_readable(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 10000) != 1) {
        puts("nothing came");
        exit(0);
    }
}

/* Prints what one byte stream or datagram brings, if anything does within 300 ms. */
static void print_received(int fd) {
    char line[128];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n = poll(&p, 1, 300) == 1 ? read(fd, line, sizeof line - 1) : -1;
    if (n >= 0) {
        line[n] = 0;
        printf(" %s", line);
    }
}

/* socket DOMAIN TYPE PROTOCOL */
static void do_socket(char **a) {
    check(socket(atoi(a[0]), atoi(a[1]), atoi(a[2])), "socket");
    puts("done");
}

/* bind tcp|udp ADDRESS PORT */
static void do_bind(char **a) {
    int fd = open_socket(strcmp(a[0], "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM);
    struct sockaddr_in to = address(a[1], a[2]);
    int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
    check(bind(fd, (struct sockaddr *) &to, sizeof to), "bind");
    printf("%s\n", text(own(fd)));
}

/* serve ADDRESS PORT WORD [COUNT]: says where it listens, then who connects; answers with the word */
static void do_serve(char **a) {
    int fd = open_socket(SOCK_STREAM);
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in at = address(a[0], a[1]);
    check(bind(fd, (struct sockaddr *) &at, sizeof at), "bind");
    check(listen(fd, 8), "listen");
    printf("%s\n", text(own(fd)));
    for (int count = a[3] != NULL ? atoi(a[3]) : 1; count > 0; count--) {
        wait_readable(fd);
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        int client = check(accept(fd, (struct sockaddr *) &peer, &size), "accept");
        printf("from %s\n", inet_ntoa(peer.sin_addr));
        send(client, a[2], strlen(a[2]), MSG_NOSIGNAL); /* it may have left */
        close(client);
    }
}

/* listen-unbound: a port is chosen by listen(2); says where, then who connects */
static void do_listen_unbound(char **a) {
    int fd = open_socket(SOCK_STREAM);
    check(listen(fd, 8), "listen");
    printf("%s\n", text(own(fd)));
    wait_readable(fd);
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    check(accept(fd, (struct sockaddr *) &peer, &size), "accept");
    printf("from %s\n", inet_ntoa(peer.sin_addr));
}

static void connect_within(int fd, struct sockaddr_in to) {
    struct timeval limit = {.tv_usec = 500000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    check(connect(fd, (struct sockaddr *) &to, sizeof to), "connect");
}

/* connect ADDRESS PORT: own address, peer's, and what the peer says */
static void do_connect(char **a) {
    int fd = open_socket(SOCK_STREAM);
    connect_within(fd, address(a[0], a[1]));
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    check(getpeername(fd, (struct sockaddr *) &peer, &size), "getpeername");
    struct sockaddr_in me = own(fd);
    printf("%s -> ", inet_ntoa(me.sin_addr));
    printf("%s", text(peer));
    print_received(fd);
    puts("");
}

/* fast-open ADDRESS PORT: connects by sendto(2) */
static void do_fast_open(char **a) {
    int fd = open_socket(SOCK_STREAM);
    struct timeval limit = {.tv_usec = 500000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    struct sockaddr_in to = address(a[0], a[1]);
    check(sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *) &to, sizeof to), "sendto");
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    check(getpeername(fd, (struct sockaddr *) &peer, &size), "getpeername");
    printf("%s", text(peer));
    print_received(fd);
    puts("");
}

/* reconnect ADDRESS PORT: connects, forgets the peer and its own address, connects again */
static void do_reconnect(char **a) {
    int fd = open_socket(SOCK_STREAM);
    struct sockaddr_in to = address(a[0], a[1]);
    connect_within(fd, to);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    check(connect(fd, &none, sizeof none), "disconnect");
    connect_within(fd, to);
    struct sockaddr_in me = own(fd);
    printf("%s\n", inet_ntoa(me.sin_addr));
}

/* disconnected-listen: forgets its address and listens; says where, then who connects */
static void do_disconnected_listen(char **a) {
    int fd = open_socket(SOCK_STREAM);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    check(connect(fd, &none, sizeof none), "disconnect");
    check(listen(fd, 8), "listen");
    printf("%s\n", text(own(fd)));
    wait_readable(fd);
    check(accept(fd, NULL, NULL), "accept");
    puts("connected");
}

/* udp-serve ADDRESS PORT: says where it is, echoes one datagram and says from whom */
static void do_udp_serve(char **a) {
    int fd = open_socket(SOCK_DGRAM);
    struct sockaddr_in at = address(a[0], a[1]);
    check(bind(fd, (struct sockaddr *) &at, sizeof at), "bind");
    printf("%s\n", text(own(fd)));
    wait_readable(fd);
    char data[128];
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int n = check(recvfrom(fd, data, sizeof data, 0, (struct sockaddr *) &peer, &size), "recvfrom");
    printf("from %s\n", inet_ntoa(peer.sin_addr));
    check(sendto(fd, data, n, 0, (struct sockaddr *) &peer, size), "sendto");
}

/* udp-send ADDRESS PORT WORD [SOURCE]: from a source forged by IP_PKTINFO, if one is given; says who answers */
static void do_udp_send(char **a) {
    int fd = open_socket(SOCK_DGRAM);
    struct sockaddr_in to = address(a[0], a[1]);
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {0};
    struct iovec data = {a[2], strlen(a[2])};
    struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &data, .msg_iovlen = 1};
    if (a[3] != NULL) {
        struct in_pktinfo info = {.ipi_spec_dst = address(a[3], "0").sin_addr};
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header.cmsg_level = IPPROTO_IP;
        control.header.cmsg_type = IP_PKTINFO;
        control.header.cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    }
    check(sendmsg(fd, &message, 0), "sendmsg");
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 1000) != 1) {
        puts("no answer");
        return;
    }
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    char answer[128];
    int n = check(recvfrom(fd, answer, sizeof answer, 0, (struct sockaddr *) &peer, &size), "recvfrom");
    printf("%s %.*s\n", text(peer), n, answer);
}

/* udp-connected-send ADDRESS PORT WORD SOURCE: as udp-send, on a connected socket */
static void do_udp_connected_send(char **a) {
    int fd = open_socket(SOCK_DGRAM);
    struct sockaddr_in to = address(a[0], a[1]);
    check(connect(fd, (struct sockaddr *) &to, sizeof to), "connect");
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {0};
    struct in_pktinfo info = {.ipi_spec_dst = address(a[3], "0").sin_addr};
    struct iovec data = {a[2], strlen(a[2])};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control,
    };
    control.header.cmsg_level = IPPROTO_IP;
    control.header.cmsg_type = IP_PKTINFO;
    control.header.cmsg_len = CMSG_LEN(sizeof info);
    memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    check(sendmsg(fd, &message, 0), "sendmsg");
    puts("sent");
}

/* udp-disconnect ADDRESS: own address when connected there and when disconnected again */
static void do_udp_disconnect(char **a) {
    int fd = open_socket(SOCK_DGRAM);
    struct sockaddr_in to = address(a[0], "9");
    check(connect(fd, (struct sockaddr *) &to, sizeof to), "connect");
    printf("%s ", inet_ntoa(own(fd).sin_addr));
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    check(connect(fd, &none, sizeof none), "disconnect");
    printf("%s\n", inet_ntoa(own(fd).sin_addr));
}

/* interfaces: the addresses that SIOCGIFCONF tells, a line for each */
static void do_interfaces(char **a) {
    struct ifreq list[64];
    struct ifconf all = {.ifc_len = sizeof list, .ifc_req = list};
    check(ioctl(open_socket(SOCK_DGRAM), SIOCGIFCONF, &all), "ioctl");
    for (int i = 0; i < all.ifc_len / (int) sizeof *list; i++) {
        puts(inet_ntoa(((struct sockaddr_in *) &list[i].ifr_addr)->sin_addr));
    }
}

/* hardware: whether an interface's hardware address can be asked for */
static void do_hardware(char **a) {
    struct ifreq request = {.ifr_name = "lo"};
    check(ioctl(open_socket(SOCK_DGRAM), SIOCGIFHWADDR, &request), "ioctl");
    puts("done");
}

/* configure ADDRESS: gives lo:1 the address */
static void do_configure(char **a) {
    struct ifreq request = {.ifr_name = "lo:1"};
    struct sockaddr_in to = address(a[0], "0");
    memcpy(&request.ifr_addr, &to, sizeof to);
    check(ioctl(open_socket(SOCK_DGRAM), SIOCSIFADDR, &request), "ioctl");
    puts("done");
}

/* namespace: a descriptor of the network namespace of a socket */
static void do_namespace(char **a) {
    check(ioctl(open_socket(SOCK_DGRAM), 0x894c /* SIOCGSKNS */), "ioctl");
    puts("done");
}

/* option LEVEL NAME VALUE: setsockopt(2) of a number on a TCP socket */
static void do_option(char **a) {
    int value = atoi(a[2]);
    check(setsockopt(open_socket(SOCK_STREAM), atoi(a[0]), atoi(a[1]), &value, sizeof value), "setsockopt");
    puts("done");
}

/* many COUNT: how many sockets can be had at once, and why not more */
static void do_many(char **a) {
    for (int i = 0; i < atoi(a[0]); i++) {
        if (socket(AF_INET, SOCK_STREAM, 0) < 0) {
            printf("%s\n", strerrorname_np(errno));
            return;
        }
    }
    puts("all");
}

/* restless: takes sockets until it is killed */
static void do_restless(char **a) {
    while (1) {
        close(socket(AF_INET, SOCK_DGRAM, 0));
    }
}

static struct sockaddr_un abstract(const char *name, socklen_t *size) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path + 1, name);
    *size = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name);
    return a;
}

/* abstract-serve NAME */
static void do_abstract_serve(char **a) {
    socklen_t size;
    struct sockaddr_un at = abstract(a[0], &size);
    int fd = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    check(bind(fd, (struct sockaddr *) &at, size), "bind");
    check(listen(fd, 1), "listen");
    puts("listening");
    wait_readable(fd);
    check(accept(fd, NULL, NULL), "accept");
    puts("connected");
}

/* abstract-connect NAME */
static void do_abstract_connect(char **a) {
    socklen_t size;
    struct sockaddr_un at = abstract(a[0], &size);
    int fd = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    check(connect(fd, (struct sockaddr *) &at, size), "connect");
    puts("done");
}

static const struct { const char *name; void (*use)(char **); } uses[] = {
    {"socket", do_socket}, {"bind", do_bind}, {"serve", do_serve}, {"listen-unbound", do_listen_unbound},
    {"connect", do_connect}, {"fast-open", do_fast_open}, {"reconnect", do_reconnect},
    {"disconnected-listen", do_disconnected_listen}, {"udp-serve", do_udp_serve}, {"udp-send", do_udp_send},
    {"udp-connected-send", do_udp_connected_send}, {"udp-disconnect", do_udp_disconnect},
    {"interfaces", do_interfaces}, {"hardware", do_hardware}, {"configure", do_configure},
    {"namespace", do_namespace}, {"option", do_option}, {"many", do_many}, {"restless", do_restless},
    {"abstract-serve", do_abstract_serve}, {"abstract-connect", do_abstract_connect},
};

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; argc > 1 && i < sizeof uses / sizeof *uses; i++) {
        if (strcmp(argv[1], uses[i].name) == 0) {
            uses[i].use(argv + 2);
            return 0;
        }
    }
    fprintf(stderr, "net: no such use\n");
    return 2;
}
