/*
 * What sockets say of an interface: "device NAME REQUEST" makes an ioctl, whose number is hexadecimal, with a struct ifreq of
 * that name and prints "done", or the errno's name.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    static unsigned command[64] = {0x3}; // ETHTOOL_GDRVINFO
    struct ifreq request = {.ifr_data = (char *) command};
    strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
    int result = ioctl(socket(AF_INET, SOCK_DGRAM, 0), strtoul(argv[2], NULL, 16), &request);
    puts(result < 0 ? strerrorname_np(errno) : "done");
    return 0;
}
