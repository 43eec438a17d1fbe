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
    fcntl(master, F_SETFL, O_NONBLOCK);
    struct pollfd polled[] = {{.fd = 0}, {.fd = master}};
    char typed[4096], shown[4096];
    ssize_t from = 0, to = 0;
    while (1) {
        polled[0].events = from == to ? POLLIN : 0;
        polled[1].events = POLLIN | (from < to ? POLLOUT : 0);
        if (poll(polled, 2, -1) < 0) {
            break;
        }
        if (polled[0].events != 0 && polled[0].revents != 0) {
            from = 0;
            to = read(0, typed, sizeof typed);
            if (to <= 0) {
                to = 0;
                polled[0].fd = -1;
            }
        }
        if (polled[1].revents & POLLOUT) {
            ssize_t n = write(master, typed + from, to - from);
            from += n > 0 ? n : 0;
        }
        if (polled[1].revents & (POLLIN | POLLHUP)) {
            ssize_t n = read(master, shown, sizeof shown);
            if (n <= 0 || write(1, shown, n) < 0) {
                break; /* nobody has the terminal open any more */
            }
        }
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
