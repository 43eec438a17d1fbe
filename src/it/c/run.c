/*
 * Tries to run a program, or to have machine code, in one way, and says how it went: what the program says ("ran", if
 * it is some echo), "done", or the name of the errno.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *arguments[] = {"echo", "ran", NULL};

/* The file by its descriptor. */
static long exec_descriptor(int fd) {
    return fd < 0 ? fd : syscall(SYS_execveat, fd, "", arguments, environ, AT_EMPTY_PATH);
}

/* A copy of a file into another, which is then open for reading only: a file that can be written to is busy. */
static int fill(int fd, const char *from) {
    char path[64];
    int in = open(from, O_RDONLY);
    if (fd < 0 || in < 0) {
        return -1;
    }
    while (sendfile(fd, in, NULL, 1 << 20) > 0) {
    }
    fchmod(fd, 0755);
    sprintf(path, "/proc/self/fd/%d", fd);
    int again = open(path, O_RDONLY);
    close(fd);
    return again;
}

static long try_exec(char **a) {
    return execve(a[0], arguments, environ);
}

static long try_descriptor(char **a) {
    return exec_descriptor(open(a[0], O_RDONLY));
}

static long try_memfd(char **a) {
    return exec_descriptor(fill(memfd_create("memory", 0), a[0]));
}

static long try_unnamed(char **a) {
    return exec_descriptor(fill(open(a[0], O_TMPFILE | O_RDWR, 0755), a[1]));
}

/* loader, program: the program in memory, and the dynamic loader told to run it. */
static long try_memfd_loader(char **a) {
    char path[64];
    int fd = fill(memfd_create("memory", 0), a[1]);
    if (fd < 0) {
        return fd;
    }
    sprintf(path, "/proc/self/fd/%d", fd);
    char *words[] = {a[0], path, "ran", NULL};
    return execve(a[0], words, environ);
}

static long result(void *memory) {
    return memory == MAP_FAILED ? -1 : 0;
}

static long try_map(char **a) {
    int fd = open(a[0], O_RDONLY);
    return fd < 0 ? fd : result(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
}

static long try_map_writable(char **a) {
    int fd = open(a[0], O_RDONLY);
    return fd < 0 ? fd : result(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, fd, 0));
}

static long try_map_later(char **a) {
    int fd = open(a[0], O_RDONLY);
    return fd < 0 ? fd : mprotect(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0), 4096, PROT_READ | PROT_EXEC);
}

static long try_memory(char **a) {
    return result(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static long try_shared_memory(char **a) {
    return result(mmap(NULL, 4096, PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

static long try_memory_later(char **a) {
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(memory, 4096, PROT_READ | PROT_EXEC);
}

static long try_memory_by_key(char **a) {
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return syscall(SYS_pkey_mprotect, memory, 4096, PROT_READ | PROT_EXEC, -1);
}

static long try_stack(char **a) {
    long page = (long) &page & -4096;
    return mprotect((void *) page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN);
}

static long try_personality(char **a) {
    return personality(PER_LINUX | READ_IMPLIES_EXEC);
}

static long try_ask_personality(char **a) {
    return personality(0xffffffff);
}

static long try_shm(char **a) {
    int id = shmget(IPC_PRIVATE, 4096, 0700);
    if (id < 0) {
        return id;
    }
    long r = result(shmat(id, NULL, SHM_EXEC));
    int error = errno;
    shmctl(id, IPC_RMID, NULL);
    errno = error;
    return r;
}

/* A word of the code of a child, which has asked for it. */
static long poke(int request) {
    int pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    long word = ptrace(PTRACE_PEEKTEXT, pid, poke, NULL);
    long r = ptrace(request, pid, poke, word);
    int error = errno;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    errno = error;
    return r;
}

static long try_poke_text(char **a) {
    return poke(PTRACE_POKETEXT);
}

static long try_poke_data(char **a) {
    return poke(PTRACE_POKEDATA);
}

static long try_write(char **a) {
    return open(a[0], O_WRONLY);
}

static long try_rename(char **a) {
    return rename(a[0], a[1]);
}

static long try_exchange(char **a) {
    return renameat2(AT_FDCWD, a[0], AT_FDCWD, a[1], RENAME_EXCHANGE);
}

static long try_link(char **a) {
    return link(a[0], a[1]);
}

static long try_mkdir(char **a) {
    return mkdir(a[0], 0755);
}

static const struct {
    const char *name;
    long (*call)(char **);
} TRIES[] = {
    {"exec", try_exec}, {"descriptor", try_descriptor}, {"memfd", try_memfd}, {"unnamed", try_unnamed},
    {"memfd_loader", try_memfd_loader}, {"map", try_map}, {"map_writable", try_map_writable}, {"map_later", try_map_later},
    {"memory", try_memory}, {"shared_memory", try_shared_memory}, {"memory_later", try_memory_later},
    {"memory_by_key", try_memory_by_key}, {"stack", try_stack}, {"personality", try_personality},
    {"ask_personality", try_ask_personality}, {"shm", try_shm}, {"poke_text", try_poke_text}, {"poke_data", try_poke_data},
    {"write", try_write}, {"rename", try_rename}, {"exchange", try_exchange}, {"link", try_link}, {"mkdir", try_mkdir},
};

int main(int argc, char **argv) {
    for (unsigned i = 0; argc > 1 && i < sizeof TRIES / sizeof *TRIES; i++) {
        if (strcmp(TRIES[i].name, argv[1]) == 0) {
            puts(TRIES[i].call(argv + 2) < 0 ? strerrorname_np(errno) : "done");
            return 0;
        }
    }
    return 2;
}
