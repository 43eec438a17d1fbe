/*
 * Takes as much as it can get of what the whole machine shares, says how much that was, and keeps it until it is killed.
 *
 *   hog inotify|terminals|wildcards MOST    instances, pseudo-terminals, datagram sockets of all addresses
 *   hog processes|threads MOST
 *   hog locks|asynchronous MOST   locks of files, slots for asynchronous reading and writing
 *   hog segments|queues|semaphores MOST    of System V, the segments of a page each
 *   hog callers HOGS              callers of socket(2) that are never scheduled beside so many busy processes
 *   hog orphans HOGS              so many processes that make orphans, which end at once; init gets what time nobody else wants
 *   hog flood                     ends at once and leaves behind what writes to the terminal for ever
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int inotify(void) {
    return inotify_init();
}

static int terminal(void) {
    return open("/dev/ptmx", O_RDWR | O_NOCTTY);
}

static int wildcard(void) {
    struct sockaddr_in all = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    return fd < 0 ? fd : bind(fd, (struct sockaddr *) &all, sizeof all);
}

static int process(void) {
    int parent = getpid(), pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) { /* which has died before this was asked for */
            _exit(0);
        }
        pause();
    }
    return pid;
}

static void *wait_in_thread(void *nothing) {
    pause();
    return nothing;
}

static int thread(void) {
    pthread_t id;
    return -pthread_create(&id, NULL, wait_in_thread, NULL);
}

static int segment(void) {
    return shmget(IPC_PRIVATE, 4096, 0600);
}

static int queue(void) {
    return msgget(IPC_PRIVATE, 0600);
}

static int semaphore(void) {
    return semget(IPC_PRIVATE, 1, 0600);
}

/* A thousand of each file, for the kernel goes through those before it. */
static int lock(void) {
    enum {IN_A_FILE = 1000};
    static int fd, n;
    if (n++ % IN_A_FILE == 0) {
        char path[] = "/tmp/lock-XXXXXX";
        fd = mkstemp(path);
        unlink(path);
    }
    struct flock one = {.l_type = F_WRLCK, .l_start = n % IN_A_FILE * 2, .l_len = 1};
    return fd < 0 ? fd : fcntl(fd, F_SETLK, &one);
}

static int asynchronous(void) {
    unsigned long context = 0;
    return syscall(SYS_io_setup, 1000, &context);
}

static void take(int (*one)(void), int most) {
    struct rlimit all;
    getrlimit(RLIMIT_NOFILE, &all);
    all.rlim_cur = all.rlim_max;
    setrlimit(RLIMIT_NOFILE, &all);
    int taken = 0;
    while (taken < most && one() >= 0) {
        taken++;
    }
    printf("%d\n", taken);
    fflush(stdout);
    pause();
}

static void starve_callers(int hogs) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first);
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            struct sched_param none = {0};
            sched_setscheduler(0, SCHED_IDLE, &none);
            for (;;) {
                close(socket(AF_INET, SOCK_STREAM, 0));
            }
        }
    }
    for (int i = 0; i < hogs; i++) {
        if (fork() == 0) {
            signal(SIGTERM, SIG_IGN);
            for (;;) {
            }
        }
    }
    printf("%d\n", hogs);
    fflush(stdout);
    pause();
}

static void make_orphans(int hogs) {
    struct sched_param none = {0};
    sched_setscheduler(1, SCHED_IDLE, &none);
    for (int i = 0; i < hogs; i++) {
        if (fork() == 0) {
            for (;;) {
                int parent = fork();
                if (parent == 0) {
                    for (int j = 0; j < 20; j++) {
                        if (fork() == 0) {
                            _exit(0);
                        }
                    }
                    _exit(0);
                }
                waitpid(parent, NULL, 0);
            }
        }
    }
    printf("%d\n", hogs);
    fflush(stdout);
    pause();
}

static void flood(void) {
    signal(SIGHUP, SIG_IGN);
    if (fork() == 0) {
        setsid();
        while (write(1, "all work and no play makes jack a dull boy\n", 43) > 0) {
        }
        _exit(0);
    }
    usleep(200000);
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "inotify") == 0) {
        take(inotify, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "processes") == 0) {
        take(process, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "threads") == 0) {
        take(thread, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "locks") == 0) {
        take(lock, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "asynchronous") == 0) {
        take(asynchronous, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "segments") == 0) {
        take(segment, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "queues") == 0) {
        take(queue, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "semaphores") == 0) {
        take(semaphore, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "terminals") == 0) {
        take(terminal, atoi(argv[2]));
    } else if (strcmp(argv[1], "wildcards") == 0) {
        take(wildcard, atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "callers") == 0) {
        starve_callers(atoi(argv[2]));
    } else if (argc > 2 && strcmp(argv[1], "orphans") == 0) {
        make_orphans(atoi(argv[2]));
    } else if (argc > 1 && strcmp(argv[1], "flood") == 0) {
        flood();
    } else {
        return 2;
    }
    return 0;
}
