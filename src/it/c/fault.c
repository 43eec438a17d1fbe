/*
 * Runs a command of which one process fails at one of its system calls.
 *
 *   fault REPORT count COMMAND...            counts the calls of each process
 *   fault REPORT kill WHO N COMMAND...       kills a process before its Nth call
 *   fault REPORT ERRNO WHO N COMMAND...      has its Nth call fail with an errno, by number, without being made, if it is one
 *                                            that can fail; close(2) is made all the same
 *
 * WHO is a process by its descent: "0" is the command, "0.2" its second child, "0.2.1" the first child of that. Only what
 * Stockade's own program does is counted: a process begins at 1 when it execs that, or is forked by one that runs it.
 * To the file REPORT goes a line for each process, "WHO CALLS NAME"; or one for the call, "CALL ARGUMENTS...", nothing
 * if there was none. It ends with the command, with its status; what lives on then is let go. After 20 seconds all is
 * killed and the status is 124.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 4096, SECONDS = 20, GRACE_MICROSECONDS = 200000 };

struct process {
    pid_t pid;
    int lives;
    char who[64]; /* empty until its parent has told of it */
    int stopped;  /* at its birth, for the same reason */
    int children;
    int ours;     /* runs Stockade's program */
    int calls;
    int failing;  /* its call is skipped */
    char name[32];
};

static struct process processes[MOST];
static int count;
static volatile sig_atomic_t out_of_time;

static void on_alarm(int signal) {
    (void) signal;
    out_of_time = 1;
}

static void die(const char *what) {
    perror(what);
    exit(125);
}

static struct process *find(pid_t pid) {
    for (int i = 0; i < count; i++) {
        if (processes[i].pid == pid && processes[i].lives) {
            return &processes[i];
        }
    }
    if (count == MOST) {
        die("fault: too many processes");
    }
    processes[count] = (struct process) {.pid = pid, .lives = 1};
    return &processes[count++];
}

/* A file of /proc/PID, or what a link there says. */
static void proc(pid_t pid, const char *file, char *text, size_t size, int link) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    ssize_t n = -1;
    if (link) {
        n = readlink(path, text, size - 1);
    } else {
        FILE *f = fopen(path, "r");
        if (f != NULL) {
            n = (ssize_t) fread(text, 1, size - 1, f);
            fclose(f);
        }
    }
    text[n < 0 ? 0 : n] = 0;
    text[strcspn(text, "\n")] = 0;
}

static void look_at_program(struct process *p) {
    char exe[256];
    proc(p->pid, "exe", exe, sizeof exe, 1);
    const char *base = strrchr(exe, '/');
    p->ours = base != NULL && strcmp(base, "/stockade") == 0;
    if (p->ours) {
        p->calls = 0;
    }
}

static void resume(struct process *p, int signal) {
    ptrace(PTRACE_SYSCALL, p->pid, 0, signal); /* ESRCH: it was killed meanwhile, which waitpid will tell */
}

static void report_call(FILE *report, pid_t pid, const struct user_regs_struct *r) {
    unsigned long arguments[] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
    fprintf(report, "%lld", (long long) r->orig_rax);
    for (int i = 0; i < 6; i++) {
        char text[100] = "";
        struct iovec local = {text, sizeof text - 1}, remote = {(void *) arguments[i], sizeof text - 1};
        ssize_t n = arguments[i] > 4096 ? process_vm_readv(pid, &local, 1, &remote, 1, 0) : -1;
        int printable = 0;
        while (printable < n && text[printable] >= ' ' && text[printable] <= '~') {
            printable++;
        }
        if (printable > 1 && text[printable] == 0) {
            fprintf(report, " \"%s\"", text);
        } else {
            fprintf(report, " %lx", arguments[i]);
        }
    }
    fprintf(report, "\n");
    fflush(report);
}

/* What Linux has no failure for, and the C library's own start, before which it can't tell of one. */
static int never_fails(const struct user_regs_struct *r) {
    switch (r->orig_rax) {
    case SYS_arch_prctl: case SYS_set_tid_address: case SYS_umask: case SYS_getpid: case SYS_getppid: case SYS_getuid:
    case SYS_geteuid: case SYS_getgid: case SYS_getegid:
        return 1;
    case SYS_prctl:
        return r->rdi == PR_SET_NAME;
    }
    return 0;
}

