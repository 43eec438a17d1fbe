/* calls ROUNDS NAME COMMAND... \; [NAME COMMAND... \;]...
 *
 * Times system calls where each command makes them. A command is to end in this program without arguments, or with
 * "filtered" for one that lives with a system call filter that allows everything: it then reads from stdin which call
 * to time and writes to stdout what it took. Every round starts each command anew, so
 * that no place in memory favours one for long, and has every call timed by each of them, all in a new random order.
 * Prints for each call and command: median, 10th and 90th percentile in microseconds, and the median of the ratios
 * to the first command in the same round.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "measuring.h"

enum { MOST_COMMANDS = 8, PAGE = 4096 };

/* Each makes its call or pair of calls once and returns the errno of what was refused, or else 0. */

static int number(long result)
{
    return result < 0 ? errno : 0;
}

static int make_getpid(void)
{
    return number(syscall(SYS_getpid));
}

static int make_read(void)
{
    static int zero = -1;
    char byte;
    if (zero < 0)
        zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    return number(read(zero, &byte, 1));
}

static int make_stat(void)
{
    struct stat stat_of_this;
    return number(stat("bin/calls", &stat_of_this));
}

static int make_openat(void)
{
    int file = open("/dev/null", O_RDWR | O_CLOEXEC);
    return number(file) ? errno : number(close(file));
}

static int make_mmap(void)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : number(munmap(page, PAGE));
}

static int make_socket(void)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return number(s) ? errno : number(close(s));
}

static int make_chroot(void)
{
    return number(chroot("/"));
}

static int make_sethostname(void)
{
    static struct utsname names;
    if (names.nodename[0] == 0)
        uname(&names);
    return number(sethostname(names.nodename, strlen(names.nodename)));
}

static int make_shmget(void)
{
    return number(shmget(0x73746f63, PAGE, 0)); /* finds none: nothing is made */
}

static int make_mlock(void)
{
    static char page[PAGE] __attribute__((aligned(PAGE)));
    int locked = number(mlock(page, PAGE)), unlocked = number(munlock(page, PAGE));
    return locked ? locked : unlocked;
}

static const struct call {
    const char *name, *heading;
    int (*make)(void);
    int times;
} calls[] = {
    { "getpid", "not named in the jail's filter", make_getpid, 5000 },
    { "read /dev/zero, 1 byte", NULL, make_read, 5000 },
    { "stat", NULL, make_stat, 2000 },
    { "openat /dev/null + close", NULL, make_openat, 1000 },
    { "mmap + munmap, 1 page", NULL, make_mmap, 1000 },
    { "socket AF_INET + close", "answered by the jail's usher", make_socket, 100 },
    { "chroot /", NULL, make_chroot, 100 },
    { "shmget", NULL, make_shmget, 100 },
    { "mlock + munlock, 1 page", NULL, make_mlock, 100 },
    { "sethostname", NULL, make_sethostname, 10 },
};

enum { CALLS = sizeof calls / sizeof *calls };

struct timing {
    double micros;
    int refusal;
};

static struct timing time_call(const struct call *call, int times)
{
    struct timing timing = { 0 };
    double start = now_micros();
    for (int i = 0; i < times; i++)
        timing.refusal = call->make();
    timing.micros = (now_micros() - start) / times;
    return timing;
}

static void allow_everything(void)
{
    struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
    struct sock_fprog program = { 1, code };
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        err(1, "seccomp");
}

static int work(void)
{
    unsigned char which;
    while (read(0, &which, 1) == 1 && which < CALLS) {
        time_call(&calls[which], calls[which].times / 10);
        struct timing timing = time_call(&calls[which], calls[which].times);
        if (write(1, &timing, sizeof timing) != sizeof timing)
            err(1, "write");
    }
    return 0;
}

struct contender {
    char *name;
    char **argv;
    struct worker worker;
    double *micros[CALLS];
    int refusal[CALLS];
};

static struct timing ask(const struct contender *c, int call)
{
    unsigned char which = call;
    struct timing timing;
    if (write(c->worker.to, &which, 1) != 1 || read(c->worker.from, &timing, sizeof timing) != sizeof timing)
        errx(1, "%s does not answer", c->name);
    return timing;
}

static void run(struct contender *contenders, int n, int round)
{
    int order[MOST_COMMANDS], order_of_calls[CALLS];
    count_up(order, n);
    count_up(order_of_calls, CALLS);
    shuffle(order, n);
    for (int i = 0; i < n; i++) {
        struct contender *c = &contenders[order[i]];
        c->worker = start_worker(c->argv);
        ask(c, 0); /* it is up now, and will not start while another is timed */
    }
    usleep(PAUSE_MICROSECONDS);
    shuffle(order_of_calls, CALLS);
    for (int i = 0; i < CALLS; i++) {
        int call = order_of_calls[i];
        shuffle(order, n);
        for (int j = 0; j < n; j++) {
            struct contender *c = &contenders[order[j]];
            struct timing timing = ask(c, call);
            c->micros[call][round] = timing.micros;
            c->refusal[call] = timing.refusal;
        }
    }
    for (int i = 0; i < n; i++)
        end_worker(contenders[i].worker, contenders[i].name);
}

static void print(const struct contender *contenders, int n, int rounds)
{
    double *ratios = malloc(rounds * sizeof *ratios);
    printf("%-27s%-16s %8s %8s %8s %9s\n", "", "", "median", "p10", "p90", "ratio");
    for (int call = 0; call < CALLS; call++) {
        if (calls[call].heading)
            printf("%s\n", calls[call].heading);
        for (int i = 0; i < n; i++) {
            const double *micros = contenders[i].micros[call];
            struct spread spread = spread_of(micros, rounds);
            for (int round = 0; round < rounds; round++)
                ratios[round] = micros[round] / contenders[0].micros[call][round];
            printf("  %-25s%-16s %8.3f %8.3f %8.3f %8.3fx", i == 0 ? calls[call].name : "", contenders[i].name,
                   spread.median, spread.p10, spread.p90, spread_of(ratios, rounds).median);
            if (contenders[i].refusal[call])
                printf("  %s", strerror(contenders[i].refusal[call]));
            printf("\n");
        }
    }
    free(ratios);
}

static int compare(int argc, char **argv)
{
    struct contender contenders[MOST_COMMANDS] = { 0 };
    int n = 0, rounds = atoi(argv[1]);
    for (int i = 2; i < argc && n < MOST_COMMANDS; n++) {
        contenders[n].name = argv[i++];
        contenders[n].argv = take_command(argv, argc, &i, contenders[n].name);
        for (int call = 0; call < CALLS; call++)
            contenders[n].micros[call] = calloc(rounds > 0 ? rounds : 1, sizeof(double));
    }
    if (rounds < 1 || n == 0)
        errx(2, "usage: calls rounds {name command ... ;} ...");
    signal(SIGPIPE, SIG_IGN);

    for (int round = 0; round < rounds; round++) {
        run(contenders, n, round);
        usleep(PAUSE_MICROSECONDS);
        tell_round(round, rounds);
    }
    tell_round(rounds, rounds);
    print(contenders, n, rounds);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "filtered") == 0)
        allow_everything();
    else if (argc != 1)
        return compare(argc, argv);
    return work();
}
