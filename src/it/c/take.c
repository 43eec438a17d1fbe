/*
 * Races against what is decided about a call, and nonsense. Says what was had, "nothing", or the errno's name.
 *   take port PORT                  root without CAP_NET_BIND_SERVICE binds another port and changes its number meanwhile
 *   take address ADDRESS OTHER      bind(2) to an address, which is changed to another meanwhile
 *   take descriptor ADDRESS OTHER   likewise, and listen(2), the descriptor being that of one socket or another by turns
 *   take wildcard KIND ADDRESS OWN  bind(2) to ADDRESS and connect(2) to OWN, by a port that another socket takes and gives up by
 *                                   turns, while a thread has the kernel choose a port (KIND tcp or udp)
 *   take connected PORT ADDRESS     connect(2) to ADDRESS, of IPv6, the descriptor being that of one socket or another by turns, of
 *                                   which one has a PORT that the kernel has found for it
 *   take memory                     calls with a name in memory that is there no more
 *   take nonsense SEED SECONDS      calls with arguments by chance
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static union {
    struct sockaddr any;
    struct sockaddr_in in4;
} name;
static atomic_int over;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int drop_capability(int capability) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) < 0) {
        return -1;
    }
    data[0].effective &= ~(1u << capability);
    return syscall(SYS_capset, &header, data);
}

static int port_of(int fd) {
    struct sockaddr_in own = {0};
    socklen_t size = sizeof own;
    getsockname(fd, (struct sockaddr *) &own, &size);
    return ntohs(own.sin_port);
}

static void *flip_port(void *port) {
    while (!over) {
        *(volatile in_port_t *) &name.in4.sin_port = htons(*(int *) port);
        *(volatile in_port_t *) &name.in4.sin_port = htons(8080);
    }
    return NULL;
}

static int take_port(int port) {
    if (drop_capability(CAP_NET_BIND_SERVICE) < 0) {
        return 1;
    }
    name.in4.sin_family = AF_INET;
    pthread_t thread;
    pthread_create(&thread, NULL, flip_port, &port);
    int had = 0;
    for (double end = now() + 1; !had && now() < end;) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        had = bind(fd, &name.any, sizeof name.in4) == 0 && port_of(fd) == port;
        close(fd);
    }
    over = 1;
    pthread_join(thread, NULL);
    printf(had ? "port %d\n" : "nothing\n", port);
    return 0;
}

static unsigned addresses[2];

static void *flip_address(void *unused) {
    for (int i = 0; !over; i++) {
        *(volatile unsigned *) &name.in4.sin_addr.s_addr = addresses[i & 1];
    }
    return NULL;
}

enum {PLACE = 100};
static atomic_int sockets[2];

static void *flip_descriptor(void *unused) {
    for (int i = 0; !over; i++) {
        dup2(sockets[i & 1], PLACE);
        *(volatile unsigned *) &name.in4.sin_addr.s_addr = addresses[i >> 1 & 1];
    }
    return NULL;
}

static int is_bound_to(int fd, unsigned one, unsigned other) {
    struct sockaddr_in own = {0};
    socklen_t size = sizeof own;
    getsockname(fd, (struct sockaddr *) &own, &size);
    return own.sin_port != 0 && (own.sin_addr.s_addr == one || own.sin_addr.s_addr == other);
}

static int take_address(const char *address, const char *other, int swap) {
    name.in4.sin_family = AF_INET;
    addresses[0] = inet_addr(address);
    addresses[1] = inet_addr(other);
    sockets[0] = sockets[1] = 1;
    pthread_t thread;
    pthread_create(&thread, NULL, swap ? flip_descriptor : flip_address, NULL);
    int had = 0;
    for (double end = now() + 1; !had && now() < end;) {
        int fds[2] = {socket(AF_INET, SOCK_STREAM, 0), socket(AF_INET, SOCK_DGRAM, 0)};
        if (swap) {
            sockets[0] = fds[0];
            sockets[1] = fds[1];
        }
        bind(swap ? PLACE : fds[0], &name.any, sizeof name.in4);
        listen(swap ? PLACE : fds[0], 1);
        had = is_bound_to(fds[0], addresses[1], INADDR_ANY) || is_bound_to(fds[1], addresses[1], INADDR_ANY);
        if (swap) {
            sockets[0] = sockets[1] = 1;
        }
        close(fds[0]);
        close(fds[1]);
    }
    over = 1;
    pthread_join(thread, NULL);
    puts(had ? "another address" : "nothing");
    return 0;
}

static atomic_int socket_now = -1, wildcards;
static int kind;
static struct sockaddr_in nobody = {.sin_family = AF_INET};

static void choose_port_from(int fd, unsigned port) {
    unsigned range = port << 16 | port;
    setsockopt(fd, IPPROTO_IP, 51 /* IP_LOCAL_PORT_RANGE */, &range, sizeof range);
}

