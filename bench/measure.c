/* measure ROUNDS NAME COMMAND... \; [NAME COMMAND... \;]...
 *
 * Times commands from start until they and all processes they made are gone, every command once a round, in a
 * new random order each round. Prints for each: name, median, 10th and 90th percentile in microseconds.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>

#include "measuring.h"

enum { MOST_COMMANDS = 32, WARM_UP = 5 };

struct contender {
    char *name;
    char **argv;
    double *micros;
};

/* posix_spawn is CLONE_VFORK | CLONE_VM in both glibc and musl: it costs the same for all, and little. */
static double run(const struct contender *c, const posix_spawn_file_actions_t *quiet)
{
    double start = now_micros();
    pid_t pid, gone;
    int status, first = 0;
    if ((errno = posix_spawn(&pid, c->argv[0], quiet, NULL, c->argv, environ)) != 0)
        err(1, "%s", c->argv[0]);
    /* orphans come to this process (PR_SET_CHILD_SUBREAPER): ECHILD means that all are gone */
    while ((gone = wait(&status)) > 0 || errno == EINTR)
        if (gone == pid)
            first = status;
    double end = now_micros();
    if (first != 0)
        errx(1, "%s failed with wait status %#x", c->name, first);
    return end - start;
}

int main(int argc, char **argv)
{
    struct contender contenders[MOST_COMMANDS];
    int n = 0, rounds = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 2; i < argc && n < MOST_COMMANDS; n++) {
        contenders[n].name = argv[i++];
        contenders[n].argv = take_command(argv, argc, &i, contenders[n].name);
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
    count_up(order, n);
    for (int round = -WARM_UP; round < rounds; round++) {
        shuffle(order, n);
        for (int i = 0; i < n; i++) {
            const struct contender *c = &contenders[order[i]];
            double micros = run(c, &quiet);
            if (round >= 0)
                c->micros[round] = micros;
            usleep(PAUSE_MICROSECONDS);
        }
        tell_round(round < 0 ? -1 : round, rounds);
    }
    tell_round(rounds, rounds);
    for (int i = 0; i < n; i++) {
        struct spread micros = spread_of(contenders[i].micros, rounds);
        printf("%s\t%.0f\t%.0f\t%.0f\n", contenders[i].name, micros.median, micros.p10, micros.p90);
    }
    return 0;
}