static void at_call(struct process *p, FILE *report, const char *what, const char *who, int n) {
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof info, &info) < 0) {
        return;
    }
    struct user_regs_struct r;
    if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        if (p->failing && ptrace(PTRACE_GETREGS, p->pid, 0, &r) == 0) {
            r.rax = -(long) p->failing;
            ptrace(PTRACE_SETREGS, p->pid, 0, &r);
            p->failing = 0;
        }
        return;
    }
    if (!p->ours || info.op == PTRACE_SYSCALL_INFO_NONE) {
        return;
    }
    p->calls++;
    if (who == NULL || p->calls != n || strcmp(p->who, who) != 0 || ptrace(PTRACE_GETREGS, p->pid, 0, &r) < 0) {
        return;
    }
    report_call(report, p->pid, &r);
    if (strcmp(what, "kill") == 0) {
        kill(p->pid, SIGKILL);
    } else if (!never_fails(&r)) {
        p->failing = atoi(what);
        if (r.orig_rax != SYS_close) { /* which closes, whatever it says: close(2) */
            r.orig_rax = SYS_getppid; /* which no filter refuses, and changes nothing */
            ptrace(PTRACE_SETREGS, p->pid, 0, &r);
        }
    }
}

static void at_birth(struct process *parent) {
    unsigned long pid;
    if (ptrace(PTRACE_GETEVENTMSG, parent->pid, 0, &pid) < 0) {
        return;
    }
    struct process *child = find((pid_t) pid);
    snprintf(child->who, sizeof child->who, "%.50s.%d", parent->who, ++parent->children);
    child->ours = parent->ours;
    if (child->stopped) {
        child->stopped = 0;
        resume(child, 0);
    }
}

int main(int argc, char **argv) {
    int counting = argc > 3 && strcmp(argv[2], "count") == 0;
    if (!counting && argc < 6) {
        return 125;
    }
    FILE *report = fopen(argv[1], "we");
    const char *what = argv[2], *who = counting ? NULL : argv[3];
    int n = counting ? 0 : atoi(argv[4]);
    char **command = counting ? argv + 3 : argv + 5;
    int go[2];
    if (report == NULL || pipe2(go, O_CLOEXEC) < 0) {
        die("fault");
    }
    pid_t root = fork();
    if (root == 0) {
        char byte;
        if (read(go[0], &byte, 1) == 1) {
            execvp(command[0], command);
        }
        _exit(127);
    }
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE
            | PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SEIZE, root, 0, options) < 0) {
        die("fault: PTRACE_SEIZE");
    }
    strcpy(find(root)->who, "0");
    /* SEIZE does not stop it: to see its calls it is stopped once */
    ptrace(PTRACE_INTERRUPT, root, 0, 0);
    write(go[1], "", 1);
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval) {.it_value.tv_sec = SECONDS}, NULL);
    int status, result = -1;
    for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0 || (errno == EINTR && !out_of_time);) {
        if (pid < 0) {
            continue;
        }
        struct process *p = find(pid);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            p->lives = 0;
            if (pid == root) {
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
                setitimer(ITIMER_REAL, &(struct itimerval) {.it_value.tv_usec = GRACE_MICROSECONDS}, NULL);
            }
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (signal == (SIGTRAP | 0x80)) {
            if (p->ours) {
                proc(pid, "comm", p->name, sizeof p->name, 0);
            }
            at_call(p, report, what, who, n);
            signal = 0;
        } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
            at_birth(p);
            signal = 0;
        } else if (event == PTRACE_EVENT_EXEC) {
            look_at_program(p);
            signal = 0;
        } else if (event == PTRACE_EVENT_STOP) {
            if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) {
                ptrace(PTRACE_LISTEN, pid, 0, 0);
                continue;
            }
            if (p->who[0] == 0) {
                p->stopped = 1;
                continue;
            }
            signal = 0;
        }
        resume(p, signal);
    }
    for (int i = 0; counting && i < count; i++) {
        if (processes[i].calls > 0) {
            fprintf(report, "%s %d %s\n", processes[i].who, processes[i].calls, processes[i].name);
        }
    }
    fclose(report);
    if (result < 0) {
        for (int i = 0; i < count; i++) {
            if (processes[i].lives) {
                kill(processes[i].pid, SIGKILL);
            }
        }
        return 124;
    }
    return result;
}
