/* swap A B: has two paths take each other's place, over and over, until it is killed. Says when the first time is done. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 3) {
        return 2;
    }
    for (unsigned long n = 0;; n++) {
        if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) < 0) {
            perror("swap");
            return 1;
        }
        if (n == 0) {
            puts("swapped");
            fflush(stdout);
        }
    }
}
