/*
 * Does things to one socket, one after the other: "net6 KIND [WHAT [ARGUMENT ...]] ...". KIND is tcp, udp, tcp4, udp4,
 * raw:PROTOCOL or raw4:PROTOCOL, or taken:PATH for what somebody gives there; what can be done to it is the list at the end. Addresses are told as [ADDRESS]:PORT or
 * ADDRESS:PORT, each in a line of its own. A call that fails is told as "CALL: ERRNO", and nothing is done after it, or
 * the next thing is after "try".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef union {
    struct sockaddr any;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
} address;

static int fd;
static int family;
/* what the next datagrams are to have as their source; none if its family is 0 */
static address forged;
static int index_of_forged;
/* whether more is done after a call that fails */
static int trying;

static int check(int result, const char *call) {
    if (result < 0) {
        printf("%s: %s\n", call, strerrorname_np(errno));
        if (trying) {
            return result;
        }
        exit(0);
    }
    return result;
}

static address parse(int of_family, const char *text, const char *port) {
    address a = {0};
    a.any.sa_family = of_family;
    void *to = of_family == AF_INET ? (void *) &a.in4.sin_addr : (void *) &a.in6.sin6_addr;
    if (inet_pton(of_family, text, to) != 1) {
        fprintf(stderr, "net6: no address: %s\n", text);
        exit(2);
    }
    a.in4.sin_port = htons(atoi(port)); /* at the same place in both */
    return a;
}

static socklen_t size_of(const address *a) {
    return a->any.sa_family == AF_INET ? sizeof a->in4 : sizeof a->in6;
}

static void print_host(const address *a) {
    char text[INET6_ADDRSTRLEN];
    int is4 = a->any.sa_family == AF_INET;
    inet_ntop(a->any.sa_family, is4 ? (const void *) &a->in4.sin_addr : (const void *) &a->in6.sin6_addr, text, sizeof text);
    printf(is4 ? "%s" : "[%s]", text);
}

static void print_all(const address *a) {
    print_host(a);
    printf(":%d\n", ntohs(a->in4.sin_port));
}

static address own(void) {
    address a = {0};
    socklen_t size = sizeof a;
    check(getsockname(fd, &a.any, &size), "getsockname");
    return a;
}

static void await_readable(int milliseconds) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, milliseconds) != 1) {
        puts("nothing");
        exit(0);
    }
}

static void do_bind(char **a) {
    address to = parse(family, a[0], a[1]);
    check(bind(fd, &to.any, size_of(&to)), "bind");
}

static void do_listen(char **a) {
    check(listen(fd, 8), "listen");
}

static void do_name(char **a) {
    address me = own();
    print_all(&me);
}

static void do_host(char **a) {
    address me = own();
    print_host(&me);
    puts("");
}

static void do_port(char **a) {
    printf("%d\n", ntohs(own().in4.sin_port));
}

static void do_peer(char **a) {
    address peer = {0};
    socklen_t size = sizeof peer;
    check(getpeername(fd, &peer.any, &size), "getpeername");
    print_all(&peer);
}

/* says who connects, and answers with a word */
static void do_accept(char **a) {
    await_readable(10000);
    address peer = {0};
    socklen_t size = sizeof peer;
    int client = check(accept(fd, &peer.any, &size), "accept");
    printf("from ");
    print_host(&peer);
    puts("");
    send(client, a[0], strlen(a[0]), MSG_NOSIGNAL); /* it may have left */
    close(client);
}