/* Has the kernel choose a port, by what is not asked for beforehand. */
static void have_port(int fd) {
    if (kind == SOCK_STREAM) {
        listen(fd, 1);
    } else {
        sendto(fd, "", 0, 0, (struct sockaddr *) &nobody, sizeof nobody);
    }
}

static void *take_and_give_up(void *port) {
    while (!over) {
        struct sockaddr_in own = nobody;
        own.sin_port = htons(*(int *) port);
        int fd = socket(AF_INET, kind, 0);
        bind(fd, (struct sockaddr *) &own, sizeof own);
        close(fd);
    }
    return NULL;
}

static int is_wildcard(int fd, int *port) {
    struct sockaddr_in6 own = {0};
    socklen_t size = sizeof own;
    if (getsockname(fd, (struct sockaddr *) &own, &size) < 0) {
        return 0;
    }
    *port = ntohs(own.sin6_port);
    return own.sin6_family == AF_INET ? ((struct sockaddr_in *) &own)->sin_addr.s_addr == INADDR_ANY
        : IN6_IS_ADDR_UNSPECIFIED(&own.sin6_addr);
}

/* With it bind(2) finds no port, and does not fail for want of one. */
static void *have_bind_find_ports(void *unused) {
    int no = 0;
    while (!over) {
        setsockopt(socket_now, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &no, sizeof no);
    }
    return NULL;
}

static void *have_ports(void *unused) {
    int port;
    while (!over) {
        int fd = socket_now;
        if (is_wildcard(fd, &port) && fd == socket_now) {
            choose_port_from(fd, 0);
            have_port(fd);
            wildcards += is_wildcard(fd, &port) && port;
        }
    }
    return NULL;
}

static int take_wildcard(const char *address, const char *destination) {
    static int port = 45000;
    struct sockaddr_in6 wanted = {.sin6_family = AF_INET6};
    socklen_t size = sizeof wanted;
    if (inet_pton(AF_INET6, address, &wanted.sin6_addr) != 1) {
        *(struct sockaddr_in *) &wanted = (struct sockaddr_in) {AF_INET, 0, {inet_addr(address)}, {0}};
        size = sizeof nobody;
    }
    nobody.sin_addr.s_addr = inet_addr(destination);
    nobody.sin_port = htons(9);
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, take_and_give_up, &port);
    pthread_create(&threads[1], NULL, have_ports, NULL);
    pthread_create(&threads[2], NULL, have_bind_find_ports, NULL);
    int done = 0, refused = 0;
    for (double end = now() + 1; !wildcards && now() < end;) {
        int fd = socket(wanted.sin6_family, kind, 0);
        int way = (done + refused) % 3;
        wanted.sin6_port = way ? 0 : htons(port);
        choose_port_from(fd, port);
        socket_now = fd;
        int result = way == 2 ? connect(fd, (struct sockaddr *) &nobody, sizeof nobody)
            : bind(fd, (struct sockaddr *) &wanted, size);
        *(result < 0 ? &refused : &done) += 1;
        socket_now = -1;
        close(fd);
    }
    over = 1;
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    puts(wildcards ? "a port of the wildcard" : done && refused ? "nothing" : "never both done and refused");
    return 0;
}

static int found_port(int fd) {
    struct sockaddr_in6 own = {0};
    socklen_t size = sizeof own;
    getsockname(fd, (struct sockaddr *) &own, &size);
    return ntohs(own.sin6_port);
}

static int take_connected(int port, const char *address) {
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6, .sin6_port = htons(6200)}, there;
    inet_pton(AF_INET6, address, &peer.sin6_addr);
    sockets[0] = sockets[1] = 1;
    pthread_t thread;
    pthread_create(&thread, NULL, flip_descriptor, NULL);
    int had = 0;
    long calls = 0;
    for (double end = now() + 1; !had && now() < end;) {
        int fds[2] = {socket(AF_INET6, SOCK_DGRAM, 0), socket(AF_UNIX, SOCK_DGRAM, 0)};
        sendto(fds[0], "", 0, 0, (struct sockaddr *) &peer, sizeof peer);
        if (found_port(fds[0]) == port) {
            sockets[0] = fds[0];
            sockets[1] = fds[1];
            for (int i = 0; i < 100 && !had && found_port(fds[0]) == port; i++, calls++) {
                connect(PLACE, (struct sockaddr *) &peer, sizeof peer);
                socklen_t size = sizeof there;
                had = getpeername(fds[0], (struct sockaddr *) &there, &size) == 0 && found_port(fds[0]) == port;
            }
            sockets[0] = sockets[1] = 1;
        }
        close(fds[0]);
        close(fds[1]);
    }
    over = 1;
    pthread_join(thread, NULL);
    puts(had ? "a connection" : calls ? "nothing" : "never the port");
    return 0;
}

static void tell(const char *call, long result) {
    printf("%s %s\n", call, result < 0 ? strerrorname_np(errno) : "done");
}

