/* network ROUNDS SERVER {NAME ADDRESS PEER GOAL COMMAND... \;}...
 *
 * Measures the network where each command puts a program that listens at ADDRESS. A command is to end in this program
 * without arguments: it is told on stdin where to listen, and when to be the client of the server at SERVER, an
 * address of the host. Every round starts each command anew, at ports that no round before has used, since their
 * connections still wait for their time to pass, and has everything measured with each of them, all in a new random
 * order. Prints for each: median, 10th and 90th percentile, and the median of the ratios to PEER, the name of a
 * command, in the same round, with the interval that holds the true one with a confidence of 95 %; at the end, how
 * the ratios compare to GOAL (- for none).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "measuring.h"

enum {
    MOST_COMMANDS = 8,
    SMALL = 64,
    LARGE = 64 * 1024,
    PATIENCE_SECONDS = 10,
    FIRST_PORT = 10000, /* below those that the kernel chooses */
    PORTS = 4, /* for each round */
    MOST_ROUNDS = 5000,
};

struct place {
    struct in_addr address;
    uint16_t port;
};

static double now_seconds(void)
{
    return now_micros() / 1e6;
}

static struct sockaddr_in name_of(struct place place)
{
    struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(place.port), .sin_addr = place.address };
    return name;
}

static int open_socket(int type)
{
    struct timeval patience = { PATIENCE_SECONDS, 0 };
    int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        err(1, "socket");
    return s;
}

static int connect_to(struct place place, int type)
{
    struct sockaddr_in name = name_of(place);
    int s = open_socket(type);
    if (connect(s, (struct sockaddr *)&name, sizeof name) != 0)
        err(1, "connect to %s", inet_ntoa(place.address));
    return s;
}

static void put(int s, const void *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(s, data, size);
        if (n < 0)
            err(1, "write");
        data = (const char *)data + n;
        size -= n;
    }
}

/* Whether there was something before the end of the stream. */
static int get(int s, void *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(s, (char *)data + done, size - done);
        if (n < 0)
            err(1, "read");
        if (n == 0)
            break;
        done += n;
    }
    if (done > 0 && done < size)
        errx(1, "the stream ends too soon");
    return done > 0;
}

static void turn(int s)
{
    char request[SMALL] = { 0 };
    put(s, request, sizeof request);
    if (!get(s, request, sizeof request))
        errx(1, "no answer");
}

/* What is measured: the client's side returns how many a second there were, the server's side serves one connection,
 * or for UDP all there is. A connection ends when the client ends it. */

static void echo(int s)
{
    char request[SMALL];
    while (get(s, request, sizeof request))
        put(s, request, sizeof request);
}

static void echo_packets(int s)
{
    char request[SMALL];
    for (;;) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(s, request, sizeof request, 0, (struct sockaddr *)&from, &length);
        if (n >= 0)
            sendto(s, request, n, 0, (struct sockaddr *)&from, length);
        else if (errno != EAGAIN)
            err(1, "recvfrom");
    }
}

static void drain(int s)
{
    static char data[LARGE];
    uint64_t sum = 0;
    ssize_t n;
    while ((n = read(s, data, sizeof data)) > 0)
        sum += n;
    if (n < 0)
        err(1, "read");
    put(s, &sum, sizeof sum);
}

static double connect_often(struct place server, double times)
{
    double start = now_seconds();
    for (int i = 0; i < times; i++) {
        int s = connect_to(server, SOCK_STREAM);
        turn(s);
        close(s);
    }
    return times / (now_seconds() - start);
}

static double take_turns(int s, double times)
{
    double start = now_seconds();
    for (int i = 0; i < times; i++)
        turn(s);
    double rate = times / (now_seconds() - start);
    close(s);
    return rate;
}

static double keep_connected(struct place server, double times)
{
    return take_turns(connect_to(server, SOCK_STREAM), times);
}

static double exchange_packets(struct place server, double times)
{
    return take_turns(connect_to(server, SOCK_DGRAM), times);
}

/* In MB a second. */
static double fill(struct place server, double seconds)
{
    static const char data[LARGE];
    uint64_t sum;
    int s = connect_to(server, SOCK_STREAM);
    double start = now_seconds();
    while (now_seconds() - start < seconds)
        put(s, data, sizeof data);
    if (shutdown(s, SHUT_WR) != 0 || !get(s, &sum, sizeof sum))
        err(1, "no sum");
    double rate = sum / 1e6 / (now_seconds() - start);
    close(s);
    return rate;
}