static void limit_time(void) {
    struct timeval limit = {.tv_usec = 500000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static void connect_to(address to) {
    limit_time();
    check(connect(fd, &to.any, size_of(&to)), "connect");
}

static void do_connect(char **a) {
    connect_to(parse(family, a[0], a[1]));
}

/* with an IPv4 address whatever the socket is */
static void do_connect4(char **a) {
    connect_to(parse(AF_INET, a[0], a[1]));
}

static void do_fast_open(char **a) {
    limit_time();
    address to = parse(family, a[0], a[1]);
    check(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &to.any, size_of(&to)), "sendto");
}

static void do_disconnect(char **a) {
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    check(connect(fd, &none, sizeof none), "disconnect");
}

static void do_read(char **a) {
    char data[128];
    await_readable(1000);
    int n = check(read(fd, data, sizeof data), "read");
    printf("%.*s\n", n, data);
}

static void do_forge(char **a) {
    forged = parse(strchr(a[0], ':') ? AF_INET6 : AF_INET, a[0], "0");
}

static void do_forge_index(char **a) {
    index_of_forged = atoi(a[0]);
}

/* a source for all that is sent */
static void do_sticky(char **a) {
    struct in6_pktinfo info = {.ipi6_addr = parse(AF_INET6, a[0], "0").in6.sin6_addr};
    check(setsockopt(fd, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info), "setsockopt");
}

static void send_message(address *to, char *word) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    } control = {0};
    struct iovec data = {word, strlen(word)};
    struct msghdr message = {.msg_name = to, .msg_namelen = to ? size_of(to) : 0, .msg_iov = &data, .msg_iovlen = 1};
    struct in6_pktinfo info6 = {.ipi6_addr = forged.in6.sin6_addr, .ipi6_ifindex = index_of_forged};
    struct in_pktinfo info4 = {.ipi_spec_dst = forged.in4.sin_addr, .ipi_ifindex = index_of_forged};
    if (forged.any.sa_family) {
        int is4 = forged.any.sa_family == AF_INET;
        int size = is4 ? sizeof info4 : sizeof info6;
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(size);
        control.header.cmsg_level = is4 ? IPPROTO_IP : IPPROTO_IPV6;
        control.header.cmsg_type = is4 ? IP_PKTINFO : IPV6_PKTINFO;
        control.header.cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(&control.header), is4 ? (void *) &info4 : (void *) &info6, size);
    }
    check(sendmsg(fd, &message, 0), "sendmsg");
}

static void do_sendto(char **a) {
    address to = parse(family, a[0], a[1]);
    send_message(&to, a[2]);
}

static void do_sendto4(char **a) {
    address to = parse(AF_INET, a[0], a[1]);
    send_message(&to, a[2]);
}

static void do_send(char **a) {
    send_message(NULL, a[0]);
}

static int receive(address *peer, char *data, int most) {
    socklen_t size = sizeof *peer;
    int n = check(recvfrom(fd, data, most, 0, &peer->any, &size), "recvfrom");
    printf("%.*s from ", n, data);
    print_all(peer);
    return n;
}

static void do_receive(char **a) {
    address peer = {0};
    char data[128];
    await_readable(1000);
    receive(&peer, data, sizeof data);
}

static void do_echo(char **a) {
    address peer = {0};
    char data[128];
    await_readable(10000);
    int n = receive(&peer, data, sizeof data);
    check(sendto(fd, data, n, 0, &peer.any, size_of(&peer)), "sendto");
}

static void do_option(char **a) {
    int value = atoi(a[2]);
    check(setsockopt(fd, atoi(a[0]), atoi(a[1]), &value, sizeof value), "setsockopt");
}

/* the bytes of an option's value, in hexadecimal */
static void do_bytes(char **a) {
    unsigned char value[8192];
    int size = strlen(a[2]) / 2;
    for (int i = 0; i < size; i++) {
        sscanf(a[2] + 2 * i, "%2hhx", value + i);
    }
    check(setsockopt(fd, atoi(a[0]), atoi(a[1]), value, size), "setsockopt");
}

/* tells an option as an int, or the first of several */
static void do_tell(char **a) {
    int value[64] = {0};
    socklen_t size = sizeof value;
    check(getsockopt(fd, atoi(a[0]), atoi(a[1]), value, &size), "getsockopt");
    printf("%d\n", value[0]);
}

static void do_try(char **a) {
    trying = 1;
}

static void do_device(char **a) {
    check(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, a[0], strlen(a[0]) + 1), "setsockopt");
}

/* groups of the interface lo */
static void join6(int option, const char *group) {
    struct ipv6_mreq request = {.ipv6mr_multiaddr = parse(AF_INET6, group, "0").in6.sin6_addr, .ipv6mr_interface = 1};
    check(setsockopt(fd, IPPROTO_IPV6, option, &request, sizeof request), "setsockopt");
}

static void do_join(char **a) {
    join6(IPV6_ADD_MEMBERSHIP, a[0]);
}

static void do_anycast(char **a) {
    join6(IPV6_JOIN_ANYCAST, a[0]);
}

static void do_join_new(char **a) {
    struct group_req request = {.gr_interface = 1};
    address group = parse(AF_INET6, a[0], "0");
    memcpy(&request.gr_group, &group, sizeof group);
    check(setsockopt(fd, IPPROTO_IPV6, MCAST_JOIN_GROUP, &request, sizeof request), "setsockopt");
}

