/* measure ROUNDS NAME COMMAND... \; [NAME COMMAND... \;]...
 *
 * Times commands from start until they and all processes they made are gone, every command once a round, in a
 * new random order each round. Prints for each: name, median, 10th and 90th percentile in microseconds.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MOST_COMMANDS = 32, WARM_UP = 5, PAUSE_MICROSECONDS = 2000 };

struct contender {
    char *name;
    char **argv;
    double *micros;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* posix_spawn is CLONE_VFORK | CLONE_VM in both glibc and musl: it costs the same for all, and little. */
static double run(const struct contender *c, const posix_spawn_file_actions_t *quiet)
{
    double start = now();
    pid_t pid, gone;
    int status, first = 0;
    if ((errno = posix_spawn(&pid, c->argv[0], quiet, NULL, c->argv, environ)) != 0)
        err(1, "%s", c->argv[0]);
    /* orphans come to this process (PR_SET_CHILD_SUBREAPER): ECHILD means that all are gone */
    while ((gone = wait(&status)) > 0 || errno == EINTR)
        if (gone == pid)
            first = status;
    double end = now();
    if (first != 0)
        errx(1, "%s failed with wait status %#x", c->name, first);
    return end - start;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void shuffle(int *order, int n)
{
    for (int i = n - 1; i > 0; i--) {
        uint32_t random;
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            err(1, "getrandom");
        int j = random % (i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

int main(int argc, char **argv)
{
    struct contender contenders[MOST_COMMANDS];
    int n = 0, rounds = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 2; i < argc && n < MOST_COMMANDS; n++) {
        contenders[n].name = argv[i++];
        contenders[n].argv = &argv[i];
        while (i < argc && strcmp(argv[i], ";") != 0)
            i++;
        if (i == argc)
            errx(2, "no ; after %s", contenders[n].name);
        argv[i++] = NULL;
        contenders[n].micros = calloc(rounds > 0 ? rounds : 1, sizeof(double));
    }
    if (rounds < 1 || n == 0)
        errx(2, "usage: measure rounds {name command ... ;} ...");

    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);

    int order[MOST_COMMANDS];
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int round = -WARM_UP; round < rounds; round++) {
        shuffle(order, n);
        for (int i = 0; i < n; i++) {
            const struct contender *c = &contenders[order[i]];
            double micros = run(c, &quiet);
            if (round >= 0)
                c->micros[round] = micros;
            /* what the kernel puts off (freeing namespaces) is not to burden the next in turn */
            usleep(PAUSE_MICROSECONDS);
        }
        if (isatty(2))
            fprintf(stderr, "\rround %d of %d ", round < 0 ? 0 : round + 1, rounds);
    }
    if (isatty(2))
        fprintf(stderr, "\r\033[K");
    for (int i = 0; i < n; i++) {
        double *m = contenders[i].micros;
        qsort(m, rounds, sizeof *m, ascending);
        printf("%s\t%.0f\t%.0f\t%.0f\n", contenders[i].name, m[rounds / 2], m[rounds / 10],
               m[rounds - 1 - rounds / 10]);
    }
    return 0;
}