static const struct service {
    int type;
    void (*serve)(int s);
} services[PORTS] = {
    { SOCK_STREAM, echo },
    { SOCK_STREAM, echo },
    { SOCK_STREAM, drain },
    { SOCK_DGRAM, echo_packets },
};

static const struct measure {
    const char *name, *unit;
    int port, outwards;
    double (*measure)(struct place server, double amount);
    double amount; /* times, or seconds */
} measures[] = {
    { "a connection for each request", "requests/s", 0, 0, connect_often, 500 },
    { "one connection for all requests", "requests/s", 1, 0, keep_connected, 1500 },
    { "64 KiB writes", "MB/s", 2, 0, fill, 0.2 },
    { "UDP", "requests/s", 3, 0, exchange_packets, 1500 },
    { "to the host, a connection each", "requests/s", 0, 1, connect_often, 500 },
};

enum { MEASURES = sizeof measures / sizeof *measures };

/* Of the numbers that go to the server side, those from 0 on are the measures of which it is the client. */
enum { READY = -1 };

static double measure(const struct measure *m, struct place server)
{
    server.port += m->port;
    m->measure(server, m->amount / 10);
    return m->measure(server, m->amount);
}

/* The server side: a process for each service, all gone with this one. */

static pid_t serve(const struct service *service, struct place place)
{
    struct sockaddr_in name = name_of(place);
    int one = 1, s = open_socket(service->type);
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0)
        err(1, "SO_REUSEADDR");
    if (bind(s, (struct sockaddr *)&name, sizeof name) != 0)
        err(1, "bind %s", inet_ntoa(place.address));
    if (service->type == SOCK_STREAM && listen(s, SOMAXCONN) != 0)
        err(1, "listen");
    pid_t parent = getpid(), pid = fork();
    if (pid != 0) {
        close(s);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        exit(1);
    close(0);
    close(1);
    if (service->type == SOCK_DGRAM)
        service->serve(s);
    for (;;) {
        int connection = accept4(s, NULL, NULL, SOCK_CLOEXEC);
        if (connection >= 0) {
            service->serve(connection);
            close(connection);
        } else if (errno != EAGAIN) {
            err(1, "accept");
        }
    }
}

static void start_services(struct place place, int n, pid_t *pids)
{
    for (int i = 0; i < n; i++, place.port++)
        if ((pids[i] = serve(&services[i], place)) < 0)
            err(1, "fork");
}

static void end_services(int n, const pid_t *pids)
{
    for (int i = 0; i < n; i++) {
        int status;
        kill(pids[i], SIGKILL);
        if (waitpid(pids[i], &status, 0) != pids[i] || !WIFSIGNALED(status))
            errx(1, "a server failed");
    }
}

static int work(void)
{
    struct place here, host;
    pid_t pids[PORTS];
    int which;
    if (!get(0, &here, sizeof here) || !get(0, &host, sizeof host))
        errx(1, "nothing to do");
    setsid(); /* where it has none of its own yet: the scheduler groups processes by their sessions (autogroup) */
    start_services(here, PORTS, pids);
    while (get(0, &which, sizeof which)) {
        double rate = which == READY ? 0 : measure(&measures[which], host);
        put(1, &rate, sizeof rate);
    }
    end_services(PORTS, pids);
    return 0;
}

/* The host's side. */

struct contender {
    char *name;
    struct in_addr address;
    int peer;
    double goal;
    char **argv;
    struct worker worker;
    double *rates[MEASURES];
};

static double ask(const struct contender *c, int which)
{
    double rate;
    if (write(c->worker.to, &which, sizeof which) != sizeof which || read(c->worker.from, &rate, sizeof rate) != sizeof rate)
        errx(1, "%s does not answer", c->name);
    return rate;
}

static void start(struct contender *c, struct place host)
{
    struct place there = { c->address, host.port };
    c->worker = start_worker(c->argv);
    put(c->worker.to, &there, sizeof there);
    put(c->worker.to, &host, sizeof host);
    ask(c, READY); /* it is up now, and will not start while another is measured */
}