static void do_join4(char **a) {
    struct ip_mreqn request = {.imr_multiaddr = parse(AF_INET, a[0], "0").in4.sin_addr, .imr_ifindex = 1};
    check(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request), "setsockopt");
}

/* the port that a socket without one takes, of those that are given out (IP_LOCAL_PORT_RANGE) */
static void do_choose(char **a) {
    unsigned range = atoi(a[0]) << 16 | atoi(a[0]);
    check(setsockopt(fd, IPPROTO_IP, 51, &range, sizeof range), "setsockopt");
}

/* all that comes, as SOURCE>DESTINATION, until stdin ends */
static void do_sniff(char **a) {
    int on = 1;
    check(setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on), "setsockopt");
    puts("ready");
    while (1) {
        struct pollfd p[2] = {{fd, POLLIN, 0}, {0, POLLIN, 0}};
        poll(p, 2, -1);
        if (p[0].revents) {
            char data[2048], control[256], from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN] = "?";
            address peer = {0};
            struct iovec vector = {data, sizeof data};
            struct msghdr message = {.msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &vector, .msg_iovlen = 1,
                .msg_control = control, .msg_controllen = sizeof control};
            check(recvmsg(fd, &message, 0), "recvmsg");
            for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
                if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
                    inet_ntop(AF_INET6, CMSG_DATA(c), to, sizeof to); /* the address comes first */
                }
            }
            inet_ntop(AF_INET6, &peer.in6.sin6_addr, from, sizeof from);
            printf("%s>%s\n", from, to);
        } else if (p[1].revents) {
            char byte;
            if (read(0, &byte, 1) <= 0) {
                puts("end");
                return;
            }
        }
    }
}

/* an ICMPv6 message of a type, with the header that the kernel makes */
static void do_icmp(char **a) {
    char message[48] = {atoi(a[0])};
    address to = parse(AF_INET6, a[1], "0");
    check(sendto(fd, message, sizeof message, 0, &to.any, size_of(&to)), "sendto");
}

static unsigned sum(const void *data, int size) {
    const unsigned char *bytes = data;
    unsigned total = 0;
    for (int i = 0; i < size; i += 2) {
        total += bytes[i] << 8 | bytes[i + 1];
    }
    return total;
}

/*
 * A packet with a header of its own making: CHAIN SOURCE DESTINATION ROUTED TYPE. The chain is the headers' numbers
 * between commas; what follows the last is 24 bytes, of an ICMPv6 message of the type if that is 58.
 */
static void do_packet(char **a) {
    struct { struct ip6_hdr header; unsigned char rest[128]; } packet = {0};
    int size = 0;
    unsigned char *next = &packet.header.ip6_nxt;
    packet.header.ip6_flow = htonl(6u << 28);
    packet.header.ip6_hlim = 64;
    packet.header.ip6_src = parse(AF_INET6, a[1], "0").in6.sin6_addr;
    packet.header.ip6_dst = parse(AF_INET6, a[2], "0").in6.sin6_addr;
    char chain[64];
    snprintf(chain, sizeof chain, "%s", a[0]);
    for (char *word = strtok(chain, ","); word != NULL; word = strtok(NULL, ",")) {
        int number = atoi(word);
        *next = number;
        if (number == 0 || number == 43 || number == 44 || number == 60) {
            unsigned char *header = packet.rest + size;
            if (number == 0 || number == 60) {
                header[2] = 1; /* PadN */
                header[3] = 4;
            }
            next = header;
            size += 8;
        }
    }
    unsigned char *message = packet.rest + size;
    message[0] = atoi(a[4]);
    unsigned total = sum(&packet.header.ip6_src, 32) + 24 + 58 + sum(message, 24);
    total = (total & 0xffff) + (total >> 16);
    total = (total & 0xffff) + (total >> 16);
    if (*next == 58) {
        message[2] = ~total >> 8;
        message[3] = ~total;
    }
    size += 24;
    packet.header.ip6_plen = htons(size);
    address to = parse(AF_INET6, a[3], "0");
    check(sendto(fd, &packet, sizeof packet.header + size, 0, &to.any, size_of(&to)), "sendto");
}

