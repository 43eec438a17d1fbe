/*
 * Tells of the BPF maps that the programs attached to cgroups use: "NAME ENTRIES" for each, without what it has of
 * other cgroups' hierarchies. maps CGROUP...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 64, LAST_ATTACH_TYPE = 60 };

static unsigned seen[MOST];
static int count;

static int bpf(int command, union bpf_attr *attr) {
    return (int) syscall(SYS_bpf, command, attr, sizeof *attr);
}

static int by_id(int command, unsigned id) {
    union bpf_attr attr = {.map_id = id};
    return bpf(command, &attr);
}

static void tell(unsigned id) {
    for (int i = 0; i < count; i++) {
        if (seen[i] == id) {
            return;
        }
    }
    if (count < MOST) {
        seen[count++] = id;
    }
    int map = by_id(BPF_MAP_GET_FD_BY_ID, id);
    struct bpf_map_info info = {0};
    union bpf_attr attr = {.info = {.bpf_fd = map, .info_len = sizeof info, .info = (unsigned long) &info}};
    if (map < 0 || bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0) {
        return;
    }
    char key[256] = {0}, next[256];
    int entries = 0;
    attr = (union bpf_attr) {.map_fd = map, .next_key = (unsigned long) next};
    while (bpf(BPF_MAP_GET_NEXT_KEY, &attr) == 0) {
        entries++;
        memcpy(key, next, sizeof key);
        attr.key = (unsigned long) key;
    }
    printf("%s %d\n", info.name, entries);
    close(map);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        int cgroup = open(argv[i], O_RDONLY | O_DIRECTORY);
        for (unsigned type = 0; cgroup >= 0 && type < LAST_ATTACH_TYPE; type++) {
            unsigned ids[MOST];
            union bpf_attr attr = {.query = {.target_fd = cgroup, .attach_type = type, .prog_ids = (unsigned long) ids,
                    .prog_cnt = MOST}};
            if (bpf(BPF_PROG_QUERY, &attr) < 0) {
                continue;
            }
            for (unsigned j = 0; j < attr.query.prog_cnt; j++) {
                unsigned maps[MOST];
                struct bpf_prog_info info = {.nr_map_ids = MOST, .map_ids = (unsigned long) maps};
                int program = by_id(BPF_PROG_GET_FD_BY_ID, ids[j]);
                union bpf_attr of = {.info = {.bpf_fd = program, .info_len = sizeof info, .info = (unsigned long) &info}};
                if (program >= 0 && bpf(BPF_OBJ_GET_INFO_BY_FD, &of) == 0) {
                    for (unsigned k = 0; k < info.nr_map_ids; k++) {
                        tell(maps[k]);
                    }
                }
                close(program);
            }
        }
        close(cgroup);
    }
    return 0;
}