static void run(struct contender *contenders, int n, int round, struct in_addr server)
{
    struct place host = { server, FIRST_PORT + round * PORTS };
    int order[MOST_COMMANDS], order_of_measures[MEASURES];
    pid_t pid;
    start_services(host, 1, &pid);
    count_up(order, n);
    count_up(order_of_measures, MEASURES);
    shuffle(order, n);
    for (int i = 0; i < n; i++)
        start(&contenders[order[i]], host);
    usleep(PAUSE_MICROSECONDS);
    shuffle(order_of_measures, MEASURES);
    for (int i = 0; i < MEASURES; i++) {
        int which = order_of_measures[i];
        shuffle(order, n);
        for (int j = 0; j < n; j++) {
            struct contender *c = &contenders[order[j]];
            struct place there = { c->address, host.port };
            c->rates[which][round] = measures[which].outwards ? ask(c, which) : measure(&measures[which], there);
        }
    }
    for (int i = 0; i < n; i++)
        end_worker(contenders[i].worker, contenders[i].name);
    end_services(1, &pid);
}

struct ratio {
    double median, low, high;
};

static struct ratio ratio_of(const double *rates, const double *peers, int rounds)
{
    double ratios[MOST_ROUNDS];
    for (int round = 0; round < rounds; round++)
        ratios[round] = rates[round] / peers[round];
    double *sorted = sorted_copy(ratios, rounds);
    int below = (rounds - 1.96 * sqrt(rounds)) / 2;
    if (below < 0)
        below = 0;
    struct ratio ratio = { sorted[rounds / 2], sorted[below], sorted[rounds - 1 - below] };
    free(sorted);
    return ratio;
}

static void print(const struct contender *contenders, int n, int rounds)
{
    printf("%-22s %9s %9s %9s %8s %15s\n", "", "median", "p10", "p90", "ratio", "95 %");
    for (int m = 0; m < MEASURES; m++) {
        printf("%s, %s\n", measures[m].name, measures[m].unit);
        for (int i = 0; i < n; i++) {
            const struct contender *c = &contenders[i];
            struct spread spread = spread_of(c->rates[m], rounds);
            printf("  %-20s %9.0f %9.0f %9.0f", c->name, spread.median, spread.p10, spread.p90);
            if (c->peer != i) {
                struct ratio ratio = ratio_of(c->rates[m], contenders[c->peer].rates[m], rounds);
                printf(" %7.3fx  %.3f to %.3f", ratio.median, ratio.low, ratio.high);
            }
            printf("\n");
        }
    }
}

static void print_goals(const struct contender *contenders, int n, int rounds)
{
    for (int i = 0; i < n; i++) {
        const struct contender *c = &contenders[i], *peer = &contenders[c->peer];
        if (c->goal == 0)
            continue;
        printf("\n%s: at least %.2f times what %s has\n", c->name, c->goal, peer->name);
        for (int m = 0; m < MEASURES; m++) {
            double ratio = ratio_of(c->rates[m], peer->rates[m], rounds).median;
            printf("  %-32s %.3f: %s\n", measures[m].name, ratio, ratio >= c->goal ? "met" : "not met");
        }
    }
}

static int compare(int argc, char **argv)
{
    struct contender contenders[MOST_COMMANDS] = { 0 };
    struct in_addr server;
    int n = 0, rounds = atoi(argv[1]);
    if (argc < 8 || rounds < 1 || rounds > MOST_ROUNDS || inet_aton(argv[2], &server) == 0)
        errx(2, "usage: network rounds server {name address peer goal command ... ;} ...");
    for (int i = 3; i + 4 < argc && n < MOST_COMMANDS; n++) {
        struct contender *c = &contenders[n];
        c->name = argv[i++];
        if (inet_aton(argv[i++], &c->address) == 0)
            errx(2, "the address of %s is none", c->name);
        for (c->peer = 0; strcmp(contenders[c->peer].name, argv[i]) != 0; c->peer++)
            if (c->peer == n)
                errx(2, "no %s comes before %s", argv[i], c->name);
        c->goal = atof(argv[++i]);
        i++;
        c->argv = take_command(argv, argc, &i, c->name);
        for (int m = 0; m < MEASURES; m++)
            c->rates[m] = calloc(rounds, sizeof(double));
    }
    signal(SIGPIPE, SIG_IGN);

    for (int round = 0; round < rounds; round++) {
        run(contenders, n, round, server);
        usleep(PAUSE_MICROSECONDS);
        tell_round(round, rounds);
    }
    tell_round(rounds, rounds);
    print(contenders, n, rounds);
    print_goals(contenders, n, rounds);
    return 0;
}

int main(int argc, char **argv)
{
    return argc == 1 ? work() : compare(argc, argv);
}