static int take_memory(void) {
    int file = open("/tmp/memory", O_RDWR | O_CREAT | O_TRUNC, 0600);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (ftruncate(file, 4096) < 0) {
        return 1;
    }
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    memset(page, 0, 4096);
    if (ftruncate(file, 0) < 0) {
        return 1;
    }
    tell("bind", bind(fd, (struct sockaddr *) page, 16));
    tell("connect", connect(fd, (struct sockaddr *) page, 16));
    tell("ioctl", ioctl(fd, SIOCGIFCONF, page));
    struct ifconf list = {.ifc_len = 4096, .ifc_buf = page};
    tell("ioctl", ioctl(fd, SIOCGIFCONF, &list));
    return 0;
}

/* seconds of it; the same for the same seed, but for what the kernel gives */
static int take_nonsense(int seed, int seconds) {
    static const int calls[] = {SYS_socket, SYS_bind, SYS_listen, SYS_connect, SYS_ioctl, SYS_socketpair, SYS_sethostname,
        SYS_setdomainname, SYS_chroot, SYS_syslog, SYS__sysctl, SYS_shmctl, SYS_shmget, SYS_mlock, SYS_semctl};
    static const int requests[] = {0x8912, 0x8910, 0x8913, 0x8915, 0x8917, 0x8919, 0x891b, 0x891d, 0x8921, 0x8927, 0x8933,
        0x8942, 0x8970, 0x890b, 0x40086602, 0x401c5820};
    static const int options[][2] = {{1, 2}, {1, 15}, {41, 26}, {0, 24}, {0, 15}, {41, 78}, {6, 30}};
    unsigned char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page + 4096, 4096, PROT_NONE);
    srandom(seed);
    long made = 0;
    for (double end = now() + seconds; now() < end; made++) {
        unsigned char *at = page + 4096 - random() % 160;
        for (int i = 0; at + i < page + 4096; i++) {
            at[i] = random() % 3 ? 0 : random();
        }
        if (at + 2 <= page + 4096 && random() % 5) {
            at[0] = (int[]) {0, AF_INET, AF_INET6, AF_UNIX}[random() % 4];
            at[1] = 0;
            if (at + 8 <= page + 4096 && random() % 2) {
                memcpy(at + 4, (unsigned char[][4]) {{10, 8, 0, 2}, {127, 0, 0, 1}, {0, 0, 0, 0}, {224, 0, 0, 1}}[random() % 4], 4);
            }
        }
        long fd = random() % 40 - 1;
        if (fd >= 3 && random() % 3 == 0) {
            close(fd);
        } else if (random() % 4 == 0) {
            const int *option = options[random() % 7];
            int value = random() % 2;
            setsockopt(fd, option[0], option[1], &value, sizeof value);
        }
        int call = calls[random() % 4 ? random() % 5 : random() % (sizeof calls / sizeof *calls)];
        long where[] = {(long) at, (long) page + 4096, 0, 1, -1, 1L << 62, (long) page + 4090};
        long pointer = where[random() % 10 < 7 ? 0 : random() % 7];
        long size = (long[]) {16, 28, 24, 110, 2, 0, -1, 0x7fffffff, 1L << 40, random() % 200}[random() % 10];
        if (call == SYS_socket) {
            syscall(call, (long[]) {AF_INET, AF_INET6, 16, AF_UNIX, random()}[random() % 5], random() % 6 | (random() % 8 ? 2048 : random()),
                random() % 4 ? 0 : random() % 300);
        } else if (call == SYS_ioctl) {
            syscall(call, fd, random() % 8 ? requests[random() % 16] : random(), pointer);
        } else if (call == SYS_connect || call == SYS_bind) {
            fcntl(fd, F_SETFL, O_NONBLOCK);
            syscall(call, fd, pointer, size);
        } else if (call == SYS_chroot || call == SYS_sethostname || call == SYS_setdomainname || call == SYS_mlock) {
            syscall(call, pointer, size);
        } else if (call == SYS_listen) {
            syscall(call, fd, size);
        } else if (call == SYS_syslog) {
            syscall(call, random() % 12, pointer, size);
        } else {
            syscall(call, random() % 30, random() % 30, random() % 4 ? random() % 30 : pointer, pointer);
        }
    }
    puts(made > 1000 ? "done" : "few calls");
    return 0;
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 3 && strcmp(argv[1], "port") == 0) {
        return take_port(atoi(argv[2]));
    }
    if (argc == 4 && strcmp(argv[1], "connected") == 0) {
        return take_connected(atoi(argv[2]), argv[3]);
    }
    if (argc == 2 && strcmp(argv[1], "memory") == 0) {
        return take_memory();
    }
    if (argc == 4 && (strcmp(argv[1], "address") == 0 || strcmp(argv[1], "descriptor") == 0)) {
        return take_address(argv[2], argv[3], argv[1][0] == 'd');
    }
    if (argc == 5 && strcmp(argv[1], "wildcard") == 0) {
        kind = strcmp(argv[2], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM;
        return take_wildcard(argv[3], argv[4]);
    }
    if (argc == 4 && strcmp(argv[1], "nonsense") == 0) {
        return take_nonsense(atoi(argv[2]), atoi(argv[3]));
    }
    return 2;
}
