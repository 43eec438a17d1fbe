/*
 * Runs a command on a terminal of its own: pty ROWS COLUMNS COMMAND... What comes on stdin is typed, what the
 * terminal shows goes to stdout; the terminal's path goes to stderr. The status is the command's.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(int master, const struct winsize *size, char **command) {
    setsid();
    int slave = open(ptsname(master), O_RDWR);
    ioctl(slave, TIOCSCTTY, 0);
    ioctl(slave, TIOCSWINSZ, size);
    close(master);
    for (int fd = 0; fd < 3; fd++) {
        dup2(slave, fd);
    }
    if (slave > 2) {
        close(slave);
    }
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        return 2;
    }
    struct winsize size = {.ws_row = atoi(argv[1]), .ws_col = atoi(argv[2])};
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    grantpt(master);
    unlockpt(master);
    fprintf(stderr, "%s\n", ptsname(master));
    fflush(stderr);
    pid_t child = fork();
    if (child == 0) {
        run(master, &size, argv + 3);
    }
    struct pollfd polled[] = {{.fd = 0, .events = POLLIN}, {.fd = master, .events = POLLIN}};
    char data[4096];
    while (poll(polled, 2, -1) > 0) {
        if (polled[0].revents != 0) {
            ssize_t n = read(0, data, sizeof data);
            if (n <= 0 || write(master, data, n) < 0) {
                polled[0].fd = -1;
            }
        }
        if (polled[1].revents != 0) {
            ssize_t n = read(master, data, sizeof data);
            if (n <= 0 || write(1, data, n) < 0) {
                break; /* nobody has the terminal open any more */
            }
        }
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
