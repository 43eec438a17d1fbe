/* Shows what a process was given: its arguments, environment, descriptors, users. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void print_hex(char **strings) {
    for (; *strings != NULL; strings++) {
        for (unsigned char *c = (unsigned char *) *strings; *c != 0; c++) {
            printf("%02x", *c);
        }
        puts("");
    }
}

static void print_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL) {
        perror("show");
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != dirfd(directory)) {
            printf("%d\n", fd);
        }
    }
}

static void print_users(void) {
    uid_t uid, effective_uid, saved_uid;
    gid_t gid, effective_gid, saved_gid;
    getresuid(&uid, &effective_uid, &saved_uid);
    getresgid(&gid, &effective_gid, &saved_gid);
    printf("uid %u %u %u gid %u %u %u groups", uid, effective_uid, saved_uid, gid, effective_gid, saved_gid);
    gid_t groups[64];
    int n = getgroups(64, groups);
    for (int i = 0; i < n; i++) {
        printf(" %u", groups[i]);
    }
    puts("");
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "arguments") == 0) {
        print_hex(argv + 2);
    } else if (strcmp(what, "environment") == 0) {
        print_hex(environ);
    } else if (strcmp(what, "descriptors") == 0) {
        print_descriptors();
    } else if (strcmp(what, "users") == 0) {
        print_users();
    } else {
        return 2;
    }
    return 0;
}
