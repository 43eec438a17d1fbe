/*
 * Runs a command as a caller that gives it something special:
 *
 *   give bytes COMMAND...        an argument and a variable ALL of every byte from 1 to 255, and two empty arguments
 *   give descriptors COMMAND...  files, directories, sockets and pipes open from 3 to 50
 *   give socket DOMAIN TYPE COMMAND...  a new socket as stdin
 *   give pair COMMAND...         one of two connected local sockets as stdin
 *   give nocall NAME COMMAND...  a kernel that has not got one system call
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static char **give_bytes(char **command) {
    static char all[256];
    static char *extended[256];
    for (int i = 0; i < 255; i++) {
        all[i] = i + 1;
    }
    setenv("ALL", all, 1);
    int n = 0;
    while (command[n] != NULL) {
        extended[n] = command[n];
        n++;
    }
    extended[n] = all;
    extended[n + 1] = "";
    extended[n + 2] = "";
    return extended;
}

static void give_descriptors(void) {
    for (int fd = 3; fd <= 50; fd++) {
        int pair[2];
        int from = fd % 4 == 0 ? open("/", O_RDONLY | O_DIRECTORY) : fd % 4 == 1 ? open("/etc/passwd", O_RDONLY)
                : fd % 4 == 2 ? socket(AF_INET, SOCK_STREAM, 0) : pipe(pair) == 0 ? pair[0] : -1;
        if (from != fd && dup2(from, fd) < 0) {
            perror("give");
            exit(2);
        }
    }
}

static const struct { const char *name; int number; } calls[] = {
    {"mount_setattr", SYS_mount_setattr}, {"clone3", SYS_clone3}, {"open_tree", SYS_open_tree},
    {"move_mount", SYS_move_mount}, {"fsopen", SYS_fsopen}, {"seccomp", SYS_seccomp}, {"bpf", SYS_bpf},
    {"close_range", SYS_close_range}, {"pidfd_open", SYS_pidfd_open}, {"memfd_create", SYS_memfd_create},
};

static void withhold(const char *name) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (strcmp(calls[i].name, name) == 0) {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) {
                return;
            }
        }
    }
    perror("give");
    exit(2);
}

int main(int argc, char **argv) {
    char **command = argv + 2;
    if (argc > 2 && strcmp(argv[1], "bytes") == 0) {
        command = give_bytes(command);
    } else if (argc > 2 && strcmp(argv[1], "descriptors") == 0) {
        give_descriptors();
    } else if (argc > 4 && strcmp(argv[1], "socket") == 0) {
        dup2(socket(atoi(argv[2]), atoi(argv[3]), 0), 0);
        command = argv + 4;
    } else if (argc > 2 && strcmp(argv[1], "pair") == 0) {
        int pair[2];
        socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
        dup2(pair[0], 0);
        command = argv + 2;
    } else if (argc > 3 && strcmp(argv[1], "nocall") == 0) {
        withhold(argv[2]);
        command++;
    } else {
        return 2;
    }
    execvp(command[0], command);
    perror("give");
    return 127;
}
