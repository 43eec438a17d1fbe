/* What the programs that measure have in common: time, samples, random orders, and the programs that they talk to. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* What the kernel puts off (freeing namespaces) is not to burden the next in turn. */
enum { PAUSE_MICROSECONDS = 2000 };

static inline double now_micros(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static inline int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double *sorted_copy(const double *samples, int n)
{
    double *copy = malloc(n * sizeof *copy);
    if (copy == NULL)
        err(1, "malloc");
    memcpy(copy, samples, n * sizeof *copy);
    qsort(copy, n, sizeof *copy, ascending);
    return copy;
}

struct spread {
    double median, p10, p90;
};

static inline struct spread spread_of(const double *samples, int n)
{
    double *sorted = sorted_copy(samples, n);
    struct spread spread = { sorted[n / 2], sorted[n / 10], sorted[n - 1 - n / 10] };
    free(sorted);
    return spread;
}

static inline void shuffle(int *order, int n)
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

static inline void count_up(int *order, int n)
{
    for (int i = 0; i < n; i++)
        order[i] = i;
}

/* The words of a command line from *i up to a ";", after which *i is then. */
static inline char **take_command(char **argv, int argc, int *i, const char *name)
{
    char **command = &argv[*i];
    while (*i < argc && strcmp(argv[*i], ";") != 0)
        ++*i;
    if (*i == argc)
        errx(2, "no ; after %s", name);
    argv[(*i)++] = NULL;
    return command;
}

static inline void tell_round(int round, int rounds)
{
    if (!isatty(2))
        return;
    if (round < rounds)
        fprintf(stderr, "\rround %d of %d ", round + 1, rounds);
    else
        fprintf(stderr, "\r\033[K");
}

/* A program whose stdin and stdout are pipes of this one. */
struct worker {
    pid_t pid;
    int to, from;
};

static inline struct worker start_worker(char **argv)
{
    int to[2], from[2];
    struct worker worker;
    posix_spawn_file_actions_t actions;
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        err(1, "pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    if ((errno = posix_spawn(&worker.pid, argv[0], &actions, NULL, argv, environ)) != 0)
        err(1, "%s", argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    worker.to = to[1];
    worker.from = from[0];
    return worker;
}

static inline void end_worker(struct worker worker, const char *name)
{
    int status;
    close(worker.to);
    close(worker.from);
    if (waitpid(worker.pid, &status, 0) != worker.pid || status != 0)
        errx(1, "%s failed with wait status %#x", name, status);
}
