/*
 * The host of a test: namespaces and cgroups of its own on the machine, and commands there.
 *   host hold CGROUP ROOT [CGROUP ROOT]... -- [ADDRESS]...
 *                                is the host: each CGROUP in the place of ROOT, the root of its hierarchy, an empty /run, and
 *                                the addresses on lo. It is in CGROUP/host of the first. When it is up it tells of all addresses that there
 *                                are, INTERFACE ADDRESS/BITS, and an empty line, and again for each line "addresses" on stdin; for a
 *                                line "maps" of the BPF maps that the programs of jails' parent cgroups use, NAME ENTRIES
 *   host run CGROUP PID COMMAND [ARGUMENT]...
 *                                becomes a command on the host that PID holds
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/bpf.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void check(long result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "host: %s: %s\n", what, strerror(errno));
        exit(126);
    }
}

static void join_cgroup(const char *cgroup) {
    char path[4096];
    snprintf(path, sizeof path, "%s/host/cgroup.procs", cgroup);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    check(file, path);
    check(write(file, "0", 1), path);
    close(file);
}

static void set_up_loopback(void) {
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    check(fd, "socket");
    check(ioctl(fd, SIOCSIFFLAGS, &lo), "lo");
    close(fd);
}

static void add_address(int netlink, const char *text) {
    struct {
        struct nlmsghdr header;
        struct ifaddrmsg message;
        struct rtattr attribute;
        unsigned char address[16];
    } request = {
        .header = {.nlmsg_type = RTM_NEWADDR, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL},
        .message = {.ifa_family = strchr(text, ':') ? AF_INET6 : AF_INET, .ifa_index = if_nametoindex("lo")},
        .attribute = {.rta_type = IFA_LOCAL},
    };
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char more[128];
    } answer = {0};
    int length = request.message.ifa_family == AF_INET ? 4 : 16;
    request.message.ifa_prefixlen = 8 * length;
    request.attribute.rta_len = RTA_LENGTH(length);
    request.header.nlmsg_len = sizeof request - 16 + length;
    check(inet_pton(request.message.ifa_family, text, request.address) == 1 ? 0 : -1, text);
    check(send(netlink, &request, request.header.nlmsg_len, 0), text);
    check(recv(netlink, &answer, sizeof answer, 0), text);
    errno = -answer.error.error;
    check(answer.error.error, text);
}

/* An address of IPv6 can't be bound to before it is known to be nobody else's. */
static int has_tentative(void) {
    int flags, found = 0;
    FILE *file = fopen("/proc/self/net/if_inet6", "re");
    while (file && fscanf(file, "%*s %*s %*s %*s %x %*s", &flags) == 1) {
        found |= flags & IFA_F_TENTATIVE;
    }
    if (file) {
        fclose(file);
    }
    return found;
}

/* Where an address is in its sockaddr, and its size. */
static int part(struct sockaddr *name, unsigned char **bytes) {
    if (name && name->sa_family == AF_INET) {
        *bytes = (unsigned char *) &((struct sockaddr_in *) name)->sin_addr;
        return 4;
    }
    if (name && name->sa_family == AF_INET6) {
        *bytes = (unsigned char *) &((struct sockaddr_in6 *) name)->sin6_addr;
        return 16;
    }
    return 0;
}

static void tell_addresses(void) {
    struct ifaddrs *all;
    check(getifaddrs(&all), "getifaddrs");
    for (struct ifaddrs *one = all; one; one = one->ifa_next) {
        unsigned char *bytes;
        char text[INET6_ADDRSTRLEN];
        int bits = 0;
        if (part(one->ifa_addr, &bytes)) {
            inet_ntop(one->ifa_addr->sa_family, bytes, text, sizeof text);
            for (int i = part(one->ifa_netmask, &bytes); i > 0; i--) {
                bits += __builtin_popcount(bytes[i - 1]);
            }
            printf("%s %s/%d\n", one->ifa_name, text, bits);
        }
    }
    freeifaddrs(all);
}

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

static void tell_map(unsigned id) {
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
    if (map >= 0 && bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0) {
        char key[256] = {0}, next[256];
        int entries = 0;
        attr = (union bpf_attr) {.map_fd = map, .next_key = (unsigned long) next};
        while (bpf(BPF_MAP_GET_NEXT_KEY, &attr) == 0) {
            entries++;
            memcpy(key, next, sizeof key);
            attr.key = (unsigned long) key;
        }
        printf("%s %d\n", info.name, entries);
    }
    close(map);
}

/* The maps that the programs attached to a cgroup use: NAME ENTRIES. */
static void tell_maps(const char *root, const char *parent) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, parent);
    int cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (unsigned type = 0; cgroup >= 0 && type < LAST_ATTACH_TYPE; type++) {
        unsigned ids[MOST];
        union bpf_attr attr = {.query = {.target_fd = cgroup, .attach_type = type, .prog_ids = (unsigned long) ids,
                .prog_cnt = MOST}};
        if (bpf(BPF_PROG_QUERY, &attr) < 0) {
            continue;
        }
        for (unsigned i = 0; i < attr.query.prog_cnt; i++) {
            unsigned maps[MOST];
            struct bpf_prog_info info = {.nr_map_ids = MOST, .map_ids = (unsigned long) maps};
            int program = by_id(BPF_PROG_GET_FD_BY_ID, ids[i]);
            union bpf_attr of = {.info = {.bpf_fd = program, .info_len = sizeof info, .info = (unsigned long) &info}};
            if (program >= 0 && bpf(BPF_OBJ_GET_INFO_BY_FD, &of) == 0) {
                for (unsigned j = 0; j < info.nr_map_ids; j++) {
                    tell_map(maps[j]);
                }
            }
            close(program);
        }
    }
    close(cgroup);
}

static int hold(char **words) {
    const char *root = words[1];
    join_cgroup(words[0]);
    check(unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS), "unshare");
    check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
    for (; *words && strcmp(*words, "--") != 0; words += 2) {
        check(mount(words[0], words[1], NULL, MS_BIND, NULL), words[0]);
    }
    check(mount("stockade-it", "/run", "tmpfs", 0, NULL), "/run");
    set_up_loopback();
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    check(netlink, "netlink");
    while (*words && *++words) {
        add_address(netlink, *words);
    }
    close(netlink);
    while (has_tentative()) {
        usleep(1000);
    }
    char line[16] = "addresses\n";
    do {
        if (strcmp(line, "addresses\n") == 0) {
            tell_addresses();
        } else {
            count = 0;
            tell_maps(root, "stockade");
            tell_maps(root, "stockade-vnet");
        }
        puts("");
        fflush(stdout);
    } while (fgets(line, sizeof line, stdin));
    return 0;
}

static int run(char **words) {
    join_cgroup(words[0]);
    int host = syscall(SYS_pidfd_open, atoi(words[1]), 0);
    check(host, words[1]);
    check(setns(host, CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS), "setns");
    close(host);
    check(chdir("/"), "/");
    execvp(words[2], words + 2);
    fprintf(stderr, "host: %s: %s\n", words[2], strerror(errno));
    return 127;
}

int main(int argc, char **argv) {
    if (argc >= 5 && strcmp(argv[1], "hold") == 0) {
        return hold(argv + 2);
    }
    if (argc >= 5 && strcmp(argv[1], "run") == 0) {
        return run(argv + 2);
    }
    return 2;
}