/* what comes to a raw socket within a second, by its first byte: the type of an ICMPv6 message */
static void do_type(char **a) {
    unsigned char data[2048];
    await_readable(1000);
    check(recv(fd, data, sizeof data, 0), "recv");
    printf("type %d\n", data[0]);
}

/* One byte with a descriptor, by a local socket at a path. */
static struct sockaddr_un place(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    return name;
}

static union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
} passed;
static char byte_passed;
static struct iovec bytes_passed = {&byte_passed, 1};
static struct msghdr passing = {.msg_iov = &bytes_passed, .msg_iovlen = 1, .msg_control = &passed, .msg_controllen = sizeof passed};

/* to one who comes for it */
static void do_give(char **a) {
    struct sockaddr_un name = place(a[0]);
    unlink(name.sun_path);
    int door = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    check(bind(door, (struct sockaddr *) &name, sizeof name), "bind");
    check(chmod(name.sun_path, 0666), "chmod");
    check(listen(door, 1), "listen");
    puts("gives");
    int taker = check(accept(door, NULL, NULL), "accept");
    passed.header = (struct cmsghdr) {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(&passed.header), &fd, sizeof fd);
    check(sendmsg(taker, &passing, 0), "sendmsg");
    close(taker);
    close(door);
}

static void take(const char *path) {
    struct sockaddr_un name = place(path);
    int giver = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    check(connect(giver, (struct sockaddr *) &name, sizeof name), "connect");
    check(recvmsg(giver, &passing, 0), "recvmsg");
    memcpy(&fd, CMSG_DATA(&passed.header), sizeof fd);
    socklen_t size = sizeof family;
    check(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size), "getsockopt");
}

static void do_say(char **a) {
    puts(a[0]);
}

/* until stdin ends */
static void do_wait(char **a) {
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
}

/* until something is typed */
static void do_pause(char **a) {
    char byte;
    check(read(0, &byte, 1), "read");
}

static const struct { const char *name; int arguments; void (*use)(char **); } uses[] = {
    {"bind", 2, do_bind}, {"listen", 0, do_listen}, {"accept", 1, do_accept},
    {"connect", 2, do_connect}, {"connect4", 2, do_connect4}, {"fast-open", 2, do_fast_open},
    {"disconnect", 0, do_disconnect},
    {"name", 0, do_name}, {"host", 0, do_host}, {"port", 0, do_port}, {"peer", 0, do_peer}, {"read", 0, do_read},
    {"forge", 1, do_forge}, {"forge-index", 1, do_forge_index}, {"sticky", 1, do_sticky},
    {"sendto", 3, do_sendto}, {"sendto4", 3, do_sendto4}, {"send", 1, do_send},
    {"receive", 0, do_receive}, {"echo", 0, do_echo},
    {"option", 3, do_option}, {"bytes", 3, do_bytes}, {"tell", 2, do_tell}, {"try", 0, do_try}, {"device", 1, do_device}, {"choose", 1, do_choose},
    {"join", 1, do_join}, {"join-new", 1, do_join_new}, {"join4", 1, do_join4}, {"anycast", 1, do_anycast},
    {"sniff", 0, do_sniff}, {"icmp", 2, do_icmp}, {"packet", 5, do_packet}, {"type", 0, do_type},
    {"say", 1, do_say}, {"wait", 0, do_wait}, {"pause", 0, do_pause}, {"give", 1, do_give},
};

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2) {
        return 2;
    }
    const char *kind = argv[1];
    const char *colon = strchr(kind, ':');
    int kind_size = colon ? colon - kind : strlen(kind);
    if (strncmp(kind, "taken", kind_size) == 0) {
        take(colon + 1);
    } else {
        family = kind[kind_size - 1] == '4' ? AF_INET : AF_INET6;
        int type = kind[0] == 't' ? SOCK_STREAM : kind[0] == 'u' ? SOCK_DGRAM : SOCK_RAW;
        fd = check(socket(family, type, colon ? atoi(colon + 1) : 0), "socket");
    }
    for (char **word = argv + 2; *word != NULL;) {
        size_t i = 0;
        while (i < sizeof uses / sizeof *uses && strcmp(*word, uses[i].name) != 0) {
            i++;
        }
        if (i == sizeof uses / sizeof *uses || argv + argc - word <= uses[i].arguments) {
            fprintf(stderr, "net6: no such use: %s\n", *word);
            return 2;
        }
        uses[i].use(word + 1);
        word += 1 + uses[i].arguments;
    }
    return 0;
}
