/*
 * bind(2) that fails at the last moment, which takes a socket's address away: a port of the wildcard is had by whom the kernel
 * finds one for then. And what else of a socket the one who works on it for others may stumble over.
 *   lose HOW KIND ADDRESS      for a second; KIND is tcp or udp; prints "a port of the wildcard", "nothing", or what never was
 *        listen                another socket of the port listens and does not by turns
 *        chown                 another socket of the port has one user and another by turns
 *        toggle                the socket has a port and has none by turns
 *   lose linger ADDRESS TIME   processes that end while they have a socket changed that lingers for so many seconds; prints how long
 *                              another one waited for a socket at most, in whole seconds
 *   lose unspec PORT           binds to it and the wildcard, with AF_UNSPEC
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_int over, socket_now = -1, had;
static int kind, other;
static union {
    struct sockaddr any;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
} own;
static const struct sockaddr none;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int is_wildcard(int fd, int *port) {
    struct sockaddr_in6 name; /* the port is at the same place in both */
    socklen_t size = sizeof name;
    int told = getsockname(fd, (struct sockaddr *) &name, &size) == 0;
    *port = ntohs(name.sin6_port);
    return told && (name.sin6_family == AF_INET ? ((struct sockaddr_in *) &name)->sin_addr.s_addr == INADDR_ANY
            : IN6_IS_ADDR_UNSPECIFIED(&name.sin6_addr));
}

static void have_port(int fd) {
    if (kind == SOCK_STREAM) {
        listen(fd, 1);
    } else {
        sendto(fd, "", 0, MSG_DONTWAIT, &own.any, sizeof own);
    }
}

static void *have_ports(void *unused) {
    int port;
    while (!over) {
        int fd = socket_now;
        if (is_wildcard(fd, &port) && fd == socket_now) {
            have_port(fd);
            had += is_wildcard(fd, &port) && port;
        }
    }
    return NULL;
}

static void *listen_by_turns(void *unused) {
    while (!over) {
        listen(other, 1);
        connect(other, &none, sizeof none);
    }
    return NULL;
}

static void *own_by_turns(void *unused) {
    while (!over) {
        (void) !fchown(other, 1, -1);
        (void) !fchown(other, 2, -1);
    }
    return NULL;
}

static void *have_port_by_turns(void *unused) {
    while (!over) {
        int fd = socket_now;
        sendto(fd, "", 0, MSG_DONTWAIT, &own.any, sizeof own);
        connect(fd, &none, sizeof none);
    }
    return NULL;
}

static int lose(const char *how) {
    int one = 1, refused = 0;
    int chown = strcmp(how, "chown") == 0, toggle = strcmp(how, "toggle") == 0;
    int option = chown ? SO_REUSEPORT : SO_REUSEADDR;
    own.in4.sin_port = htons(45000);
    other = socket(own.any.sa_family, kind, 0);
    setsockopt(other, SOL_SOCKET, option, &one, sizeof one);
    if (bind(other, &own.any, sizeof own) < 0) {
        perror("bind");
        return 1;
    }
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, have_ports, NULL);
    pthread_create(&threads[1], NULL, toggle ? have_port_by_turns : chown ? own_by_turns : listen_by_turns, NULL);
    for (double end = now() + 1; !had && now() < end;) {
        int fd = socket(own.any.sa_family, kind, 0);
        if (!toggle) {
            setsockopt(fd, SOL_SOCKET, option, &one, sizeof one);
        }
        if (chown) {
            (void) !fchown(fd, 1, -1);
        }
        socket_now = fd;
        refused += bind(fd, &own.any, sizeof own) < 0;
        socket_now = -1;
        close(fd);
    }
    over = 1;
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    puts(had ? "a port of the wildcard" : refused ? "nothing" : "never refused");
    return 0;
}

static void *change(void *fd) {
    for (int one = 1;;) {
        setsockopt(*(int *) fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    }
    return NULL;
}

static void *wait_for_sockets(void *longest) {
    while (!over) {
        double before = now();
        close(socket(AF_INET, SOCK_DGRAM, 0));
        if (now() - before > *(double *) longest) {
            *(double *) longest = now() - before;
        }
    }
    return NULL;
}

static void end_lingering(int seconds, int pause) {
    static char much[1 << 20];
    struct linger linger = {1, seconds};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    pthread_t thread;
    if (connect(fd, &own.any, sizeof own) < 0) {
        _exit(1);
    }
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (write(fd, much, sizeof much) > 0) {
    }
    pthread_create(&thread, NULL, change, &fd);
    usleep(pause);
    _exit(0);
}

static int linger(int seconds) {
    double longest = 0;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    own.in4.sin_port = htons(45001);
    if (bind(listener, &own.any, sizeof own) < 0 || listen(listener, 9) < 0) {
        perror("listen");
        return 1;
    }
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_sockets, &longest);
    for (int i = 0; i < 100 && longest < 1; i++) {
        pid_t child = fork();
        if (child == 0) {
            end_lingering(seconds, 200 + i * 37 % 900);
        }
        accept(listener, NULL, NULL);
        waitpid(child, NULL, 0);
    }
    over = 1;
    pthread_join(thread, NULL);
    printf("%d\n", (int) longest);
    return 0;
}

static int unspec(int port) {
    struct sockaddr_in wildcard = {.sin_family = AF_UNSPEC, .sin_port = htons(port)};
    puts(bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *) &wildcard, sizeof wildcard) < 0 ? strerrorname_np(errno) : "done");
    return 0;
}

static void parse(const char *address) {
    own.any.sa_family = strchr(address, ':') ? AF_INET6 : AF_INET;
    inet_pton(own.any.sa_family, address, own.any.sa_family == AF_INET ? (void *) &own.in4.sin_addr : (void *) &own.in6.sin6_addr);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "unspec") == 0) {
        return unspec(atoi(argv[2]));
    }
    if (argc != 4) {
        return 2;
    }
    if (strcmp(argv[1], "linger") == 0) {
        parse(argv[2]);
        return linger(atoi(argv[3]));
    }
    kind = strcmp(argv[2], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM;
    parse(argv[3]);
    return lose(argv[1]);
}
